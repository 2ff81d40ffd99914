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

  @Test func noWrongCandidateIsProved() async throws {
    for answer in try await judge("refuted") {
      #expect(answer.result != .passed, "\(answer.line)")
    }
  }

  @Test func rightCandidatesAreProved() async throws {
    for answer in try await judge("accepted") {
      #expect(answer.result == .passed, "\(answer.line)")
    }
  }
}
