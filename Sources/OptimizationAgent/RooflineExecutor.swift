import CandidateExecution
import ExperimentRecords
import Foundation
import Synchronization

/// Holds what another executor measured against what the machine can do.
///
/// A candidate that seems faster than the machine can move the bytes that every right candidate
/// must touch is not fast but wrong, or its measurement is: it is quarantined and never wins. Before
/// that is said the machine is measured once more, for a limit that was measured too low must not
/// cost a winner.
final class RooflineExecutor: CandidateExecutor {
  /// How far below the limit a time may lie before it is impossible: both were measured.
  static let margin = 1.25

  private struct State {
    var limits: [RooflineLimit]
    var isFresh = false
  }

  private let inner: any CandidateExecutor
  private let state: Mutex<State>
  private let measuredAgain: @Sendable () async -> [RooflineLimit]

  init(
    _ inner: any CandidateExecutor, limits: [RooflineLimit],
    measuredAgain: @escaping @Sendable () async -> [RooflineLimit]
  ) {
    self.inner = inner
    self.measuredAgain = measuredAgain
    state = Mutex(State(limits: limits))
  }

  func build(_ text: [UInt8]) async throws -> BuiltCandidate { try await inner.build(text) }

  func screen(_ candidate: BuiltCandidate) async throws -> [Measurement] {
    try await checked(try await inner.screen(candidate))
  }

  func compare(_ first: BuiltCandidate, _ second: BuiltCandidate) async throws -> [Measurement] {
    try await inner.compare(first, second)
  }

  func confirm(
    _ candidate: BuiltCandidate, text: [UInt8], rule: PairedConfirmation.Rule
  ) async throws -> Confirmation {
    var confirmation = try await inner.confirm(candidate, text: text, rule: rule)
    confirmation.measurements = try await checked(confirmation.measurements)
    confirmation.smaller = try await checked(confirmation.smaller)
    return confirmation
  }

  func examine(_ text: [UInt8], effort: ExaminationEffort) async throws -> Examination {
    try await inner.examine(text, effort: effort)
  }

  private func checked(_ measurements: [Measurement]) async throws -> [Measurement] {
    let first = limited(measurements)
    guard first.contains(where: Self.isImpossible) else { return first }
    if !state.withLock({ $0.isFresh }) {
      let limits = await measuredAgain()
      state.withLock { $0 = State(limits: limits, isFresh: true) }
    }
    let second = limited(measurements)
    if let impossible = second.first(where: Self.isImpossible) {
      throw CandidateFailure.impossible(Self.reason(impossible), impossible)
    }
    return second
  }

  private func limited(_ measurements: [Measurement]) -> [Measurement] {
    let limits = state.withLock { $0.limits }
    return measurements.map { measurement in
      var result = measurement
      result.limit = limits.first { $0.workload == measurement.workload }
      return result
    }
  }

  static func isImpossible(_ measurement: Measurement) -> Bool {
    guard let limit = measurement.limit else { return false }
    return measurement.candidateNanoseconds * margin < limit.certainNanoseconds
  }

  private static func reason(_ measurement: Measurement) -> String {
    let limit = measurement.limit
    return String(
      format: "quarantined as impossible: %.1f ns a call on '%@', and touching its %d bytes takes "
        + "at least %.1f ns on this machine", measurement.candidateNanoseconds,
      measurement.workload, limit?.certainBytes ?? 0, limit?.certainNanoseconds ?? 0)
  }
}
