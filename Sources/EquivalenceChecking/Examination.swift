import CandidateExecution
import ExperimentRecords
import KernelModel

/// What one level of running says.
struct Examination {
  var evidence: Evidence
  /// What refutes the candidate, smallest input first.
  var findings: [Finding] = []

  /// The findings that refute; a time-out does not.
  var refuting: [Finding] {
    findings.filter { if case .timedOut = $0.kind { false } else { true } }
  }
}

/// The inputs on which the original itself is well behaved.
struct ValidInputs {
  var inputs: [CallInput] = []
  /// What the original did under audit, beside each input.
  var audited: [CallReturn] = []
  /// The inputs on which the original ends its process, and how.
  var endings: [(CallInput, CallOutcome)] = []
  var undefined = 0
  var faults = 0
  var timeouts = 0

  var discarded: Int { undefined + faults + timeouts }

  /// Why these inputs cannot carry a verdict; nil when they can.
  var obstacle: String? {
    let total = inputs.count + discarded
    if total == 0 { return "the contract leaves no input to try" }
    if faults * 5 > total * 2 {
      return "the original faults on \(faults) of \(total) inputs inside its contract, "
        + "which is therefore wrong"
    }
    if inputs.count < min(8, total) {
      return "the original is well defined on \(inputs.count) of \(total) inputs only"
    }
    return nil
  }

  var remark: String {
    guard discarded > 0 else { return "" }
    return
      "; \(discarded) inputs left out on which the original itself has undefined behaviour "
      + "(\(undefined)), faults (\(faults)) or does not end in time (\(timeouts))"
  }
}
