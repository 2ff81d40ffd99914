import EquivalenceChecking
import ExperimentRecords
import Testing

@testable import OptimizationAgent

/// What follows from a new judgement.
@Suite struct RejudgingTests {
  private func answer(
    _ verdict: Verdict, required: Verdict = .bounded, _ detail: String = ""
  ) -> VerificationResult {
    let result: Evidence.Result =
      switch verdict {
      case .refuted: .failed
      case .inconclusive: .inconclusive
      default: detail.isEmpty ? .passed : .inconclusive
      }
    return VerificationResult(
      verdict: verdict, required: required,
      levels: [Evidence(level: .l3, method: "m", result: result, detail: detail)])
  }

  private func standing(
    _ result: VerificationResult, recorded: Verdict = .bounded, original: Verdict? = nil
  ) -> Rejudged.Standing {
    Rejudging.standing(result, recorded: recorded, original: original)
  }

  @Test func aCounterexampleRefutesWhateverTheOriginalDoes() {
    #expect(standing(answer(.refuted), original: .inconclusive) == .refuted)
  }

  @Test func aVerdictAsRecordedOrStrongerStands() {
    #expect(standing(answer(.bounded)) == .stands)
    #expect(standing(answer(.proved)) == .stands)
  }

  @Test func aWeakerVerdictThatIsEnoughIsKept() {
    #expect(standing(answer(.bounded), recorded: .proved) == .weaker)
    #expect(standing(answer(.tested, required: .tested), recorded: .bounded) == .weaker)
  }

  @Test func whatTheOriginalGivesAndTheWinnerDoesNotIsRetracted() {
    #expect(standing(answer(.tested, "a condition"), original: .bounded) == .unmet)
    #expect(standing(answer(.inconclusive, "a condition"), original: .proved) == .unmet)
  }

  @Test func aTimeOutOfTodayIsNoEvidence() {
    for detail in [
      "the candidate did not return in time on 3 inputs", "the budget of steps is spent",
      "the solver did not answer in time",
    ] {
      #expect(standing(answer(.inconclusive, detail), original: .proved) == .inDoubt)
      #expect(standing(answer(.tested, detail), original: .bounded) == .inDoubt)
    }
  }

  @Test func whereTheOriginalItselfFailsTheGateNothingIsKnown() {
    #expect(standing(answer(.tested), original: .tested) == .inDoubt)
    #expect(standing(answer(.inconclusive), original: nil) == .inDoubt)
  }
}
