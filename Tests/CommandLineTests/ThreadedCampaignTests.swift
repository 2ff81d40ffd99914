import Foundation
import Testing

/// `--threads`: a winner on several threads is found, verified and told apart from those on one core.
@Suite(.serialized) struct ThreadedCampaignTests {
  private static let kernel = """
    void smooth(int n, const double a[restrict static n], double b[restrict static n]) {
      for (int i = 0; i < n; i++) {
        double x = a[i];
        for (int k = 0; k < 64; k++) x = x * 0.5 + 1.0;
        b[i] = x;
      }
    }

    """

  private func project() throws -> ProjectFolder {
    let folder = try ProjectFolder()
    try folder.write(Self.kernel, to: "smooth.c")
    try folder.write(
      """
      version: 1
      workloads:
        smooth:
          - name: large
            sizes: {n: 40000}
      """, to: ".ratchet.yml")
    return folder
  }

  private static var hasGCC: Bool {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/gcc")
      && ProcessInfo.processInfo.activeProcessorCount >= 2
  }

  @Test(.enabled(if: hasGCC)) func whatThreadsGainStandsApart() throws {
    let folder = try project()
    let run = try folder.tool.run([
      "optimize", "smooth.c", "--cc", "gcc", "--cflags", "-O1 -fopenmp -ffp-contract=off",
      "--threads", "2", "--budget", "1evals", "--quiet", "--format", "json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let kernel = try #require((document["kernels"] as? [[String: Any]])?.first)
    let log = try folder.read(".ratchet/lineage.jsonl")
    let text = String(decoding: log, as: UTF8.self)
    // A busy machine may hide the gain; that the form was proposed, run and judged it does not.
    #expect(text.contains("parallelize"))
    #expect(text.contains("baselineProcessorNanoseconds"))
    guard let parallel = kernel["parallel"] as? [String: Any] else { return }
    #expect(parallel["threads"] as? Int == 2)
    #expect(parallel["processorRatio"] is Double)
    #expect("\(parallel["recipe"] ?? "")".contains("parallelize"))
    #expect(!"\(kernel["recipe"] ?? "")".contains("parallelize"))
    #expect((parallel["patch"] as? String)?.hasSuffix("smooth.2-threads.patch") == true)
  }

  @Test func moreThreadsThanCoresAreRefused() throws {
    let folder = try project()
    let run = try folder.tool.run(["optimize", "smooth.c", "--threads", "256", "--quiet"])
    #expect(run.status == 2)
    #expect(run.errors.contains("256 threads are asked for"))
    let none = try folder.tool.run(["optimize", "smooth.c", "--threads", "0"])
    #expect(none.status == 64)
  }
}
