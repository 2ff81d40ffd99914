import ExperimentRecords

/// Why judging ended without a verdict.
struct VerificationStop: Error {
  var level: Level
  var reason: String

  init(_ level: Level, _ reason: String) {
    self.level = level
    self.reason = reason
  }

  init(_ level: Level, _ error: any Error) {
    self.level = level
    reason = (error as? LaboratoryError)?.description ?? "\(error)"
  }

  var method: String {
    switch level {
    case .l0: "WellFormedText"
    case .l1: FaultFreedom.method
    case .l3: BoundedEquivalence.method
    default: DifferentialTesting.method
    }
  }
}
