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

  static func examine(_ test: CorpusCase, _ candidate: [UInt8]) throws -> Evidence {
    let parser = JudgeFixture.parser
    let kernel = CalleeReach(try test.kernel(parser), parser: parser).kernel
    let shape = try InputShape(kernel)
    let bounded = BoundedEquivalence(
      kernel: kernel, shape: shape, parser: parser,
      contraction: kernel.build.contraction ?? .on, seed: 42)
    let place = FunctionPlace(
      start: kernel.function.range.lowerBound, body: kernel.function.bodyRange)
    let text: CandidateText?
    do {
      text = try CandidateText(candidate, replacing: place, in: kernel.source.bytes)
    } catch {
      text = nil
    }
    return bounded.examine(candidate, text).evidence
  }

  private func judge(_ folder: String) async throws -> [Answer] {
    let answers = await JudgeFixture.concurrently(try CorpusCase.all(in: folder)) { test in
      do {
        let evidence = try Self.examine(test, test.candidate)
        return Answer(
          test: test, result: evidence.result, detail: evidence.detail, seconds: evidence.seconds)
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

  @Test func noWrongCandidateHasTheSameOperations() async throws {
    for answer in try await judge("refuted") {
      #expect(answer.result != .passed, "\(answer.line)")
    }
  }

  @Test func rightCandidatesHaveTheSameOperations() async throws {
    let answers = try await judge("accepted")
    let passed = answers.filter { $0.result == .passed }
    #expect(passed.count >= 1)
  }
}
