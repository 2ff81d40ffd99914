import ExperimentRecords
import Testing

@testable import EquivalenceChecking

/// L3 alone on every pair of `fixtures/equivalence`.
@Suite struct BoundedCorpusTests {
  private func judge(_ folder: String) async throws -> [CorpusAnswer] {
    try await CorpusAnswer.all(in: folder, level: "bounded") {
      try BoundedFixture.examine($0.kernel(JudgeFixture.parser), $0.candidate)
    }
  }

  /// Wrong candidates whose fault is none of operations: other levels find them.
  static let outside = CorpusAnswer.outside.merging(
    [
      "guard-one-short-of-a-vector": "one overlap of many, at sizes that L2 looks for",
      "parameter-becomes-restrict": "the signature (L0)",
      "second-of-two-allocations-unchecked": "an allocation that fails (L2)",
      "starts-again-without-memory": "an allocation that fails (L2)",
      "vector-load-assumes-alignment": "the alignment that a vector type asks for (L1)",
    ], uniquingKeysWith: { first, _ in first })

  @Test func noWrongCandidateHasTheSameOperations() async throws {
    for answer in try await judge("refuted") {
      if Self.outside[answer.test.name] != nil {
        #expect(answer.result == .passed, "no longer outside: \(answer.line)")
      } else {
        #expect(answer.result != .passed, "\(answer.line)")
      }
    }
  }

  /// Right candidates of which L3 does not say so.
  static let undecided: [String: String] = [
    "constant-table-of-nibbles": "more operations than Z3 is asked about, at n = 31",
    "popcount-in-a-helper": "an identity of bits that Z3 does not decide in time",
    "sparse-rows-by-pointer": "an address depends on data",
    "gather-asked-for-ahead": "an address depends on data",
    "nearest-chosen-by-masks": "more paths that contents can take than the solver is asked about",
    "memcmp-of-the-original-kept": "a call that reads memory",
    "volatile-read-kept-in-its-loop": "a volatile access",
  ]

  @Test func rightCandidatesHaveTheSameOperations() async throws {
    for answer in try await judge("accepted") {
      let isUndecided = Self.undecided[answer.test.name] != nil
      #expect((answer.result == .passed) != isUndecided, "\(answer.line)")
    }
  }
}
