import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// L3 alone on every pair of `fixtures/equivalence`.
@Suite struct BoundedCorpusTests {
  struct Answer: Sendable {
    var test: CorpusCase
    var result: Evidence.Result
    var detail: String
    var seconds: Double
    var line: String {
      "\(test.folder)/\(test.name): \(result.rawValue) \((seconds * 100).rounded() / 100) s  \(detail)"
    }
  }

  private func judge(_ folder: String) async throws -> [Answer] {
    let answers = await JudgeFixture.concurrently(try CorpusCase.all(in: folder)) { test in
      do {
        let evidence = try BoundedFixture.examine(
          try test.kernel(JudgeFixture.parser), test.candidate)
        let a = Answer(
          test: test, result: evidence.result, detail: evidence.detail, seconds: evidence.seconds)
        FileHandle.standardError.write(Data("@@ \(a.line)\n".utf8))
        return a
      } catch {
        return Answer(test: test, result: .inconclusive, detail: "\(error)", seconds: 0)
      }
    }
    if let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"] {
      let text = answers.map(\.line).joined(separator: "\n") + "\n"
      try text.write(
        toFile: "\(directory)/bounded-\(folder).txt", atomically: true, encoding: .utf8)
    }
    return answers
  }

  /// Wrong candidates whose fault is none of operations: other levels find them.
  static let outside: [String: String] = [
    "attribute-relaxes-floating-point": "an attribute changes what the compiler may do (L0)",
    "function-becomes-static": "linkage (L0)",
    "parameter-becomes-restrict": "the signature (L0)",
    "typedef-takes-a-name-of-the-file-first": "the rest of the file (L0)",
    "typedef-takes-a-name-of-the-file-second": "the rest of the file (L0)",
    "typedef-takes-a-tag-of-the-file": "the rest of the file (L0)",
    "vector-load-assumes-alignment": "the alignment that a vector type asks for (L1)",
  ]

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
    "average-without-carry": "an identity of bits, for a solver",
    "branchless-magnitude": "an identity of bits, for a solver",
    "comparisons-for-a-switch": "an identity of bits, for a solver",
    "halving-with-a-corrected-shift": "an identity of bits, for a solver",
    "mask-tested-eight-at-a-time": "an identity of bits, for a solver",
    "midpoint-in-thirty-two-bits": "an identity of bits, for a solver",
    "rotation-by-masked-amount": "an identity of bits, for a solver",
    "constant-table-of-nibbles": "an address depends on data",
    "table-for-a-chain-of-ifs": "an address depends on data",
    "table-for-a-switch": "an address depends on data",
    "popcount-builtin": "a trip count depends on data",
    "popcount-in-a-helper": "a trip count depends on data",
    "sparse-rows-by-pointer": "a trip count depends on data",
    "rows-summed-in-two-halves": "a jump depends on data",
    "search-in-blocks-under-a-contract": "a jump depends on data",
    "search-unrolled": "a jump depends on data",
    "integer-sum-on-vectors": "the budget of memory, at a sum of 32767 terms",
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
