import ExperimentRecords
import Foundation
import Testing

@testable import EquivalenceChecking

/// Every level is needed: without it a named wrong candidate is found by no other.
@Suite struct LevelTests {
  @Test(arguments: [
    ("volatile-added", Level.l0), ("every-bin-rewritten", Level.l1),
    ("last-element-dropped", Level.l2),
  ])
  func withoutTheLevelACaseSlipsThrough(_ name: String, _ level: Level) async throws {
    let test = try CorpusCase.named(name, in: "refuted")
    let whole = await (try JudgeFixture.verifier(test)).verify(test.candidate)
    #expect(whole.refutingLevel == level)
    let rest = Set([Level.l0, .l1, .l2]).subtracting([level])
    let partial = await (try JudgeFixture.verifier(test, levels: rest)).verify(test.candidate)
    #expect(partial.refutingLevel == nil)
    #expect(partial.verdict == .inconclusive, "a judge with a level left out gives no verdict")
  }

  @Test func screeningFindsPlainMistakesAndGivesNoVerdict() async throws {
    let wrong = try CorpusCase.named("last-element-dropped", in: "refuted")
    let refuted = await (try JudgeFixture.verifier(wrong)).verify(
      wrong.candidate, effort: .screening)
    #expect(refuted.verdict == .refuted)
    let right = try CorpusCase.named("interchange", in: "accepted")
    let passed = await (try JudgeFixture.verifier(right)).verify(right.candidate, effort: .screening)
    #expect(passed.verdict == .inconclusive)
    #expect(passed.levels.allSatisfy { $0.result == .passed })
  }

  @Test func aVerifierRemembersTheOriginalBetweenCandidates() async throws {
    let wrong = try CorpusCase.named("last-element-dropped", in: "refuted")
    let verifier = try JudgeFixture.verifier(wrong)
    #expect(await verifier.verify(wrong.candidate).verdict == .refuted)
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: wrong.originalPath)))
    #expect(await verifier.verify(original).verdict == .tested)
    #expect(await verifier.verify(wrong.candidate).verdict == .refuted)
  }

  @Test func fastMathLeavesTheExactModeUndecided() async throws {
    var test = try CorpusCase.named("interchange", in: "accepted")
    test.flags.append("-ffast-math")
    let result = await (try JudgeFixture.verifier(test)).verify(test.candidate)
    #expect(result.verdict == .inconclusive)
    #expect(result.reason?.contains("relaxed") == true)
  }

  @Test func twoJudgesWithOneSeedSayTheSame() async throws {
    let test = try CorpusCase.named("tail-of-unroll-dropped", in: "refuted")
    let first = await (try JudgeFixture.verifier(test)).verify(test.candidate)
    let second = await (try JudgeFixture.verifier(test)).verify(test.candidate)
    #expect(first.counterexample != nil)
    #expect(first.counterexample == second.counterexample)
  }
}
