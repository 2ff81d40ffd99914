import CandidateExecution
import DependenceAnalysis
import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import LineageLog
import Testing

@testable import OptimizationAgent

/// Smaller sizes for kernels whose calls take long, with times by a formula in place of a clock.
@Suite struct StandInTests {
  /// Says that a call takes so many nanoseconds, by the bytes of its image.
  private struct Clock: MeasurementSource {
    var nanoseconds: @Sendable (MemoryImage) -> Double

    func timePair(
      original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
      options: TimingOptions
    ) async throws(HarnessError) -> PairedTiming {
      let time = Int(images.first.map(nanoseconds) ?? 0)
      return PairedTiming(
        pairs: [.init(original: time, candidate: time, candidateFirst: false)])
    }
  }

  private func workload(
    _ text: String, _ sizes: [String: Int]
  ) throws -> PreparedWorkload {
    let build = BuildFlags(
      compiler: nil, arguments: ["-std=gnu11"], directory: "/", database: nil)
    let kernel = try #require(
      try KernelParser().parseText(text, at: "/f.c", build: build).kernel(named: "f"))
    var known = kernel
    known.contract = ContractInference.infer(for: kernel)
    known.calls = [KnownCall(line: 1, arguments: sizes)]
    let planning = WorkloadPlanning(kernel: known, trampoline: try Trampoline(kernel.function))
    return try #require(try planning.called().first)
  }

  private static let product = """
    void f(int n, int m, int k, const double a[restrict n][k], const double b[restrict k][m],
           double c[restrict n][m])
    {
      for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) for (int p = 0; p < k; p++)
        c[i][j] += a[i][p] * b[p][j];
    }
    """

  private static let sweep = """
    void f(int t, int n, double a[restrict n][n])
    {
      for (int s = 0; s < t; s++)
        for (int i = 1; i < n - 1; i++) for (int j = 1; j < n - 1; j++)
          a[i][j] = 0.5 * (a[i - 1][j] + a[i][j - 1]);
    }
    """

  private let object: LoadableObject = {
    let digest = ObjectStore.digest(of: [])
    return LoadableObject(
      path: "/none", key: digest, question: digest, digest: digest, flavour: .shipping,
      compiler: Compiler(name: "clang", version: "1", path: "/clang"), arguments: [], messages: [],
      cpuSeconds: 0)
  }()

  private func standIn(
    _ text: String, _ sizes: [String: Int],
    _ nanoseconds: @escaping @Sendable (MemoryImage) -> Double
  ) async throws -> [String: Int]? {
    let standIns = StandIns(
      source: Clock(nanoseconds: nanoseconds), cacheBytes: [48 << 10, 1 << 20, 32 << 20])
    return await standIns.standIn(for: try workload(text, sizes), of: object)?.sizes
  }

  /// Cubic work of two seconds becomes some tens of milliseconds, with rows as long against columns.
  @Test func allSizesShrinkTogether() async throws {
    let sizes = try #require(
      try await standIn(Self.product, ["n": 1000, "m": 2000, "k": 1000]) { image in
        pow(Double(image.byteCount) / (5e6 * 8), 1.5) * 2e9
      })
    let (n, m) = (try #require(sizes["n"]), try #require(sizes["m"]))
    #expect((200...600).contains(n))
    #expect(abs(m - 2 * n) <= 8)
    // The workload's arrays exceed the second cache, and so do these.
    #expect(8 * (2 * n * m + n * n) > 1 << 20)
  }

  @Test func shortCallsNeedNone() async throws {
    #expect(
      try await standIn(Self.product, ["n": 300, "m": 300, "k": 300]) { image in
        pow(Double(image.byteCount) / 2.16e6, 1.5) * 2e7
      } == nil)
  }

  /// Steps that touch no more memory go first, and rows stay as they are.
  @Test func stepsShrinkBeforeRows() async throws {
    let sizes = try #require(
      try await standIn(Self.sweep, ["t": 500, "n": 600]) { image in
        Double(image.byteCount) / 2.88e6 * 4e6
      })
    #expect(sizes["n"] == 600)
    #expect((4..<500).contains(try #require(sizes["t"])))
  }

  /// A mode is no size: the smaller call does the same work on less.
  @Test func whatNoLoopDependsOnStays() async throws {
    let text = Self.sweep.replacing("int n,", with: "int n, int mode,")
      .replacing("0.5 *", with: "(mode & 16 ? 0.5 : 0.25) *")
    let sizes = try #require(
      try await standIn(text, ["t": 500, "n": 2000, "mode": 48]) { image in
        Double(image.byteCount) / 2.88e6 * 4e6
      })
    #expect(sizes["mode"] == 48)
    #expect(try #require(sizes["t"]) < 500)
  }
}
