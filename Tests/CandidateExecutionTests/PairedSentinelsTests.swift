import Foundation
import Testing

@testable import CandidateExecution

@Suite struct PairedSentinelsTests {
  @Test func fairCopiesAreTrusted() {
    var random = SeededRandom(seed: 31)
    for _ in 0..<50 {
      var sentinels = PairedSentinels(smallestEffect: 0.01)
      for _ in 0..<300 { sentinels.addSame(Double.random(in: -0.03...0.03, using: &random)) }
      #expect(sentinels.distrust == nil)
    }
  }

  @Test func aBiasBetweenCopiesIsFoundEitherWay() {
    for bias in [0.02, -0.02] {
      var sentinels = PairedSentinels(smallestEffect: 0.01)
      var random = SeededRandom(seed: 32)
      for _ in 0..<30 {
        sentinels.addSame(bias + Double.random(in: -0.01...0.01, using: &random))
      }
      #expect(sentinels.distrust?.hasPrefix("two copies of one object differ by") == true)
    }
    var sentinels = PairedSentinels(smallestEffect: 0.01)
    for _ in 0..<300 { sentinels.addSame(0.001) }
    #expect(sentinels.distrust == nil, "a bias that no decision can notice")
  }

  @Test func aPlantedCostMustBeSeen() {
    var sentinels = PairedSentinels(smallestEffect: 0.01)
    sentinels.beginSlower()
    var loads = 1
    while sentinels.addSlower(-0.05) { loads += 1 }
    #expect(loads == 8 && sentinels.distrust == nil)
    var noisy = PairedSentinels(smallestEffect: 0.01)
    noisy.beginSlower()
    var load = 0
    repeat {
      load += 1
    } while noisy.addSlower(
      (load.isMultiple(of: 2) ? 0.3 : -0.3) - log(1 + noisy.slowerShare))
    #expect(noisy.distrust == nil && noisy.slowerShare > 0.3, "noise is not blindness")
    for datum in [0.05, 0.0] {
      var blind = PairedSentinels(smallestEffect: 0.01)
      blind.beginSlower()
      while blind.addSlower(datum) {}
      #expect(blind.distrust?.contains("not seen as slower") == true)
      #expect(blind.slower.count <= PairedSentinels.mostLoadsOfSlower)
    }
  }

  @Test func moreIsPlantedWhereThereIsMoreNoise() {
    var sentinels = PairedSentinels(smallestEffect: 0.01)
    #expect(sentinels.plantedShare == 0.05)
    for datum in [0.2, -0.3, 0.1, -0.2, 0.2, 0.4] { sentinels.addSame(datum) }
    #expect(abs(sentinels.plantedShare - 1.2) < 1e-12)
    for _ in 0..<6 { sentinels.addSame(0.0001) }
    #expect(sentinels.plantedShare == 0.05, "by the latest copies")
  }

  @Test func theKeptEffectFollowsTheNoise() {
    func effect(_ noise: Double) -> Double {
      var sentinels = PairedSentinels(smallestEffect: 0.01)
      var random = SeededRandom(seed: 33)
      for _ in 0..<60 { sentinels.addSame(Double.random(in: -noise...noise, using: &random)) }
      return sentinels.keptEffect
    }
    #expect(effect(0.004) == 0.01)
    #expect((0.0101...0.03).contains(effect(0.06)))
    #expect(effect(0.6) == 0.03, "the noise of one kernel is not another's")
  }

  /// The planted cost through the real path: built, loaded and timed.
  @Test func aDelayedTrampolineIsSlowerAndComputesTheSame() async throws {
    let bench = try await Workbench()
    let kernel = try bench.kernel(
      """
      void f(int n, double *restrict a, double *restrict b) {
        for (int t = 0; t < 20; t++)
          for (int i = 0; i < n; i++) ((volatile double *)b)[i] = a[i] * 2 + 1;
      }
      """, flags: ["-O2", "-std=gnu99", "-Wall", "-Werror"], extents: ["a": "n", "b": "n"])
    var unit = try CompilationUnit(kernel)
    let original = try await bench.driver.build(unit)
    let generator = try InputGenerator(
      function: kernel.function, contract: kernel.contract, trampoline: unit.trampoline)
    let image = try generator.image(InputPlan(sizes: ["n": 2000], seed: 1))
    unit.trampoline = unit.trampoline.delayed(steps: 40_000)
    let slower = try await bench.driver.build(unit)
    let timing = try await bench.harness.timePair(
      original: original, candidate: slower, images: [image],
      options: TimingOptions(seed: 5, duration: .milliseconds(60)))
    #expect(timing.verdict == .agreed)
    #expect(try #require(PairedStatistics([timing]).medianLogRatio) < -0.2)
  }
}
