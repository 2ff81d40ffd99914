import CandidateExecution
import ExperimentRecords
import KernelModel

/// L1: the candidate commits no fault that the original does not commit.
///
/// Both programs are built by clang twice: with the undefined-behaviour sanitizer, every check a
/// trap, and with a call before every load and store. They run on regions of exactly the contract's
/// extent between inaccessible pages, outputs filled with other values, canaries beside regions that
/// do not fill their pages. The original's own behaviour licenses the candidate's (rule 5,
/// `AccessLicence`); inputs on which the original misbehaves are left out and counted; where it ends
/// its process, the candidate must do so too. Loads from the candidate's own stack and allocations are
/// preceded by stores of the same call, and nothing touches the judge's memory.
/// What may be claimed: no fault on N inputs.
struct FaultFreedom {
  let laboratory: Laboratory
  let shape: InputShape
  let seed: UInt64

  static let method = "FaultFreedom"

  private var ignoresTraps: Bool { shape.switchedOff.contains(.undefinedBehaviour) }

  /// Sorts out the inputs on which the original misbehaves.
  func validate(_ inputs: [CallInput], original: Laboratory.Program) async throws(LaboratoryError)
    -> ValidInputs
  {
    let undefined = try await laboratory.call(original, on: inputs, BuildPlan.undefined)
    let defined = zip(inputs, undefined).filter { Self.hasReturned($0.1) }.map(\.0)
    let audited = try await laboratory.call(original, on: defined, BuildPlan.audit)
    var valid = ValidInputs()
    for (input, outcome) in zip(inputs, undefined) {
      if Self.ending(outcome) != nil {
        valid.endings.append((input, outcome))
      } else {
        Self.count(outcome, &valid)
      }
    }
    for (input, outcome) in zip(defined, audited) {
      Self.count(outcome, &valid)
      guard case .returned(let returned) = outcome else { continue }
      if returned.damage == nil {
        valid.inputs.append(input)
        valid.audited.append(returned)
      } else {
        valid.faults += 1
      }
    }
    return valid
  }

  /// How a program ended its process, which is its result there; nil where it did not mean to.
  private static func ending(_ outcome: CallOutcome) -> String? {
    switch outcome {
    // What aborts or prints asks for calls that nobody gets here; that it asks is what it does.
    case .exited, .forbiddenCall: outcome.description
    case .fault(let fault) where fault.check == nil && fault.signal == 6: "aborted"
    default: nil
    }
  }

  static func hasReturned(_ outcome: CallOutcome) -> Bool {
    if case .returned = outcome { true } else { false }
  }

  private static func count(_ outcome: CallOutcome, _ valid: inout ValidInputs) {
    switch outcome {
    case .returned: break
    case .fault(let fault) where fault.check != nil: valid.undefined += 1
    case .timedOut, .outOfTime: valid.timeouts += 1
    default: valid.faults += 1
    }
  }

  /// Runs the candidate on valid inputs.
  func examine(
    _ candidate: Laboratory.Program, _ valid: ValidInputs, _ comparison: OutcomeComparison
  )
    async throws(LaboratoryError) -> Examination
  {
    var findings: [Finding] = []
    let trapped = try await laboratory.call(candidate, on: valid.inputs, BuildPlan.undefined)
    for (input, outcome) in zip(valid.inputs, trapped) {
      if let finding = fault(outcome, input) { findings.append(finding) }
    }
    findings += try await endings(candidate, valid)
    let outcomes = try await laboratory.call(candidate, on: valid.inputs, BuildPlan.audit)
    for index in valid.inputs.indices {
      let finding = comparison.finding(
        outcomes[index], against: valid.audited[index], on: valid.inputs[index], BuildPlan.audit,
        comparesValues: false)
      if let finding { findings.append(finding) }
    }
    return Examination(evidence: await evidence(valid, findings), findings: findings)
  }

  private func endings(_ candidate: Laboratory.Program, _ valid: ValidInputs)
    async throws(LaboratoryError) -> [Finding]
  {
    guard !valid.endings.isEmpty, !shape.switchedOff.contains(.endings) else { return [] }
    let inputs = valid.endings.map(\.0)
    let outcomes = try await laboratory.call(candidate, on: inputs, BuildPlan.undefined)
    var findings: [Finding] = []
    for (own, outcome) in zip(valid.endings, outcomes) {
      let expected = Self.ending(own.1)
      if Self.ending(outcome) == expected { continue }
      let kind = Finding.Kind.difference(
        cell: "end of the process", expected: expected ?? "", actual: outcome.description)
      findings.append(Finding(input: own.0, kind: kind, choice: BuildPlan.undefined))
    }
    return findings
  }

  private func fault(_ outcome: CallOutcome, _ input: CallInput) -> Finding? {
    func found(_ kind: Finding.Kind) -> Finding {
      Finding(input: input, kind: kind, choice: BuildPlan.undefined)
    }
    switch outcome {
    case .returned: return nil
    case .fault(let fault) where fault.check != nil && ignoresTraps: return nil
    case .timedOut, .outOfTime: return found(.timedOut)
    default:
      let comparison = OutcomeComparison(shape: shape, floatingPoint: .exact)
      let nothing = CallReturn(nanoseconds: 0, regions: [], result: [])
      return comparison.finding(outcome, against: nothing, on: input, BuildPlan.undefined)
    }
  }

  private func evidence(_ valid: ValidInputs, _ findings: [Finding]) async -> Evidence {
    var evidence = Evidence(level: .l1, method: Self.method, result: .passed)
    evidence.inputs = valid.inputs.count
    evidence.seed = seed
    evidence.sizes = SizeList(shape).distinct(valid.inputs)
    evidence.compilers = await laboratory.commandLines([BuildPlan.undefined, BuildPlan.audit])
    evidence.detail = "no fault on \(valid.inputs.count) inputs\(valid.remark)"
    if let first = findings.first(where: { if case .timedOut = $0.kind { false } else { true } }) {
      evidence.result = .failed
      evidence.detail = "\(first.cell): \(first.actual)"
    } else if !findings.isEmpty {
      evidence.result = .inconclusive
      evidence.detail = "the candidate did not return in time on \(findings.count) inputs"
    }
    return evidence
  }
}

/// The sizes of inputs, for the record.
struct SizeList {
  let shape: InputShape
  init(_ shape: InputShape) { self.shape = shape }

  /// Each assignment once, in the order of first use.
  func distinct(_ inputs: [CallInput]) -> [[String: Int]] {
    var seen: Set<[String: Int]> = []
    var result: [[String: Int]] = []
    for input in inputs {
      let pairs = PointText(shape: shape).sizes(input.point)
      let sizes = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
      if seen.insert(sizes).inserted { result.append(sizes) }
    }
    return result
  }
}
