import CandidateExecution
import ExperimentRecords
import KernelModel

/// L2: original and candidate leave the same behind on the same inputs.
///
/// Compared are every writable region, the return value and the file-scope objects, between builds
/// by the same compiler with the same flags: the project's flags and `-O0`, by the project's
/// compiler and by one of another family when the machine has one. The candidate is called twice on
/// each input and must repeat itself, once more on what it left behind, and where it allocates also
/// with no memory to be had. In mode `exact` the bits must be the same, any NaN equal to
/// any NaN; `relaxed` is bounded by `RelaxedComparison`.
/// What may be claimed: agreed on N inputs with seed S.
struct DifferentialTesting {
  let laboratory: Laboratory
  let shape: InputShape
  let choices: [BuildChoice]
  let seed: UInt64

  static let method = "DifferentialTesting"

  func examine(
    original: Laboratory.Program, candidate: Laboratory.Program, _ valid: ValidInputs,
    _ comparison: OutcomeComparison
  ) async throws(LaboratoryError) -> Examination {
    var findings: [Finding] = []
    var unanswered = 0
    var compared = 0
    var errors: ErrorComparison.Errors?
    let repeats = !shape.switchedOff.contains(.repeatedCall)
    for choice in choices where findings.isEmpty {
      let inputs = try await inputs(of: valid, for: choice, original, comparison)
      let expected = try await laboratory.call(original, on: inputs, choice)
      let actual = try await laboratory.call(
        candidate, on: inputs, choice,
        twice: repeats && (choice == BuildPlan.shipping || choice.threads > 1))
      var calls: [ErrorComparison.Call] = []
      for index in inputs.indices {
        guard case .returned(let reference) = expected[index] else {
          unanswered += 1
          continue
        }
        compared += 1
        let finding = comparison.finding(
          actual[index], against: reference, on: inputs[index], choice)
        if let finding { findings.append(finding) }
        if case .returned(let own) = actual[index] {
          calls.append(.init(input: inputs[index], original: reference, candidate: own))
        }
      }
      if let precise = comparison.precise {
        let answer = ErrorComparison(shape: shape, precise: precise).findings(calls, choice)
        findings += answer.findings
        errors = ErrorComparison.Errors(
          original: max(errors?.original ?? 0, answer.errors.original),
          candidate: max(errors?.candidate ?? 0, answer.errors.candidate))
      }
    }
    var evidence = await evidence(valid, findings, compared: compared, unanswered: unanswered)
    if let errors, evidence.result == .passed { evidence.detail += "; \(errors)" }
    return Examination(evidence: evidence, findings: findings)
  }

  /// All valid inputs; where calls follow each other, those on which the original's second call is
  /// well defined too. Contents that the contract bounds need not keep to it after a call, and small
  /// differences that `relaxed` allows may have grown.
  private func inputs(
    of valid: ValidInputs, for choice: BuildChoice, _ original: Laboratory.Program,
    _ comparison: OutcomeComparison
  ) async throws(LaboratoryError) -> [CallInput] {
    guard choice.callsInARow > 1 else { return valid.inputs }
    guard comparison.floatingPoint == .exact, !shape.contract.boundsContents else { return [] }
    let outcomes = try await laboratory.call(
      original, on: valid.inputs, BuildPlan.definedInARow)
    return zip(valid.inputs, outcomes).filter { FaultFreedom.hasReturned($0.1) }.map(\.0)
  }

  private func evidence(
    _ valid: ValidInputs, _ findings: [Finding], compared: Int, unanswered: Int
  ) async -> Evidence {
    var evidence = Evidence(level: .l2, method: Self.method, result: .passed)
    evidence.inputs = valid.inputs.count
    evidence.seed = seed
    evidence.sizes = SizeList(shape).distinct(valid.inputs)
    evidence.compilers = await laboratory.commandLines(choices)
    evidence.detail =
      "agreed on \(valid.inputs.count) inputs in \(choices.count) builds, seed \(seed)"
      + valid.remark
    if let first = findings.first(where: { if case .timedOut = $0.kind { false } else { true } }) {
      evidence.result = .failed
      evidence.detail = "\(first.cell): expected \(first.expected), got \(first.actual)"
    } else if !findings.isEmpty {
      evidence.result = .inconclusive
      evidence.detail = "the candidate did not return in time on \(findings.count) inputs"
    } else if compared == 0 {
      evidence.result = .inconclusive
      evidence.detail = "no call of the original could be compared with"
    } else if unanswered > 0 {
      evidence.detail += "; the original did not return on \(unanswered) calls"
    }
    return evidence
  }
}
