import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// A project with two kernels in one file, and a lineage that says how both were made faster.
final class SampleLineage {
  static let original = """
    void scale(int n, float *a) {
      for (int i = 0; i < n; i++)
        a[i] = a[i] * 2.0f;
    }

    int untouched(int x) {
      return x;
    }

    int total(int n, const int *a) {
      int sum = 0;
      for (int i = 0; i < n; i++)
        sum += a[i];
      return sum;
    }

    """
  static let scaled = original.replacingOccurrences(
    of: "    a[i] = a[i] * 2.0f;\n", with: "    a[i] = a[i] + a[i];\n")
  static let totalled = original.replacingOccurrences(
    of: "    sum += a[i];\n", with: "    sum = sum + a[i];\n")

  let project: ProjectFolder
  /// The ids of the two winners.
  private(set) var scale = ""
  private(set) var total = ""
  /// The id of a proposal that a pass refused.
  private(set) var refused = ""

  var tool: RatchetTool { project.tool }

  init() throws {
    project = try ProjectFolder()
    try project.write(Self.original, to: "src/loops.c")
    let writer = try LineageWriter(
      StateDirectory(FilePath(project.path + "/.ratchet")), command: "test")
    let campaign = "c0ffee00"
    let compiler = Compiler(name: "clang", version: "21.0.0", path: "/usr/bin/clang")
    try writer.append(
      .campaignStarted(
        CampaignStarted(
          tool: "ratchet 0.1.0", paths: ["."], settings: ["budget": "6evals"], seed: 1,
          machine: Machine(cpu: "test", cores: 2, kernel: "Linux", operatingSystem: "Debian"),
          compiler: compiler, flags: ["-O3"], user: "tester")), campaign: campaign)
    (scale, refused) = try Self.add("scale", Self.scaled, to: writer, campaign)
    (total, _) = try Self.add("total", Self.totalled, to: writer, campaign)
    try writer.append(
      .campaignEnded(
        CampaignEnded(reason: .completed, kernels: ["improved": 2], evaluations: 4)),
      campaign: campaign)
    writer.close()
  }

  private static func add(
    _ function: String, _ text: String, to writer: LineageWriter, _ campaign: String
  ) throws -> (winner: String, refused: String) {
    let kernel = KernelName(file: "src/loops.c", function: function)
    let base = try writer.objects.put(Array(original.utf8))
    let new = try writer.objects.put(Array(text.utf8))
    let diff = UnifiedDiff(from: Array(original.utf8), to: Array(text.utf8), path: kernel.file)
    let patch = try writer.objects.put(diff.bytes)
    let measurement = Measurement(
      workload: "small", sizes: ["n": 4096],
      speedup: ConfidenceInterval(median: 1.5, low: 1.4, high: 1.6), pairs: 100, loads: 5,
      baselineNanoseconds: 3000, candidateNanoseconds: 2000, compiler: "clang 21.0.0",
      flags: ["-O3"], smallestResolvableEffect: 0.01)
    let evidence = [
      Evidence(level: .l0, method: "Form", result: .passed, detail: "well formed"),
      Evidence(
        level: .l2, method: "Differential", result: .passed, inputs: 120, seed: 7,
        branchCoverage: 0.75),
    ]
    let baseline = try writer.append(
      .baseline(
        Baseline(
          kernel: kernel, line: 1, source: base, contract: "requires n >= 0;",
          contractOrigin: "inferred", nanoseconds: ["small": 3000])), campaign: campaign)
    let tile = Step("tile", [.init("loop", "i"), .init("by", 64)])
    let refused = try writer.append(
      .proposal(
        Proposal(
          kernel: kernel, recipe: Recipe([tile]), parent: baseline.id, outcome: .refused,
          reason: "too small",
          refusal: Refusal(step: tile, reason: "the loop is not in a band"))), campaign: campaign)
    let unroll = Recipe([Step("unroll", [.init("loop", "i"), .init("by", 4)])])
    let proposal = try writer.append(
      .proposal(
        Proposal(
          kernel: kernel, recipe: unroll, parent: baseline.id, outcome: .improved, source: new,
          measurements: [measurement])), campaign: campaign)
    let winner = try writer.append(
      .winner(
        Winner(
          kernel: kernel, recipe: unroll, proposal: proposal.id, baseSource: base, newSource: new,
          patch: patch, verdict: .tested, evidence: evidence, measurements: [measurement],
          secondsSavedPerCall: 1e-6, breakEvenCalls: 52000, evaluations: 2,
          cost: Cost(cpuSeconds: 3, wallSeconds: 2))), campaign: campaign)
    try writer.append(
      .kernelFinished(
        KernelFinished(
          kernel: kernel, outcome: .improved, evaluations: 2, winner: winner.id)),
      campaign: campaign)
    return (winner.id.hex, refused.id.hex)
  }
}
