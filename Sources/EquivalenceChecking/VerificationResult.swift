public import ExperimentRecords

/// What the judge says of one candidate, with everything that it rests on.
public struct VerificationResult: Codable, Hashable, Sendable {
  /// What is known.
  public var verdict: Verdict
  /// What was asked for, or the default for this original.
  public var required: Verdict
  /// Why no more is required by default; nil where it was asked for, or is `bounded`.
  public var requiredBecause: String?
  /// One piece per method, in the order in which they ran.
  public var levels: [Evidence]
  /// What the verdict rests on.
  public var assumptions: [String]
  /// The smallest input found on which the candidate is wrong.
  public var counterexample: Counterexample?
  /// What it took, by phase.
  public var cost: Cost

  public init(
    verdict: Verdict, required: Verdict, levels: [Evidence] = [], assumptions: [String] = [],
    counterexample: Counterexample? = nil, cost: Cost = Cost()
  ) {
    self.verdict = verdict
    self.required = required
    self.levels = levels
    self.assumptions = assumptions
    self.counterexample = counterexample
    self.cost = cost
  }

  /// Whether the candidate may pass.
  public var isAccepted: Bool { verdict.meets(required) }

  /// The level that refuted the candidate.
  public var refutingLevel: Level? {
    verdict == .refuted ? levels.first { $0.result == .failed }?.level : nil
  }

  /// Why the verdict is no better: the detail of the first level that did not pass, of those that take
  /// a verdict away before those that merely add nothing to it.
  public var reason: String? {
    let left = levels.filter { $0.result != .passed }
    let decisive = left.first { $0.method == TestedConditions.method }
    return (decisive ?? left.first { $0.method != ConcreteExecution.method } ?? left.first)?.detail
  }
}
