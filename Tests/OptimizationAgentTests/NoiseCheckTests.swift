import Foundation
import Sandboxing
import Testing

@testable import CandidateExecution
@testable import OptimizationAgent

@Suite struct NoiseCheckTests {
  private func check(_ data: [Double]) -> NoiseCheck {
    NoiseCheck(data: data, secondsPerLoad: 0.1, compiler: "test")
  }

  /// Loads whose log ratios are spread evenly, in no order.
  private func loads(spread: Double) -> [Double] {
    (0..<24).map { spread * (Double(($0 * 7) % 24) / 23 - 0.5) }
  }

  @Test func louderNoiseResolvesLess() {
    let effects = [0.0, 0.002, 0.02, 0.2].map {
      check(loads(spread: $0)).smallestResolvableEffect
    }
    #expect(effects == effects.sorted() && Set(effects).count == effects.count)
    // A machine without noise resolves the least gain that is asked for.
    #expect(effects[0] == 0.0005)
    // Half of the spread would make every load positive; what is resolved cannot be far from it.
    #expect((0.004...0.015).contains(effects[2]))
  }

  @Test func theTimeIsThatOfTheLoadsThatAConfirmationTakes() {
    let quiet = check(loads(spread: 0.0001))
    // 2^-loads must be below the first finalist's error of 6/pi² · 10^-4, and betting costs some more.
    #expect((1.4...3).contains(quiet.seconds))
    #expect(quiet.loads == 24)
  }

  @Test func theFloorIsWhatNineteenOfTwentyLoadsKeep() {
    var data = [Double](repeating: 0.001, count: 19)
    data.append(0.5)
    #expect(abs(check(data).floor - (exp(0.001) - 1)) < 1e-9)
    data[0] = -0.4
    #expect(check(data).floor > 0.3)
  }

  @Test func theMachineIsMeasured() async throws {
    let runner = try Runner()
    let compiler = try await CompilerProbe(runner: runner).resolve("clang")
    let check = try await NoiseCheck.measure(compiler: compiler, runner: runner, loads: 8)
    #expect(check.loads == 8)
    #expect((0.6...1.6).contains(check.ratio.median))
    #expect(check.seconds > 0.5)
  }
}
