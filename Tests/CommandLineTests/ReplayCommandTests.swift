import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Replaying winners that were made for the test: the recipe's own bytes, with any record of them.
@Suite(.serialized) struct ReplayCommandTests {
  static let slow = """
    void column_sums(int n, double sums[restrict static n], const double a[restrict static n * n])
    {
      for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
          sums[j] += a[i * n + j];
    }

    """
  static let fast = """
    void column_sums(int n, double sums[restrict static n], const double a[restrict static n * n])
    {
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
          sums[j] += a[i * n + j];
    }

    """

  let folder: ProjectFolder

  init() throws {
    folder = try ProjectFolder()
    try folder.write(Self.slow, to: "sums.c")
  }

  /// Records a winner that `recipe` makes of `source`, and returns its id.
  private func record(
    _ recipe: String, of source: String, verdict: Verdict, speedup: Double,
    lines: ((String) -> String)? = nil
  ) throws -> String {
    try folder.write(source, to: "sums.c")
    let made = try folder.tool(
      "transform", "sums.c", "--function", "column_sums", "--cflags", "-O2", "--recipe", recipe)
    #expect(made.status == 0, "\(made.errors)")
    let writer = try LineageWriter(
      StateDirectory(FilePath(folder.path + "/.ratchet")), command: "test")
    let kernel = KernelName(file: "sums.c", function: "column_sums")
    let compiler = Compiler(name: "clang", version: "0", path: "clang")
    let base = try writer.objects.put(Array(source.utf8))
    let new = try writer.objects.put(Array((lines?(made.output) ?? made.output).utf8))
    let workload = Workload(name: "large", sizes: ["n": 900], origin: .declared)
    try writer.append(
      .campaignStarted(
        CampaignStarted(
          tool: "test", paths: ["."], settings: ["fp": "exact", "require": "default"], seed: 3,
          machine: Machine(cpu: "test", cores: 1, kernel: "", operatingSystem: ""),
          compiler: compiler, flags: ["-O2"])), campaign: "c")
    let baseline = try writer.append(
      .baseline(
        Baseline(
          kernel: kernel, source: base, contract: "", contractOrigin: "declared",
          workloads: [workload], compiler: compiler, flags: ["-O2"])), campaign: "c")
    let parsed = try Recipe(parsing: recipe)
    let proposal = try writer.append(
      .proposal(
        Proposal(
          kernel: kernel, recipe: parsed, parent: baseline.id, outcome: .improved, source: new)),
      campaign: "c")
    let measurement = Measurement(
      workload: "large", sizes: ["n": 900],
      speedup: ConfidenceInterval(median: speedup, low: speedup, high: speedup), pairs: 1,
      loads: 1, baselineNanoseconds: 1, candidateNanoseconds: 1, compiler: "clang", flags: ["-O2"])
    let winner = try writer.append(
      .winner(
        Winner(
          kernel: kernel, recipe: parsed, proposal: proposal.id, baseSource: base, newSource: new,
          verdict: verdict, measurements: [measurement])), campaign: "c")
    writer.close()
    return winner.id.hex
  }

  @Test func theSameBytesAndTheSameVerdict() throws {
    let id = try record("interchange(order: [i, j])", of: Self.slow, verdict: .proved, speedup: 2)
    let run = try folder.tool("lineage", "replay", id)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("gives the same bytes"))
    #expect(run.output.contains("the same verdict, proved"))
    // The file itself may have changed since.
    try folder.write("int nothing;\n", to: "sums.c")
    #expect(try folder.tool("lineage", "replay", id, "--bytes-only").status == 0)
    expectOneLine(
      try folder.tool("lineage", "replay", id, "--bytes-only", "--measure"), status: 64,
      says: ["--bytes-only"])
  }

  @Test func anotherVerdictOrOtherBytesAreToldApart() throws {
    let claimed = try record(
      "interchange(order: [i, j])", of: Self.slow, verdict: .tested, speedup: 2)
    let run = try folder.tool("lineage", "replay", claimed, "--format", "json")
    #expect(run.status == 1)
    #expect(run.errors.contains("the verdict is 'proved' now, and 'tested' is recorded"))
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(document["identical"] as? Bool == true)
    #expect((document["verdict"] as? [String: Any])?["same"] as? Bool == false)
    #expect(try folder.tool("lineage", "replay", claimed, "--bytes-only").status == 0)

    // A pass that gave other bytes then than it gives now.
    let changed = try record(
      "interchange(order: [i, j])", of: Self.slow, verdict: .proved, speedup: 2
    ) { $0.replacingOccurrences(of: "i = 0", with: "i = 1") }
    expectOneLine(
      try folder.tool("lineage", "replay", changed), status: 1, says: ["gives", "is recorded"])
  }

  @Test func aGainIsMeasuredAgain() throws {
    let there = try record(
      "interchange(order: [i, j])", of: Self.slow, verdict: .proved, speedup: 900)
    let run = try folder.tool("lineage", "replay", there, "--measure")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("recorded 900.00× [900.00, 900.00]: slower"), "\(run.output)")

    let gone = try record("interchange(order: [j, i])", of: Self.fast, verdict: .proved, speedup: 2)
    let loss = try folder.tool("lineage", "replay", gone, "--measure", "--format", "json")
    #expect(loss.status == 1, "\(loss.output)\(loss.errors)")
    #expect(loss.errors.contains("the gain is gone on this machine"))
    #expect(loss.output.contains("\"agreement\" : \"slower\""), "\(loss.output)")
  }
}
