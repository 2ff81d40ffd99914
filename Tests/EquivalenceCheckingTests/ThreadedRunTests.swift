import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// Candidates with parallel loops are run by threads too, where the environment gives some.
@Suite struct ThreadedRunTests {
  private func result(_ test: CorpusCase, threads: Int) async throws -> VerificationResult {
    var environment = try await JudgeFixture.environment(test.compiler)
    environment.threads = threads
    return await Verifier(
      original: try test.kernel(JudgeFixture.parser), environment: environment,
      parser: JudgeFixture.parser, seed: 42
    ).verify(test.candidate)
  }

  @Test func aSharedLoopIsRunByThreads() async throws {
    guard
      let test = try CorpusCase.all(in: "parallel").first(where: { $0.compiler == "gcc" })
    else { return }
    let shared = try await result(test, threads: 2)
    let runs = shared.levels.filter { $0.detail.hasPrefix("with 2 threads: agreed on") }
    #expect(shared.isAccepted, "\(shared.levels)")
    #expect(runs.count == 1, "\(shared.levels)")
    #expect(shared.levels.contains { $0.method == IterationIndependence.method })
    let alone = try await result(test, threads: 1)
    #expect(alone.isAccepted)
    #expect(!alone.levels.contains { $0.detail.contains("threads:") })
  }
}
