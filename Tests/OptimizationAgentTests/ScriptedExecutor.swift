import CandidateExecution
import ExperimentRecords
import LineageLog
import Synchronization

import func Foundation.log

@testable import OptimizationAgent

/// Answers from a script instead of a machine: the speedup of a text is a function of the text.
final class ScriptedExecutor: CandidateExecutor {
  let speedup: @Sendable (String) -> Double
  /// What fresh loads of a text show.
  let confirmed: @Sendable (String) -> Double
  let verdict: @Sendable (String) -> Verdict
  /// What the full examination says where it differs.
  let fullVerdict: @Sendable (String) -> Verdict?
  private let texts = Mutex<[Digest: String]>([:])

  init(
    speedup: @escaping @Sendable (String) -> Double,
    confirmed: (@Sendable (String) -> Double)? = nil,
    verdict: @escaping @Sendable (String) -> Verdict = { _ in .tested },
    fullVerdict: @escaping @Sendable (String) -> Verdict? = { _ in nil }
  ) {
    self.speedup = speedup
    self.confirmed = confirmed ?? speedup
    self.verdict = verdict
    self.fullVerdict = fullVerdict
  }

  func build(_ text: [UInt8]) async throws -> BuiltCandidate {
    let digest = ObjectStore.digest(of: text)
    texts.withLock { $0[digest] = String(decoding: text, as: UTF8.self) }
    return BuiltCandidate(path: "/nowhere", source: digest, compiles: 1)
  }

  func screen(_ candidate: BuiltCandidate) async throws -> [Measurement] {
    [measurement(speedup(text(of: candidate)))]
  }

  func compare(_ first: BuiltCandidate, _ second: BuiltCandidate) async throws -> [Measurement] {
    [measurement(speedup(text(of: second)) / speedup(text(of: first)))]
  }

  func confirm(
    _ candidate: BuiltCandidate, text: [UInt8], rule: PairedConfirmation.Rule
  ) async throws -> Confirmation {
    let ratio = confirmed(String(decoding: text, as: UTF8.self))
    var test = PairedConfirmation(workloads: ["w"], rule: rule)
    while test.decision == .undecided { test.add(log(ratio), to: test.next) }
    return Confirmation(test: test, measurements: [measurement(ratio)])
  }

  func examine(_ text: [UInt8], effort: ExaminationEffort) async throws -> Examination {
    let source = String(decoding: text, as: UTF8.self)
    let verdict = (effort == .full ? fullVerdict(source) : nil) ?? verdict(source)
    let result: Evidence.Result = verdict >= .tested ? .passed : .failed
    let evidence = Evidence(level: .l2, method: "script", result: result)
    let carriesVerdict = effort == .full || verdict < .tested
    return Examination(verdict: carriesVerdict ? verdict : nil, evidence: [evidence])
  }

  private func text(of candidate: BuiltCandidate) -> String {
    texts.withLock { $0[candidate.source] ?? "" }
  }

  private func measurement(_ ratio: Double) -> Measurement {
    Measurement(
      workload: "w",
      speedup: ConfidenceInterval(median: ratio, low: ratio * 0.99, high: ratio * 1.01), pairs: 10,
      loads: 3, baselineNanoseconds: 1000 * ratio, candidateNanoseconds: 1000, compiler: "script",
      flags: [], smallestResolvableEffect: 0.01)
  }
}
