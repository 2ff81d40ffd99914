import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// Every wrong candidate of `fixtures/equivalence` is refuted, every right one passes, and every
/// original passes against itself. All cases run, two at a time.
@Suite struct CorpusTests {
  struct Answer: Sendable {
    var test: CorpusCase
    var result: VerificationResult?
    /// The original judged as its own candidate; nil when another case has the same original.
    var own: VerificationResult?
    var problem: String?
    var seconds: Double

    var line: String {
      let verdict = result?.verdict.rawValue ?? "error"
      let level = result?.refutingLevel?.rawValue ?? "-"
      let expected = test.level ?? test.expectation
      let reason = result?.counterexample?.description ?? result?.reason ?? problem ?? ""
      return "\(test.folder)/\(test.name): \(verdict) \(level) (expected \(expected)) "
        + "\((seconds * 100).rounded() / 100) s  \(reason)"
    }
  }

  private func judge(_ cases: [CorpusCase]) async throws -> [Answer] {
    var seen: Set<[UInt8]> = []
    let firsts = Set(try cases.filter { seen.insert(try $0.original()).inserted }.map(\.name))
    return await JudgeFixture.concurrently(cases) { test in
      let start = ContinuousClock.now
      func seconds() -> Double {
        let passed = start.duration(to: .now).components
        return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
      }
      do {
        let verifier = try await JudgeFixture.verifier(test)
        let result = await verifier.verify(test.candidate)
        let seconds = seconds()
        let own = firsts.contains(test.name) ? await verifier.verify(try test.original()) : nil
        return Answer(test: test, result: result, own: own, problem: nil, seconds: seconds)
      } catch {
        return Answer(test: test, result: nil, own: nil, problem: "\(error)", seconds: seconds())
      }
    }
  }

  private func report(_ answers: [Answer], _ name: String) throws {
    guard let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"] else { return }
    let text = answers.map(\.line).joined(separator: "\n") + "\n"
    try text.write(toFile: "\(directory)/\(name).txt", atomically: true, encoding: .utf8)
  }

  @Test func everyWrongCandidateIsRefuted() async throws {
    let answers = try await judge(try CorpusCase.all(in: "refuted"))
    try report(answers, "refuted")
    for answer in answers {
      #expect(answer.result?.verdict == .refuted, "\(answer.line)")
      if let own = answer.own {
        #expect(own.isAccepted, "\(answer.test.name): \(own.reason ?? "")")
      }
    }
  }

  @Test func everyRightCandidatePasses() async throws {
    let answers = try await judge(try CorpusCase.all(in: "accepted"))
    try report(answers, "accepted")
    for answer in answers {
      #expect(answer.result?.isAccepted == true, "\(answer.line)")
      if let own = answer.own {
        #expect(own.isAccepted, "\(answer.test.name): \(own.reason ?? "")")
      }
    }
  }
}
