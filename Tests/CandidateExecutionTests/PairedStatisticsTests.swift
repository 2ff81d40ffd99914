import Foundation
import Testing

@testable import CandidateExecution

/// Loads whose pairs have a true ratio, a bias of their own load and noise of their own pair, as
/// measured loads do.
private struct SyntheticLoads {
  var random: SeededRandom

  mutating func normal() -> Double {
    let u = Double.random(in: 1e-12..<1, using: &random)
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
  }

  mutating func loads(_ count: Int, ratio: Double, bias: Double, noise: Double, pairs: Int = 60)
    -> [PairedTiming]
  {
    (0..<count).map { _ in
      let shift = log(ratio) + bias * normal()
      return PairedTiming(
        pairs: (0..<pairs).map { _ in
          let candidate = 200_000 * exp(0.05 * normal())
          return .init(
            original: Int(candidate * exp(shift + noise * normal())), candidate: Int(candidate),
            candidateFirst: random.next() >> 63 == 1)
        })
    }
  }
}

@Suite struct PairedStatisticsTests {
  @Test func theMedianRatioIsRecoveredWithItsInterval() throws {
    var synthetic = SyntheticLoads(random: SeededRandom(seed: 1))
    let loads = synthetic.loads(7, ratio: 1.5, bias: 0.005, noise: 0.03)
    let statistics = PairedStatistics(loads)
    let speedup = try #require(statistics.speedup())
    #expect(abs(speedup.median - 1.5) < 0.02)
    #expect(speedup.low < speedup.median && speedup.median < speedup.high)
    #expect(speedup.high - speedup.low < 0.05)
    #expect(statistics.pairs == 420)
    #expect(statistics.loadRatios.count == 7)
    #expect(abs(statistics.candidateNanoseconds - 200_000) < 5_000)
    #expect(statistics.speedup(seed: 4) == statistics.speedup(seed: 4))
  }

  @Test func biasBetweenLoadsWidensTheInterval() throws {
    var synthetic = SyntheticLoads(random: SeededRandom(seed: 2))
    let steady = PairedStatistics(synthetic.loads(8, ratio: 1, bias: 0, noise: 0.02))
    let biased = PairedStatistics(synthetic.loads(8, ratio: 1, bias: 0.03, noise: 0.02))
    let narrow = try #require(steady.smallestResolvableEffect())
    let wide = try #require(biased.smallestResolvableEffect())
    #expect(wide > 2 * narrow)
  }

  @Test func batchesAreCountedByCalls() throws {
    let pair = PairedTiming.Pair(original: 3000, candidate: 1000, candidateFirst: false)
    let statistics = PairedStatistics([PairedTiming(pairs: [pair], callsPerBatch: 10)])
    #expect(statistics.originalNanoseconds == 300)
    #expect(try #require(statistics.speedup()).median.rounded() == 3)
  }

  @Test func withoutLoadsThereIsNoSpeedup() {
    let failed = PairedTiming(verdict: .failed(.candidate, "timed out"), pairs: [])
    #expect(PairedStatistics([]).speedup() == nil)
    #expect(PairedStatistics([failed]).speedup() == nil)
  }
}
