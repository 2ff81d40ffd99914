import Foundation
import Testing

@testable import CandidateExecution

@Suite struct PairedConfirmationTests {
  /// Loads with true log ratios, noise that differs from load to load and now and then an outlier.
  private struct Loads {
    var random: SeededRandom
    var noise = 0.004
    var outliers = 0.03

    mutating func normal() -> Double {
      let u = Double.random(in: 1e-12..<1, using: &random)
      return (-2 * log(u)).squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }

    mutating func load(_ shift: Double) -> Double {
      let isOutlier = Double.random(in: 0..<1, using: &random) < outliers
      return shift + noise * normal() * (isOutlier ? 10 : 1)
    }

    mutating func confirm(
      _ shifts: [Double], _ rule: PairedConfirmation.Rule = .init()
    ) -> PairedConfirmation {
      var test = PairedConfirmation(workloads: shifts.indices.map { "w\($0)" }, rule: rule)
      while test.decision == .undecided {
        let workload = test.next
        test.add(load(shifts[workload]), to: workload)
      }
      return test
    }

    /// The share of winners and the mean number of loads in `count` confirmations.
    mutating func winners(
      _ shifts: [Double], of count: Int, _ rule: PairedConfirmation.Rule = .init()
    ) -> (share: Double, loads: Double) {
      var (won, loads) = (0, 0)
      for _ in 0..<count {
        let test = confirm(shifts, rule)
        if test.decision == .winner { won += 1 }
        loads += test.loads
      }
      return (Double(won) / Double(count), Double(loads) / Double(count))
    }
  }

  @Test func aGainOfTwoPercentWinsOnOneWorkloadAndOnThree() {
    var loads = Loads(random: SeededRandom(seed: 1))
    let one = loads.winners([log(1.02)], of: 200)
    #expect(one.share >= 0.9 && one.loads < 30, "\(one)")
    let three = loads.winners([log(1.02), log(1.02), log(1.02)], of: 200)
    #expect(three.share >= 0.9 && three.loads < 36, "\(three)")
  }

  @Test func aGainOnOneOfThreeWorkloadsWins() {
    var loads = Loads(random: SeededRandom(seed: 2))
    let result = loads.winners([log(1.3), 0, 0], of: 200)
    #expect(result.share >= 0.9, "\(result)")
  }

  @Test func largeGainsNeedFewLoads() {
    var loads = Loads(random: SeededRandom(seed: 3))
    #expect(loads.confirm([log(3)]).loads == 15)
    #expect(loads.confirm([log(3), log(2), log(1.5)]).loads == 18)
    let late = PairedConfirmation.Rule(error: 0.0001 / 24)
    #expect(loads.confirm([log(3), log(2), log(1.5)], late).loads <= 24)
  }

  @Test func noGainAndSmallLossesNeverWinAndStopSoon() {
    var loads = Loads(random: SeededRandom(seed: 4))
    for shifts in [[0.0], [0, 0, 0], [log(0.995)], [-0.005, -0.005, -0.005]] {
      let result = loads.winners(shifts, of: 1000)
      #expect(result.share == 0)
      #expect(result.loads < 24, "\(shifts): \(result)")
    }
  }

  /// Without the filter of the smallest effect and without giving up early, so that only the test
  /// itself stands between the null and a winner, at an error that can be seen in few trials.
  @Test func theErrorIsKeptByTheTestAlone() {
    var loads = Loads(random: SeededRandom(seed: 5), outliers: 0.2)
    let rule = PairedConfirmation.Rule(error: 0.05)
    var rejected = 0
    for _ in 0..<1000 {
      var test = PairedConfirmation(workloads: ["a", "b"], rule: rule)
      for _ in 0..<50 {
        let workload = test.next
        test.add(loads.load(0), to: workload)
      }
      if test.isFaster { rejected += 1 }
    }
    #expect(rejected <= 50)
    #expect(rejected > 2, "\(rejected): the test would be needlessly careful")
  }

  @Test func aLossOnOneWorkloadLosesAll() {
    var loads = Loads(random: SeededRandom(seed: 6))
    let test = loads.confirm([log(1.5), log(0.9)])
    guard case .rejected(let reason) = test.decision else {
      Issue.record("\(test.decision)")
      return
    }
    #expect(reason.hasPrefix("loses on workload 'w1'"))
    #expect(loads.winners([log(1.5), log(0.975)], of: 100).share == 0)
  }

  @Test func aGainBelowTheSmallestEffectIsNotKept() {
    var loads = Loads(random: SeededRandom(seed: 7), noise: 0.0005, outliers: 0)
    let test = loads.confirm([log(1.008)])
    #expect(test.decision != .winner)
    #expect(loads.confirm([log(1.008)], .init(smallestEffect: 0.005)).decision == .winner)
  }

  @Test func winnersAreReportedWithoutTheirLuck() {
    var loads = Loads(random: SeededRandom(seed: 8), noise: 0.01)
    var (shrunk, raw, winners) = (0.0, 0.0, 0)
    for _ in 0..<600 {
      let test = loads.confirm([log(1.012)])
      guard test.decision == .winner else { continue }
      winners += 1
      shrunk += log(test.interval(0).median)
      raw += log(test.unshrunk(0))
    }
    let truth = log(1.012)
    #expect(winners > 20)
    #expect(raw / Double(winners) > truth, "what was chosen for its figure is too high")
    #expect(abs(shrunk - truth * Double(winners)) < abs(raw - truth * Double(winners)))
  }

  @Test func intervalsOfWinnersHoldTheTruthAndTheEstimate() {
    var loads = Loads(random: SeededRandom(seed: 9))
    var missed = 0
    for _ in 0..<200 {
      let interval = loads.confirm([log(1.1)]).interval(0)
      #expect(interval.low <= interval.median && interval.median <= interval.high)
      if interval.low > 1.1 || interval.high < 1.1 { missed += 1 }
    }
    #expect(missed <= 10)
  }
}
