import Foundation
import JudgeKernels
import Testing

@testable import CandidateExecution

/// The arithmetic of the test by betting, against what can be computed by hand and by counting.
@Suite struct SequentialTestTests {
  @Test func wealthIsTheMeanOfTheGamblers() {
    func byHand(_ above: Int, _ below: Int) -> Double {
      let gamblers = [(1, 0.3), (0.95, 0.2), (0.85, 0.2), (0.7, 0.15), (0.5, 0.1), (0.25, 0.05)]
      return gamblers.reduce(0) {
        $0 + $1.1 * pow(1 + $1.0, Double(above)) * pow(1 - $1.0, Double(below))
      }
    }
    for (above, below) in [(0, 0), (1, 0), (0, 1), (14, 0), (20, 3), (40, 60)] {
      #expect(abs(exp(rk_sign_log_wealth(above, below)) / byHand(above, below) - 1) < 1e-9)
    }
    #expect(abs(rk_sign_log_wealth(0, 0)) < 1e-12, "the first wealth is 1")
  }

  /// The expected wealth after any number of fair signs is 1, summed over all outcomes exactly.
  @Test func fairSignsGainNothingOnAverage() {
    for count in [1, 5, 20, 54] {
      let mean = (0...count).reduce(0.0) { sum, above in
        let ways =
          lgamma(Double(count) + 1) - lgamma(Double(above) + 1) - lgamma(Double(count - above) + 1)
        return sum + exp(ways - Double(count) * log(2) + rk_sign_log_wealth(above, count - above))
      }
      #expect(abs(mean - 1) < 1e-9, "\(count) loads")
    }
  }

  /// By counting all paths: the probability that fair signs ever reach 1/error in 60 loads.
  @Test func fairSignsSeldomEverReachTheThreshold() {
    for error in [0.05, 0.001, 0.0001] {
      var alive: [Int: Double] = [0: 1]  // by how many were above
      var reached = 0.0
      for count in 1...60 {
        var next: [Int: Double] = [:]
        for (above, probability) in alive {
          for step in 0...1 { next[above + step, default: 0] += probability / 2 }
        }
        for (above, probability) in next
        where rk_sign_log_wealth(above, count - above) >= -log(error) {
          reached += probability
          next[above] = nil
        }
        alive = next
      }
      #expect(reached <= error)
      #expect(reached > error / 20, "not needlessly careful: \(reached) of \(error)")
    }
  }

  @Test func theFewestAreTheFewest() {
    #expect(rk_sign_fewest(5, 0.05) == 5)
    #expect(rk_sign_fewest(4, 0.05) == 5, "not even all four would do")
    #expect(rk_sign_fewest(15, 0.0001 * 6 / (.pi * .pi)) == 15)
    for count in 6...40 {
      let fewest = rk_sign_fewest(count, 0.025)
      #expect(rk_sign_log_wealth(fewest, count - fewest) >= -log(0.025))
      #expect(rk_sign_log_wealth(fewest - 1, count - fewest + 1) < -log(0.025))
    }
  }

  @Test func theIntervalHoldsTheMedianAtEveryTime() {
    var random = SeededRandom(seed: 21)
    var missed = 0
    for _ in 0..<400 {
      var values: [Double] = []
      var holds = true
      for _ in 0..<50 {
        // Skewed, with a median of 0.
        let u = Double.random(in: 0..<1, using: &random)
        values.append(u < 0.5 ? u - 0.5 : exp(6 * (u - 0.5)) - 1)
        let interval = rk_median_sequence(values, values.count, 0.05)
        if interval.low > 0 || interval.high < 0 { holds = false }
      }
      if !holds { missed += 1 }
    }
    #expect(missed <= 20, "5 % of 400 at most, at all 50 times together: \(missed)")
    #expect(missed > 0)
    let few = rk_median_sequence([1, 2], 2, 0.05)
    #expect(few.low == -.infinity && few.high == .infinity && few.estimate == 1.5)
  }

  @Test func estimatesAreDrawnTowardsZeroByTheirError() {
    #expect(rk_shrunk(0.02, 0) == 0.02)
    #expect(abs(rk_shrunk(0.02, 0.01) - 0.015) < 1e-12)
    #expect(abs(rk_shrunk(-0.02, 0.01) + 0.015) < 1e-12)
    #expect(rk_shrunk(0.02, 0.03) == 0 && rk_shrunk(0, 0.01) == 0)
    var random = SeededRandom(seed: 22)
    let values = (0..<4000).map { _ in
      (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    }
    let error = rk_median_error(values, values.count, 0)
    #expect(abs(error * Double(4000).squareRoot() - 1.2533) < 0.08, "standard normal data")
  }
}
