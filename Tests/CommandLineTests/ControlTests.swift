import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Ways to have a winner applied, or a word taken for a person's, that nobody gave leave for. Each is tried
/// through the command line on a lineage that holds winners; none works, and the log tells of each.
@Suite struct ApplicationControlTests {
  private let sample: SampleLineage
  private let desk: ControlDesk

  init() throws {
    sample = try SampleLineage()
    desk = try ControlDesk(sample.project)
  }

  private var scale: Digest {
    get throws { try #require(Digest(hex: sample.scale)) }
  }

  private func word(_ granted: Bool, on subject: Digest? = nil) throws -> Approval {
    Approval(subject: try subject ?? scale, granted: granted, by: "root")
  }

  /// Expects that `apply` is refused, that the log says so once, and that nothing has changed.
  private func expectRefusal(
    says words: String, status: Int32 = 1, in folder: String = "",
    at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let (count, scale) = (try desk.refusals().count, try self.scale)
    let run = try desk.tool(in: folder)("apply", sample.scale)
    expectOneLine(run, status: status, says: [words], at: location)
    let refusals = try desk.refusals()
    #expect(refusals.count == count + 1, sourceLocation: location)
    #expect(refusals.last?.subject == scale, sourceLocation: location)
    #expect(refusals.last?.by.isEmpty == false, sourceLocation: location)
    #expect(try desk.isUntouched, sourceLocation: location)
    #expect(try desk.tool()("lineage", "verify").status == 0, sourceLocation: location)
  }

  @Test(arguments: ["L0", "L1"])
  func belowL2NothingIsApplied(level: String) throws {
    try sample.project.write("level: \(level)\n", to: ".ratchet.yml")
    try expectRefusal(says: "needs level L2")
    let refused = try #require(try desk.refusals().last)
    #expect(refused.needed == .applyApproved)
    #expect(refused.allowed == AutonomyLevel(level))
    #expect(refused.origin == sample.project.path + "/.ratchet.yml")
    #expect(try desk.tool()("apply", "--all").status == 1)
    #expect(try desk.refusals().count == 3, "one for each winner")
    #expect(try desk.isUntouched)
  }

  @Test func aPersonsOwnFileBindsEveryProject() throws {
    try desk.configure("level: L1\n")
    try sample.project.write("level: L4\n", to: ".ratchet.yml")
    try expectRefusal(says: "config/ratchet/config.yml allows L1")
  }

  @Test func aNearerFileRaisesNothing() throws {
    try sample.project.write("level: L1\n", to: ".ratchet.yml")
    try sample.project.write("level: L4\n", to: "src/.ratchet.yml")
    try expectRefusal(says: "needs level L2")
    try sample.project.write("level: L3\n", to: ".ratchet.yml")
    try sample.project.write("level: L0\n", to: "src/.ratchet.yml")
    try expectRefusal(says: "src/.ratchet.yml allows L0")
  }

  @Test(arguments: ["RATCHET_LEVEL", "RATCHET_MAXIMUM_LEVEL", "RATCHET_APPROVE", "RATCHET_APPLY"])
  func noVariableRaisesTheLevel(name: String) throws {
    try sample.project.write("level: L1\n", to: ".ratchet.yml")
    var tool = desk.tool()
    tool.environment[name] = "L4"
    tool.environment["HOME"] = sample.project.path
    try sample.project.write("level: L4\n", to: ".config/ratchet/config.yml")
    #expect(try tool("apply", sample.scale).status == 1)
    #expect(try desk.refusals().count == 1)
    #expect(try desk.isUntouched)
  }

  @Test func aConfigurationThatIsALinkStopsEverything() throws {
    let place = sample.project.path + "/.ratchet.yml"
    let other = try desk.home.write("level: L4\n", to: "level.yml")
    for target in ["/nowhere/at/all", other] {
      try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: target)
      expectOneLine(
        try desk.tool()("apply", sample.scale), status: 2, says: [".ratchet.yml", "no plain file"])
      try FileManager.default.removeItem(atPath: place)
    }
    #expect(try desk.isUntouched)
  }

  @Test func atL2NothingIsAppliedUnapproved() throws {
    try sample.project.write("level: L2\n", to: ".ratchet.yml")
    try expectRefusal(says: "nobody has approved it")
    #expect(try desk.refusals().last?.needed == .apply)
  }

  /// A lineage that comes with a project may hold any approval.
  @Test func anApprovalThatThisAccountDidNotTypeIsNone() throws {
    try sample.project.write("level: L2\n", to: ".ratchet.yml")
    try desk.forge(.approval(word(true)))
    try expectRefusal(says: "was not typed by this account")
  }

  @Test func anUnsignedApprovalIsNoneWhereKeysAreConfigured() throws {
    let ada = try desk.key("ada")
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    try desk.forge(.approval(word(true)))
    try expectRefusal(says: "is not signed")
  }

  @Test func aStrangersSignatureIsNone() throws {
    let (ada, eve) = (try desk.key("ada"), try desk.key("eve"))
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    try desk.forge(.approval(try eve.key.sign(word(true), after: try desk.lineage().head)))
    try expectRefusal(says: "no signature that is accepted")
  }

  @Test func anotherWinnersApprovalIsNone() throws {
    let ada = try desk.key("ada")
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    let total = try #require(Digest(hex: sample.total))
    let signed = try ada.key.sign(word(true, on: total), after: try desk.lineage().head)
    try desk.forge(.approval(signed))
    try expectRefusal(says: "nobody has approved it")
    var moved = signed
    moved.subject = try scale
    try desk.forge(.approval(moved))
    try expectRefusal(says: "no signature that is accepted")
  }

  @Test func aWordThatWasTakenBackIsNotSaidAgainByCopyingIt() throws {
    let ada = try desk.key("ada")
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    let yes = try desk.tool()("approve", sample.scale, "--key", ada.file, "--answer", "yes")
    #expect(yes.status == 0, "\(yes.errors)")
    let first = try #require(try desk.lineage().entries.last)
    let no = try desk.tool()("approve", sample.scale, "--key", ada.file, "--answer", "no")
    #expect(no.status == 1)
    try expectRefusal(says: "has declined it")
    try desk.forge(first.entry.content)
    try expectRefusal(says: "no signature that is accepted")
  }

  @Test func aSignedWordOpensL2ForItsWinnerAlone() throws {
    let ada = try desk.key("ada")
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    let run = try desk.tool()("approve", sample.scale, "--key", ada.file, "--answer", "yes")
    #expect(run.status == 0, "\(run.errors)")
    let (weak, strong) = (
      try #require(run.output.range(of: "L2 Differential")),
      try #require(run.output.range(of: "L0 Form"))
    )
    #expect(weak.lowerBound < strong.lowerBound)
    #expect(run.output.contains("approved by ada"))
    #expect(try desk.tool()("apply", sample.total).status == 1)
    #expect(try desk.tool()("apply", sample.scale).status == 0)
    #expect(
      String(decoding: try sample.project.read("src/loops.c"), as: UTF8.self)
        == SampleLineage.scaled)
  }

  @Test func aDeclinedWinnerIsNotAppliedAtL3() throws {
    try desk.forge(.approval(word(false)))
    try expectRefusal(says: "a person has declined it")
  }

  @Test func offATerminalAWordNeedsAConfiguredKey() throws {
    let (ada, eve) = (try desk.key("ada"), try desk.key("eve"))
    func expect(_ arguments: [String], _ words: String) throws {
      let run = try desk.tool().run(["approve", sample.scale] + arguments)
      expectOneLine(run, status: 2, says: [words])
    }
    try expect([], "in a terminal")
    try expect(["--key", ada.file, "--answer", "yes"], "no keys are configured")
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    try expect([], "the word is not signed")
    try expect(["--key", eve.file, "--answer", "yes"], "none of those that are configured")
    #expect(try desk.refusals().count == 4)
    #expect(try desk.tool()("approve", sample.scale, "--key", ada.file).errors.contains("--answer"))
    #expect(try desk.tool()("approve", sample.scale, "--answer", "yes").status == 64)
    let kinds = try desk.lineage().entries.map(\.entry.content.kind)
    #expect(!kinds.contains("approval"))
  }

  /// The word was on a text; another text is not covered by it.
  @Test func anApprovalOfAnOlderTextAppliesToThatTextAlone() throws {
    let ada = try desk.key("ada")
    try sample.project.write("level: L2\napprovers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    _ = try desk.tool()("approve", sample.scale, "--key", ada.file, "--answer", "yes")
    try sample.project.write(SampleLineage.original + "// newer\n", to: "src/loops.c")
    expectOneLine(
      try desk.tool()("apply", sample.scale), status: 1, says: ["the file has changed"])
    #expect(
      String(decoding: try sample.project.read("src/loops.c"), as: UTF8.self)
        == SampleLineage.original + "// newer\n")
  }

  @Test func aTextThatWasSwappedInTheStoreIsNotApplied() throws {
    guard case .winner(let winner)? = try desk.lineage()[scale]?.entry.content else { return }
    let hex = winner.newSource.hex
    let object = "objects/\(hex.prefix(2))/\(hex.dropFirst(2))"
    try sample.project.write("int evil;\n", to: ".ratchet/" + object)
    expectOneLine(try desk.tool()("apply", sample.scale), status: 2, says: ["is damaged"])
    #expect(try desk.isUntouched)
  }

  @Test func anEditedApprovalBreaksTheLog() throws {
    try sample.project.write("level: L2\n", to: ".ratchet.yml")
    try desk.forge(.approval(word(false)))
    let log = sample.project.url.appendingPathComponent(".ratchet/lineage.jsonl")
    let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    try Data(text.replacing("\"granted\":false", with: "\"granted\":true").utf8).write(to: log)
    expectOneLine(try desk.tool()("apply", sample.scale), status: 4, says: ["lineage.jsonl:"])
    #expect(try desk.isUntouched)
  }

  @Test func aLinkThatLeadsOutOfTheProjectIsNotFollowed() throws {
    let outside = try desk.home.write(SampleLineage.original, to: "mine.c")
    let file = sample.project.url.appendingPathComponent("src/loops.c").path
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: outside)
    let run = try desk.tool()("apply", sample.scale)
    expectOneLine(run, status: 1, says: ["lies outside the project"])
    #expect(try desk.refusals().count == 1)
    #expect(String(decoding: try desk.home.read("mine.c"), as: UTF8.self) == SampleLineage.original)
  }

  @Test func aHardLinkLeavesTheOtherNameAlone() throws {
    let outside = try desk.home.write(SampleLineage.original, to: "mine.c")
    let file = sample.project.url.appendingPathComponent("src/loops.c").path
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.linkItem(atPath: outside, toPath: file)
    #expect(try desk.tool()("apply", sample.scale).status == 0)
    #expect(String(decoding: try desk.home.read("mine.c"), as: UTF8.self) == SampleLineage.original)
  }

  @Test func aNameInThePlantedLogThatLeadsOutIsNotFollowed() throws {
    guard case .winner(var winner)? = try desk.lineage()[scale]?.entry.content else { return }
    let victim = try desk.home.write(SampleLineage.original, to: "mine.c")
    for name in ["../\(desk.home.url.lastPathComponent)/mine.c", victim] {
      winner.kernel.file = name
      let planted = try #require(try desk.forge(.winner(winner)).last)
      let run = try desk.tool()("apply", planted.id.hex)
      #expect([1, 2].contains(run.status), "\(run.errors)")
    }
    #expect(try !desk.refusals().isEmpty)
    #expect(String(decoding: try desk.home.read("mine.c"), as: UTF8.self) == SampleLineage.original)
  }

  /// A planted log that names another project of the person's as its root.
  @Test func theRootThatALogNamesIsNotWrittenTo() throws {
    guard case .winner(let winner)? = try desk.lineage()[scale]?.entry.content else { return }
    let other = try ProjectFolder()
    try other.write(SampleLineage.original, to: "src/loops.c")
    try FileManager.default.removeItem(atPath: sample.project.path + "/src/loops.c")
    guard case .campaignStarted(var started)? = try desk.lineage().entries.first?.entry.content
    else { return }
    started.settings["root"] = other.path
    let writer = try LineageWriter(desk.state(), command: "forger")
    try writer.append(.campaignStarted(started), campaign: "deadbeef")
    let planted = try writer.append(.winner(winner), campaign: "deadbeef")
    writer.close()
    expectOneLine(
      try desk.tool()("apply", planted.id.hex), status: 1, says: ["lies in another project"])
    #expect(try desk.refusals().count == 1)
    #expect(
      String(decoding: try other.read("src/loops.c"), as: UTF8.self) == SampleLineage.original)
  }

  @Test func whatIsQuarantinedIsNoWinnerByAnybodysWord() throws {
    guard case .winner(let winner)? = try desk.lineage()[scale]?.entry.content else { return }
    let measurement = try #require(winner.measurements.first)
    let held = try #require(
      try desk.forge(
        .quarantined(
          Quarantined(
            kernel: winner.kernel, recipe: winner.recipe, proposal: winner.proposal,
            source: winner.newSource, measurement: measurement, reason: "faster than the machine")),
        campaign: "c0ffee00"
      ).last)
    expectOneLine(try desk.tool()("approve", held.id.hex), status: 1, says: ["quarantined"])
    expectOneLine(try desk.tool()("apply", held.id.hex), status: 1, says: ["quarantined"])
    // Nor is a winner of the same text.
    try expectRefusal(says: "is quarantined by entry")
    #expect(try desk.refusals().count == 3)
    let log = try desk.tool()("lineage", "log", "--outcome", "quarantined")
    #expect(log.output.contains("faster than the machine"))
    #expect(try desk.tool()("report").output.contains("quarantined"))
  }

  @Test func noMoreChangesAreAcceptedInADayThanAreAllowed() throws {
    try sample.project.write("ceilings: {accepted: 1}\n", to: ".ratchet.yml")
    try sample.project.write("ceilings: {accepted: 99}\n", to: "src/.ratchet.yml")
    let run = try desk.tool()("apply", "--all")
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.errors.contains("ceiling on accepted changes"))
    let kinds = try desk.lineage().entries.map(\.entry.content.kind)
    #expect(kinds.count { $0 == "applied" } == 1)
    #expect(try desk.refusals().count == 1)
    // Taking it out again makes no room: what counts is what was accepted.
    #expect(try desk.tool()("revert", "--all").status == 0)
    #expect(try desk.tool()("apply", sample.total).status == 3)
    #expect(try desk.isUntouched)
  }

  @Test func processesSideBySideAcceptNoMoreThanOne() throws {
    try sample.project.write("ceilings: {accepted: 1}\n", to: ".ratchet.yml")
    let ids = [sample.scale, sample.total, sample.scale, sample.total]
    let running = try ids.map { try desk.tool().start(["apply", $0]) }
    let runs = try running.map { try $0.finish() }
    #expect(runs.count { $0.status == 0 } <= 1)
    let applied = try desk.lineage().entries.count { $0.entry.content.kind == "applied" }
    #expect(applied == 1)
    #expect(try desk.tool()("lineage", "verify").status == 0)
  }

  @Test func aTrippedWireWaitsForAPersonsKey() throws {
    let ada = try desk.key("ada")
    try sample.project.write("approvers: {ada: \(ada.text)}\n", to: ".ratchet.yml")
    let generations = try desk.forge(
      .generationEnded(
        GenerationEnded(
          number: 1, level: .selfChange, improvement: 0.1, cpuHours: 1, product: .zero)
      ),
      .generationEnded(
        GenerationEnded(
          number: 2, level: .selfChange, improvement: 0.5, cpuHours: 1, product: .zero)
      ))
    let pause = try #require(
      try desk.forge(
        .tripwirePaused(
          TripwirePaused(
            generation: generations[1].id, number: 2, earlier: generations[0].id, earlierRate: 0.1,
            rate: 0.5))
      ).last)
    expectOneLine(try desk.tool()("approve", pause.id.hex), status: 2, says: ["not signed"])
    let run = try desk.tool()("approve", pause.id.hex, "--key", ada.file, "--answer", "yes")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("generation 2 tripped the wire"))
    let lineage = try desk.lineage()
    let rule = ApprovalRule(.keys([try ada.key.publicKey: "ada"]))
    #expect(Tripwire(lineage).open(in: lineage, by: rule).isEmpty)
  }
}
