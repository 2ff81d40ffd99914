import CandidateExecution
import ExperimentRecords
import Synchronization
import Testing

@testable import OptimizationAgent

/// The gate against times that no machine can reach.
@Suite struct RooflineExecutorTests {
  private func limit(certain: Double) -> RooflineLimit {
    RooflineLimit(
      workload: "w", operations: 100, bytes: 800, certainBytes: 800, isWhole: true,
      nanoseconds: certain, limitedBy: "L1", certainNanoseconds: certain)
  }

  private let text = Array("x".utf8)
  private let rule = PairedConfirmation.Rule(error: 1e-5, smallestEffect: 0.01, floor: 0.98)

  /// The script's candidates take 1000 ns.
  private let inner = ScriptedExecutor(speedup: { _ in 3 })

  private func executor(
    _ limits: [RooflineLimit], again: [RooflineLimit], _ count: SharedCount = SharedCount()
  ) -> RooflineExecutor {
    RooflineExecutor(inner, limits: limits) {
      count.value.withLock { $0 += 1 }
      return again
    }
  }

  @Test func aTimeBelowTheLimitIsQuarantined() async throws {
    let count = SharedCount()
    let executor = executor([limit(certain: 1300)], again: [limit(certain: 1300)], count)
    let built = try await executor.build(Array("x".utf8))
    for _ in 0..<2 {
      let failure = await #expect(throws: CandidateFailure.self) {
        try await executor.screen(built)
      }
      #expect(failure?.outcome == .inconclusive)
      #expect(failure?.reason.contains("impossible") == true)
    }
    await #expect(throws: CandidateFailure.self) {
      try await executor.confirm(built, text: text, rule: rule)
    }
    #expect(count.value.withLock { $0 } == 1, "the machine is measured again once")
  }

  @Test func errorsOfMeasurementAreAllowedFor() async throws {
    let executor = executor([limit(certain: 1240)], again: [])
    let built = try await executor.build(Array("x".utf8))
    let measurements = try await executor.screen(built)
    #expect(measurements[0].limit == limit(certain: 1240))
    #expect(measurements[0].limit?.distance(nanoseconds: 2480) == 2)
  }

  @Test func aLimitThatWasMeasuredTooLowCostsNoWinner() async throws {
    let executor = executor([limit(certain: 5000)], again: [limit(certain: 900)])
    let built = try await executor.build(Array("x".utf8))
    let confirmation = try await executor.confirm(built, text: text, rule: rule)
    #expect(confirmation.measurements[0].limit?.certainNanoseconds == 900)
  }

  @Test func whatNothingIsKnownOfPasses() async throws {
    let executor = executor([], again: [])
    let built = try await executor.build(Array("x".utf8))
    #expect(try await executor.screen(built)[0].limit == nil)
  }
}

final class SharedCount: Sendable {
  let value = Mutex(0)
}
