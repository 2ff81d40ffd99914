import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

@testable import OptimizationAgent

/// The gate before generations, which later code goes through.
@Suite struct GenerationGateTests {
  private final class Lab {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-generations-\(UUID().uuidString)")
    let writer: LineageWriter
    /// What the account's register holds.
    var typed: Set<Digest> = []

    init() throws {
      writer = try LineageWriter(
        StateDirectory(FilePath(folder.path + "/.ratchet")), command: "test")
    }

    deinit {
      writer.close()
      _ = try? FileManager.default.removeItem(at: folder)
    }

    func gate(_ level: String = "L4") throws -> GenerationGate {
      let own = folder.appendingPathComponent("config.yml")
      try Data("level: \(level)\n".utf8).write(to: own)
      let policy = try AutonomyPolicy.applying(
        to: [folder.path], personal: PersonalFiles(configurations: [own.path], register: ""))
      return GenerationGate(
        writer, gate: AutonomyGate(policy, rule: ApprovalRule(.typed(typed)), user: "agent"))
    }

    func approve(_ id: Digest) throws {
      typed.insert(
        try writer.append(.approval(Approval(subject: id, granted: true, by: "ada"))).id)
    }

    var refusals: [ActionRefused] {
      writer.lineage.entries.compactMap {
        if case .actionRefused(let refused) = $0.entry.content { refused } else { nil }
      }
    }

    func count(_ kind: String) -> Int {
      writer.lineage.entries.count { $0.entry.content.kind == kind }
    }
  }

  private let lab: Lab
  private let bounds = EnvelopeBounds(
    paths: ["policy", "rules/mined"], lastGeneration: 4, cpuHours: 2, largestGrowth: 1.5)

  init() throws { lab = try Lab() }

  private func envelope(_ bounds: EnvelopeBounds? = nil) throws -> Digest {
    let id = try lab.gate().declare(bounds ?? self.bounds).id
    try lab.approve(id)
    return id
  }

  private func run(_ improvement: Double, hours: Double = 1, within envelope: Digest) throws {
    let gate = try lab.gate()
    try gate.end(
      try gate.begin(within: envelope), improvement: improvement, cpuHours: hours, product: .zero)
  }

  @Test(arguments: ["L0", "L1", "L2", "L3"])
  func belowL4NothingBegins(level: String) throws {
    let id = try envelope()
    #expect(throws: LineageError.self) { try lab.gate(level).begin(within: id) }
    #expect(lab.refusals.map(\.needed) == [.selfChange])
    #expect(lab.refusals.first?.allowed == AutonomyLevel(level))
    #expect(lab.count("generationEnded") == 0)
  }

  @Test func anEnvelopeThatNobodyApprovedOpensNothing() throws {
    let id = try lab.gate().declare(bounds).id
    #expect(throws: LineageError.self) { try lab.gate().begin(within: id) }
    // The agent's own word in the log is none.
    try lab.writer.append(.approval(Approval(subject: id, granted: true, by: "ada")))
    #expect(throws: LineageError.self) { try lab.gate().begin(within: id) }
    #expect(throws: LineageError.self) { try lab.gate().begin(within: .zero) }
    #expect(lab.refusals.count == 3)
  }

  @Test func boundsThatAreNotThoseOfTheHashOpenNothing() throws {
    var declared = EnvelopeDeclared(bounds, by: "agent")
    declared.bounds.lastGeneration = 1000
    let id = try lab.writer.append(.envelopeDeclared(declared)).id
    try lab.approve(id)
    #expect(throws: LineageError.self) { try lab.gate().begin(within: id) }
    #expect(lab.refusals.count == 1)
  }

  @Test func theEnvelopeEndsWithItsLastGeneration() throws {
    let id = try envelope(
      EnvelopeBounds(paths: [], lastGeneration: 1, cpuHours: 2, largestGrowth: 1))
    try run(0.1, within: id)
    #expect(throws: LineageError.self) { try run(0.1, within: id) }
    #expect(lab.count("generationEnded") == 1)
    #expect(lab.refusals.count == 1)
  }

  @Test func moreTimeThanTheEnvelopeAllowsIsRefusedAndInTheLog() throws {
    let id = try envelope()
    #expect(throws: LineageError.self) { try run(0.1, hours: 3, within: id) }
    #expect(lab.count("generationEnded") == 1)
    #expect(lab.refusals.count == 1)
  }

  @Test(arguments: [
    ("policy/weights.json", true), ("policy", true), ("rules/mined/a.txt", true),
    ("rules/other", false), ("policy2/x", false), ("../policy/x", false),
    ("policy/../judge.c", false),
    ("/policy/x", false), ("", false), ("./policy", false), ("Sources/JudgeKernels/a.c", false),
  ])
  func writesStayWithinTheEnvelope(path: String, isInside: Bool) throws {
    let id = try envelope()
    let gate = try lab.gate()
    let generation = try gate.begin(within: id)
    if isInside {
      try gate.checkWrite(of: path, in: generation)
      #expect(lab.refusals.isEmpty)
    } else {
      #expect(throws: LineageError.self) { try gate.checkWrite(of: path, in: generation) }
      #expect(lab.refusals.count == 1)
    }
  }

  @Test func theWirePausesUntilAPersonApproves() throws {
    let id = try envelope()
    try run(0.1, within: id)
    try run(0.3, within: id)
    #expect(lab.count("tripwirePaused") == 1)
    let stop = #expect(throws: OversightStop.self) { try run(0.1, within: id) }
    #expect(stop?.diagnostic.message.contains("3.0 times in generation 2") == true)
    #expect(throws: OversightStop.self) { try run(0.1, within: id) }
    #expect(lab.count("tripwirePaused") == 1, "one entry for one trip")
    let pause = try #require(
      lab.writer.lineage.entries.last { $0.entry.content.kind == "tripwirePaused" })
    try lab.writer.append(.approval(Approval(subject: pause.id, granted: true, by: "agent")))
    #expect(throws: OversightStop.self) { try run(0.1, within: id) }
    try lab.approve(pause.id)
    try run(0.1, within: id)
    #expect(lab.count("generationEnded") == 3)
  }

  @Test func anEnvelopeMayApproveInAdvanceAndTheLogSaysSo() throws {
    let id = try envelope(
      EnvelopeBounds(paths: ["policy"], lastGeneration: 9, cpuHours: 2, largestGrowth: 4))
    try run(0.1, within: id)
    try run(0.3, within: id)
    guard case .tripwirePaused(let paused)? = lab.writer.lineage.entries.last?.entry.content else {
      Issue.record("no pause is recorded")
      return
    }
    #expect(paused.allowedBy == id)
    try run(0.35, within: id)
    #expect(throws: OversightStop.self) {
      try run(2, within: id)
      try run(2, within: id)
    }
  }

  /// A crash between the generation's entry and the pause must not open the gate.
  @Test func aPauseThatIsMissingIsMadeUpFor() throws {
    let id = try envelope()
    try run(0.1, within: id)
    try lab.writer.append(
      .generationEnded(
        GenerationEnded(
          number: 2, level: .selfChange, improvement: 5, cpuHours: 1, product: .zero, envelope: id))
    )
    #expect(lab.count("tripwirePaused") == 0)
    #expect(throws: OversightStop.self) { try lab.gate().begin(within: id) }
    #expect(lab.count("tripwirePaused") == 1)
  }
}
