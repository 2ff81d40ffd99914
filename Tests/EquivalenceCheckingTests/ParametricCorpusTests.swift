import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// L7 alone on every pair of `fixtures/equivalence`.
@Suite struct ParametricCorpusTests {
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
        let evidence = ParametricFixture.examine(
          try test.kernel(JudgeFixture.parser), test.candidate)
        return Answer(
          test: test, result: evidence.result, detail: evidence.detail, seconds: evidence.seconds)
      } catch {
        return Answer(test: test, result: .inconclusive, detail: "\(error)", seconds: 0)
      }
    }
    if let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"] {
      let text = answers.map(\.line).joined(separator: "\n") + "\n"
      try text.write(
        toFile: "\(directory)/parametric-\(folder).txt", atomically: true, encoding: .utf8)
    }
    return answers
  }

  /// Wrong candidates whose fault is none of values: other levels find them.
  static let outside: [String: String] = [
    "attribute-relaxes-floating-point": "an attribute changes what the compiler may do (L0)",
    "function-becomes-static": "linkage (L0)",
    "typedef-takes-a-name-of-the-file-first": "the rest of the file (L0)",
    "typedef-takes-a-name-of-the-file-second": "the rest of the file (L0)",
    "typedef-takes-a-tag-of-the-file": "the rest of the file (L0)",
    "vector-load-assumes-alignment": "the alignment that a vector type asks for (L1)",
  ]

  @Test func noWrongCandidateIsProved() async throws {
    for answer in try await judge("refuted") {
      if Self.outside[answer.test.name] != nil {
        #expect(answer.result == .passed, "no longer outside: \(answer.line)")
      } else {
        #expect(answer.result != .passed, "\(answer.line)")
      }
    }
  }

  /// Right candidates of which L7 does not say so.
  static let undecided: [String: String] = [:]

  @Test func rightCandidatesAreProved() async throws {
    for answer in try await judge("accepted") {
      let isUndecided = Self.undecided[answer.test.name] != nil
      #expect((answer.result == .passed) != isUndecided, "\(answer.line)")
    }
  }
}
