import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// How many outcomes of branches inputs reach.
@Suite struct BranchCoverageTests {
  private func measure(_ body: String, values: [ValueClass]) throws -> BranchOutcomes {
    let text = "int f(int n, const int *x) {\n\(body)\n}\n"
    let kernel = try BoundedFixture.kernel(text, "f")
    let shape = try InputShape(kernel)
    let size = try #require(shape.scalars.first { $0.isSize })
    let inputs = values.enumerated().compactMap { index, valueClass in
      ImageBuilder.input(
        CallPoint(
          sizes: [size.path: 4 * index + 1], valueClass: valueClass, placement: .flushEnd,
          seed: UInt64(index)), of: shape)
    }
    #expect(inputs.count == values.count)
    let coverage = BranchCoverage(kernel: kernel, shape: shape, parser: JudgeFixture.parser)
    return try #require(coverage.measure(Array(text.utf8), on: inputs))
  }

  @Test func outcomesThatNoInputReachesAreNamed() throws {
    let outcomes = try measure(
      """
      int s = 0;
      for (int i = 0; i < n; i++) {
        if (x[i] == 123456789) s += 1;
        if (i >= 0) s += 2;
      }
      return s;
      """, values: [.ordinary, .ties])
    #expect(outcomes.all == 6)
    #expect(outcomes.reached == 4)
    #expect(outcomes.missing == ["4:3 true", "5:3 false"])
    #expect(
      outcomes.description
        == "4 of 6 branch outcomes reached, never 4:3 true, 5:3 false")
  }

  @Test func everyOutcomeIsReachedByEnoughInputs() throws {
    let outcomes = try measure(
      "int s = 0;\nfor (int i = 0; i < n; i++) s ^= i & 1 ? x[i] : 2;\nreturn s;",
      values: [.ordinary, .ordinary])
    #expect(outcomes == BranchOutcomes(reached: 4, all: 4))
  }

  @Test func evidenceWithoutCountsIsRead() throws {
    let old = Evidence(level: .l2, method: "M", result: .passed)
    let bytes = try JSONEncoder().encode(old)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(!text.contains("Branches"))
    #expect(try JSONDecoder().decode(Evidence.self, from: bytes) == old)
  }

  @Test func theJudgeTellsWhatWasReached() async throws {
    let test = try CorpusCase.named("search-unrolled", in: "accepted")
    let result = try await JudgeFixture.verifier(test).verify(test.candidate)
    let evidence = try #require(result.levels.first { $0.level == .l2 })
    let own = try #require(evidence.candidateBranches)
    #expect(own.all == 14)
    #expect(own.reached > 8)
    #expect(evidence.originalBranches?.all == 4)
    #expect(evidence.detail.contains("branch outcomes reached"))
  }
}
