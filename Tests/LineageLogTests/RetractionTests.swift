import ExperimentRecords
import LineageLog
import SystemPackage
import Testing

/// Two kernels in one file, with a wrong winner of one, what descends from it, and right ones.
struct PlantedWinners {
  static let base =
    "void f(void) {\n  one();\n}\n\nvoid apart(void) {\n}\n\nvoid g(void) {\n  two();\n}\n"
  static let right = base.replacing("one();", with: "one(), 0;")
  static let wrong = base.replacing("one();", with: "none();")
  static let further = base.replacing("one();", with: "none(), 0;")
  static let onWrong = wrong.replacing("two();", with: "two(), 0;")
  static let other = base.replacing("two();", with: "0, two();")

  static let f = KernelName(file: "a.c", function: "f")
  static let g = KernelName(file: "a.c", function: "g")

  let writer: LineageWriter
  let right: Digest
  let wrong: Digest
  /// Derived from the proposal of the wrong one.
  let heir: Digest
  /// Another kernel's, whose base is the wrong text.
  let resting: Digest
  /// Another kernel's, which has nothing to do with the wrong one.
  let apart: Digest
  /// The proposal of the wrong one.
  let proposal: Digest

  init(_ state: StateDirectory) throws {
    writer = try LineageWriter(state, command: "test")
    let first = try Self.baseline(Self.f, Self.base, writer)
    (right, _) = try Self.winner(Self.f, Self.base, Self.right, first, writer)
    (wrong, proposal) = try Self.winner(Self.f, Self.base, Self.wrong, first, writer)
    (heir, _) = try Self.winner(Self.f, Self.base, Self.further, proposal, writer)
    let clean = try Self.baseline(Self.g, Self.base, writer)
    (apart, _) = try Self.winner(Self.g, Self.base, Self.other, clean, writer)
    let held = try Self.baseline(Self.g, Self.wrong, writer)
    (resting, _) = try Self.winner(Self.g, Self.wrong, Self.onWrong, held, writer)
  }

  private static func baseline(
    _ kernel: KernelName, _ text: String, _ writer: LineageWriter
  ) throws -> Digest {
    let source = try writer.objects.put(Array(text.utf8))
    return try writer.append(
      .baseline(
        Baseline(kernel: kernel, source: source, contract: "", contractOrigin: "inferred"))
    ).id
  }

  private static func winner(
    _ kernel: KernelName, _ base: String, _ text: String, _ parent: Digest,
    _ writer: LineageWriter
  ) throws -> (winner: Digest, proposal: Digest) {
    let new = try writer.objects.put(Array(text.utf8))
    let proposal = try writer.append(
      .proposal(
        Proposal(
          kernel: kernel, recipe: Recipe([]), parent: parent, outcome: .winner, source: new))
    ).id
    let winner = Winner(
      kernel: kernel, recipe: Recipe([]), proposal: proposal,
      baseSource: try writer.objects.put(Array(base.utf8)), newSource: new, verdict: .bounded,
      measurements: [])
    return (try writer.append(.winner(winner)).id, proposal)
  }

  static func judgement(
    _ winner: Digest, _ standing: Rejudged.Standing, by program: Digest? = .zero
  ) -> LineageEntry.Content {
    .rejudged(
      Rejudged(
        winner: winner, kernel: f, standing: standing, reason: "because", verdict: .refuted,
        required: .bounded, judge: JudgeIdentity(tool: "test", program: program)))
  }
}

/// What becomes of winners that a later judgement condemns or doubts.
@Suite struct RetractionTests {
  private let scratch: Scratch
  private let planted: PlantedWinners

  init() throws {
    scratch = try Scratch()
    planted = try PlantedWinners(scratch.state())
    try scratch.write(PlantedWinners.base, to: "a.c")
  }

  private var lineage: Lineage { planted.writer.lineage }
  private var changes: PatchApplication { PatchApplication(planted.writer, root: scratch.path) }

  private func condemn() throws {
    try planted.writer.append(PlantedWinners.judgement(planted.wrong, .refuted))
  }

  @Test func aCondemnedWinnerIsRetractedWithAllThatDescendsFromIt() throws {
    #expect(lineage.latestWinners[PlantedWinners.f]?.id == planted.heir)
    #expect(lineage.latestWinners[PlantedWinners.g]?.id == planted.resting)
    try condemn()
    let expected: Set = [planted.wrong, planted.heir, planted.resting]
    // Before any retraction is written it holds already.
    #expect(Set(lineage.standings.retractions.keys) == expected)
    #expect(lineage.standings.pending.map(\.winner).last == planted.wrong)
    let stored = try planted.writer.recordRetractions()
    #expect(stored.count == 3)
    #expect(Set(lineage.standings.retractions.keys) == expected)
    #expect(lineage.standings.pending.isEmpty)
    #expect(lineage.standings.proposals.contains(planted.proposal))
    #expect(lineage.standings.retractions[planted.wrong]?.reason == "because")
    #expect(
      lineage.standings.retractions[planted.heir]?.reason
        == "it is derived from '\(planted.wrong.short)', which is retracted")
    #expect(
      lineage.standings.retractions[planted.resting]?.reason
        == "it rests on the text of '\(planted.wrong.short)', which is retracted")
    #expect(try planted.writer.recordRetractions().isEmpty)
    // The next best of each kernel is what counts.
    #expect(lineage.latestWinners[PlantedWinners.f]?.id == planted.right)
    #expect(lineage.latestWinners[PlantedWinners.g]?.id == planted.apart)
  }

  @Test(arguments: 0...3)
  func anInterruptedRetractionIsCompletedByTheNextWriter(_ written: Int) throws {
    try condemn()
    for retracted in lineage.standings.pending.prefix(written) {
      try planted.writer.append(.retracted(retracted))
    }
    planted.writer.close()
    let writer = try LineageWriter(scratch.state(), command: "test")
    #expect(writer.lineage.standings.retractions.count == 3)
    #expect(try writer.recordRetractions().count == 3 - written)
    let all = writer.lineage.entries.filter { $0.entry.content.kind == "retracted" }
    #expect(all.count == 3)
    #expect(writer.lineage.standings.pending.isEmpty)
    #expect(try Lineage.verify(scratch.state()).defect == nil)
  }

  @Test func aFileWithTheWinnerInItPassesItOnToWhatRestsOnThat() throws {
    try changes.apply(planted.wrong)
    try changes.apply(planted.apart)
    let held = try scratch.bytes(of: scratch.path.appending("a.c"))
    let digest = try planted.writer.objects.put(held)
    let later = try planted.writer.append(
      .winner(
        Winner(
          kernel: PlantedWinners.g, recipe: Recipe([]), proposal: .zero, baseSource: digest,
          newSource: try planted.writer.objects.put(held + [10]), verdict: .tested,
          measurements: [])))
    // What is taken out again is in no text any more.
    try changes.revert(planted.wrong)
    let clean = try scratch.bytes(of: scratch.path.appending("a.c"))
    let sound = try planted.writer.append(
      .winner(
        Winner(
          kernel: PlantedWinners.g, recipe: Recipe([]), proposal: .zero,
          baseSource: try planted.writer.objects.put(clean),
          newSource: try planted.writer.objects.put(clean + [10]), verdict: .tested,
          measurements: [])))
    try condemn()
    #expect(lineage.standings.retractions[later.id] != nil)
    #expect(lineage.standings.retractions[sound.id] == nil)
  }

  @Test func aRetractedWinnerIsNotAppliedAndAnAppliedOneIsReverted() throws {
    try changes.apply(planted.wrong)
    try condemn()
    try planted.writer.recordRetractions()
    #expect(throws: LineageError.self) { try changes.apply(planted.heir) }
    try changes.revert(planted.wrong)
    #expect(try scratch.text(of: "a.c") == PlantedWinners.base)
    do {
      try changes.apply(planted.wrong)
      Issue.record("a retracted winner was applied")
    } catch {
      #expect(error.exitCode == 1)
      #expect(error.diagnostic.message.contains("of 'f' is retracted: because"))
    }
    try changes.apply(planted.right)
    #expect(try scratch.text(of: "a.c") == PlantedWinners.right)
  }

  @Test func aWinnerInDoubtIsAppliedOnlyWithAWordThatCameAfter() throws {
    let id = planted.right
    try planted.writer.append(.approval(Approval(subject: id, granted: true, by: "ada")))
    try planted.writer.append(PlantedWinners.judgement(id, .inDoubt))
    #expect(lineage.standings.mark(of: id) == "in doubt")
    #expect(throws: LineageError.self) { try changes.apply(id) }
    try planted.writer.append(.approval(Approval(subject: id, granted: true, by: "ada")))
    try planted.writer.append(.approval(Approval(subject: id, granted: false, by: "bob")))
    #expect(throws: LineageError.self) { try changes.apply(id) }
    try planted.writer.append(.approval(Approval(subject: id, granted: true, by: "ada")))
    try changes.apply(id)
    try planted.writer.append(PlantedWinners.judgement(id, .stands))
    #expect(lineage.standings.mark(of: id) == nil)
  }

  @Test func whatOneJudgeHasJudgedAnotherHasNot() throws {
    let id = planted.right
    try planted.writer.append(PlantedWinners.judgement(id, .stands))
    let standings = lineage.standings
    #expect(standings.isJudged(id, by: JudgeIdentity(tool: "test", program: .zero)))
    #expect(!standings.isJudged(id, by: JudgeIdentity(tool: "test", program: id)))
    #expect(!standings.isJudged(id, by: JudgeIdentity(tool: "test", program: nil)))
  }

  @Test func filesThatHoldARetractedWinnerAreFound() throws {
    try changes.apply(planted.wrong)
    try condemn()
    func presence() -> RetractedFile.Presence? {
      let found = lineage.retractedFiles(planted.writer.objects) { scratch.path.appending($0) }
      #expect(found.count == 1)
      return found.first?.presence
    }
    #expect(presence() == .present)
    try scratch.write("// mine\n\n\n\n" + PlantedWinners.wrong, to: "a.c")
    #expect(presence() == .presentInChangedFile)
    try scratch.write("// mine\n\n\n\n" + PlantedWinners.base, to: "a.c")
    #expect(presence() == .absent)
    try scratch.write(PlantedWinners.base.replacing("one();", with: "three();"), to: "a.c")
    #expect(presence() == .unknown)
    try scratch.write(PlantedWinners.base, to: "a.c")
    #expect(presence() == .absent)
    try scratch.write(PlantedWinners.wrong, to: "a.c")
    try changes.revert(planted.wrong)
    #expect(lineage.retractedFiles(planted.writer.objects) { _ in nil }.isEmpty)
  }
}
