/// One recipe that was proposed, and all that is known about it.
public struct Proposal: Codable, Hashable, Sendable {
  /// The kernel.
  public var kernel: KernelName
  /// The recipe.
  public var recipe: Recipe
  /// The entry of the proposal or baseline that it was derived from.
  public var parent: Digest?
  /// The name of the proposer or of the list that it came from.
  public var proposer: String?
  /// How it ended.
  public var outcome: Outcome
  /// Why, in house grammar, where the outcome does not say it all.
  public var reason: String?
  /// The pass's refusal.
  public var refusal: Refusal?
  /// The digest of the emitted file; the object store holds it unless it is a duplicate.
  public var source: Digest?
  /// What the judge says.
  public var verdict: Verdict?
  /// What the judge did.
  public var evidence: [Evidence]
  /// Why it is wrong.
  public var counterexample: Counterexample?
  /// How fast it is, by workload.
  public var measurements: [Measurement]
  /// What the proposal took.
  public var cost: Cost
  /// The test over fresh loads, where it came to that.
  public var confirmation: ConfirmationTest?
  /// Threads that the search it belongs to is for; `nil` for the search for one core. No figure of that
  /// one counts it.
  public var threads: Int?

  /// Creates the record from its parts.
  public init(
    kernel: KernelName, recipe: Recipe, parent: Digest? = nil, proposer: String? = nil,
    outcome: Outcome, reason: String? = nil, refusal: Refusal? = nil, source: Digest? = nil,
    verdict: Verdict? = nil, evidence: [Evidence] = [], counterexample: Counterexample? = nil,
    measurements: [Measurement] = [], cost: Cost = Cost(), confirmation: ConfirmationTest? = nil,
    threads: Int? = nil
  ) {
    self.threads = threads
    self.kernel = kernel
    self.recipe = recipe
    self.parent = parent
    self.proposer = proposer
    self.outcome = outcome
    self.reason = reason
    self.refusal = refusal
    self.source = source
    self.verdict = verdict
    self.evidence = evidence
    self.counterexample = counterexample
    self.measurements = measurements
    self.cost = cost
    self.confirmation = confirmation
  }
}

/// What one step of a winner brings: the time without it over the time with it.
public struct StepEffect: Codable, Hashable, Sendable {
  /// The step.
  public var step: Step
  /// The gain of the whole recipe over the recipe without this step; `nil` where the rest
  /// cannot stand without it.
  public var speedup: ConfidenceInterval?

  /// Creates the record from its parts.
  public init(
    step: Step, speedup: ConfidenceInterval? = nil
  ) {
    self.step = step
    self.speedup = speedup
  }
}

/// A candidate that was confirmed on a fresh run, in its minimised form.
public struct Winner: Codable, Hashable, Sendable {
  /// The kernel.
  public var kernel: KernelName
  /// The minimised recipe.
  public var recipe: Recipe
  /// The entry of the proposal that won.
  public var proposal: Digest
  /// What each step brings.
  public var effects: [StepEffect]
  /// The digest of the user's file that the recipe was applied to.
  public var baseSource: Digest
  /// The digest of the emitted file.
  public var newSource: Digest
  /// The digest of the unified diff between the two.
  public var patch: Digest?
  /// What the judge says.
  public var verdict: Verdict
  /// What the judge did.
  public var evidence: [Evidence]
  /// How fast it is, by workload, in the confirming run.
  public var measurements: [Measurement]
  /// What the test over fresh loads measured in place of workloads whose calls take long; `nil` where there
  /// are none.
  public var smaller: [Measurement]?
  /// Seconds saved by one call, over the workloads' geometric mean.
  public var secondsSavedPerCall: Double?
  /// Calls until the CPU seconds of its search are paid back.
  public var breakEvenCalls: Double?
  /// How many candidates were compiled for this kernel.
  public var evaluations: Int
  /// What the search for this kernel took.
  public var cost: Cost
  /// The test over fresh loads that it passed.
  public var confirmation: ConfirmationTest?
  /// Threads that it was measured with beside the original; `nil` for a winner on one core. What is
  /// faster on several cores is reported apart.
  public var threads: Int?

  /// Creates the record from its parts.
  public init(
    kernel: KernelName, recipe: Recipe, proposal: Digest, effects: [StepEffect] = [],
    baseSource: Digest, newSource: Digest, patch: Digest? = nil, verdict: Verdict,
    evidence: [Evidence] = [], measurements: [Measurement], smaller: [Measurement]? = nil,
    secondsSavedPerCall: Double? = nil, breakEvenCalls: Double? = nil, evaluations: Int = 0,
    cost: Cost = Cost(), confirmation: ConfirmationTest? = nil, threads: Int? = nil
  ) {
    self.threads = threads
    self.smaller = smaller
    self.kernel = kernel
    self.recipe = recipe
    self.proposal = proposal
    self.effects = effects
    self.baseSource = baseSource
    self.newSource = newSource
    self.patch = patch
    self.verdict = verdict
    self.evidence = evidence
    self.measurements = measurements
    self.secondsSavedPerCall = secondsSavedPerCall
    self.breakEvenCalls = breakEvenCalls
    self.evaluations = evaluations
    self.cost = cost
    self.confirmation = confirmation
  }
}
