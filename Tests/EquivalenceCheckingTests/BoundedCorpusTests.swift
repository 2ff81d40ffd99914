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
        let answer = Answer(
          test: test, result: evidence.result, detail: evidence.detail, seconds: evidence.seconds)
        Self.report(answer.line, folder)
        return answer
      } catch {
        return Answer(test: test, result: .inconclusive, detail: "\(error)", seconds: 0)
      }
    }
    return answers
  }

  /// Each answer as it comes, for whoever wants to see them all.
  private static func report(_ line: String, _ folder: String) {
    guard let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"],
      let file = fopen("\(directory)/bounded-\(folder).txt", "a")
    else { return }
    fputs(line + "\n", file)
    fclose(file)
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
    "constant-table-of-nibbles": "more operations than Z3 is asked about, at n = 31",
    "popcount-in-a-helper": "an identity of bits that Z3 does not decide in time",
    "sparse-rows-by-pointer": "an address depends on data",
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
