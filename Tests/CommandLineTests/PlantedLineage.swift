import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// A project whose lineage claims that a wrong winner is `bounded`, with what descends from it and right ones.
final class PlantedLineage {
  static let original = SampleLineage.original
  /// Unrolled by two.
  static let right = original.replacingOccurrences(
    of: "  for (int i = 0; i < n; i++)\n    a[i] = a[i] * 2.0f;",
    with: """
        int i = 0;
        for (; i + 1 < n; i += 2) {
          a[i] = a[i] * 2.0f;
          a[i + 1] = a[i + 1] * 2.0f;
        }
        for (; i < n; i++)
          a[i] = a[i] * 2.0f;
      """)
  /// The first element is left as it was.
  static let wrong = original.replacingOccurrences(
    of: "for (int i = 0; i < n; i++)\n    a[i] = a[i] * 2.0f;",
    with: "for (int i = 1; i < n; i++)\n    a[i] = a[i] * 2.0f;")
  static let further = wrong.replacingOccurrences(of: "a[i] * 2.0f;", with: "a[i] + a[i];")
  static let onWrong = wrong.replacingOccurrences(
    of: "    sum += a[i];\n", with: "    sum = sum + a[i];\n")

  let project: ProjectFolder
  private(set) var rightID = ""
  private(set) var wrongID = ""
  /// Derived from the proposal of the wrong one.
  private(set) var heirID = ""
  /// Of the other function, in a file that holds the wrong text.
  private(set) var restingID = ""
  /// No winner.
  private(set) var proposalID = ""

  var tool: RatchetTool { project.tool }

  /// - Parameters:
  ///   - isWrong: Whether the wrong winner and what descends from it are there.
  ///   - copies: How many right winners there are.
  ///   - text: Their text.
  init(
    isWrong: Bool = true, copies: Int = 1, text: String = PlantedLineage.right
  ) throws {
    project = try ProjectFolder()
    try project.write(Self.original, to: "src/loops.c")
    let writer = try LineageWriter(state, command: "test")
    let campaign = "bad5eed0"
    let compiler = Compiler(name: "clang", version: "21.0.0", path: "/usr/bin/clang")
    try writer.append(
      .campaignStarted(
        CampaignStarted(
          tool: "ratchet 0.1.0", paths: ["."],
          settings: ["budget": "6evals", "fp": "exact", "require": "default"], seed: 1,
          machine: Machine(cpu: "test", cores: 2, kernel: "Linux", operatingSystem: "Debian"),
          compiler: compiler, flags: ["-O2"], user: "tester")), campaign: campaign)
    let add = Adding(writer: writer, campaign: campaign)
    let scale = try add.baseline("scale", Self.original)
    for _ in 0..<copies {
      (rightID, proposalID) = try add.winner("scale", Self.original, text, scale)
    }
    if isWrong {
      let proposal: String
      (wrongID, proposal) = try add.winner("scale", Self.original, Self.wrong, scale)
      guard let parent = Digest(hex: proposal) else { return }
      (heirID, _) = try add.winner("scale", Self.original, Self.further, parent)
      let held = try add.baseline("total", Self.wrong)
      (restingID, _) = try add.winner("total", Self.wrong, Self.onWrong, held)
    }
    try writer.append(.campaignEnded(CampaignEnded(reason: .completed)), campaign: campaign)
    writer.close()
  }

  var state: StateDirectory { StateDirectory(FilePath(project.path + "/.ratchet")) }

  /// How many entries of a kind the log holds.
  func count(_ kind: String) throws -> Int {
    try Lineage.read(state).entries.count { $0.entry.content.kind == kind }
  }

  /// Adds entries of one campaign.
  private struct Adding {
    let writer: LineageWriter
    let campaign: String

    func baseline(_ function: String, _ text: String) throws -> Digest {
      try writer.append(
        .baseline(
          Baseline(
            kernel: KernelName(file: "src/loops.c", function: function),
            source: try writer.objects.put(Array(text.utf8)), contract: "requires n >= 0;",
            contractOrigin: "inferred", flags: ["-O2"])), campaign: campaign
      ).id
    }

    func winner(
      _ function: String, _ base: String, _ text: String, _ parent: Digest
    ) throws -> (winner: String, proposal: String) {
      let kernel = KernelName(file: "src/loops.c", function: function)
      let new = try writer.objects.put(Array(text.utf8))
      let recipe = Recipe([Step("unroll", [.init("loop", "i"), .init("by", 4)])])
      let measurement = Measurement(
        workload: "small", sizes: ["n": 4096],
        speedup: ConfidenceInterval(median: 1.5, low: 1.4, high: 1.6), pairs: 100, loads: 5,
        baselineNanoseconds: 3000, candidateNanoseconds: 2000, compiler: "clang 21.0.0",
        flags: ["-O2"])
      let proposal = try writer.append(
        .proposal(
          Proposal(
            kernel: kernel, recipe: recipe, parent: parent, outcome: .winner, source: new)),
        campaign: campaign)
      let winner = try writer.append(
        .winner(
          Winner(
            kernel: kernel, recipe: recipe, proposal: proposal.id,
            baseSource: try writer.objects.put(Array(base.utf8)), newSource: new,
            verdict: .bounded,
            evidence: [Evidence(level: .l3, method: "BoundedEquivalence", result: .passed)],
            measurements: [measurement])), campaign: campaign)
      return (winner.id.hex, proposal.id.hex)
    }
  }
}
