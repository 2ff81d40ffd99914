/// Something that was tried beyond what is allowed, and was not done.
public struct ActionRefused: Codable, Hashable, Sendable {
  /// What was tried, in house grammar: `write patch files`.
  public var action: String
  /// The entry that it was tried with: a winner, a pause.
  public var subject: Digest?
  /// The kernel that it was tried on.
  public var kernel: KernelName?
  /// The level that it needs; `nil` where no level allows it.
  public var needed: AutonomyLevel?
  /// The level that was allowed; `nil` where the level is not what forbids it.
  public var allowed: AutonomyLevel?
  /// What sets the limit: a file, or `the default`.
  public var origin: String
  /// Why it is not done, in house grammar.
  public var reason: String
  /// Who tried it, as far as the system knows.
  public var by: String

  /// Creates the record from its parts.
  public init(
    action: String, subject: Digest? = nil, kernel: KernelName? = nil,
    needed: AutonomyLevel? = nil, allowed: AutonomyLevel? = nil, origin: String, reason: String,
    by: String
  ) {
    self.action = action
    self.subject = subject
    self.kernel = kernel
    self.needed = needed
    self.allowed = allowed
    self.origin = origin
    self.reason = reason
    self.by = by
  }
}

/// A candidate that seems faster than the machine can be: kept for a person to look at, and never a
/// winner.
public struct Quarantined: Codable, Hashable, Sendable {
  /// The kernel.
  public var kernel: KernelName
  /// The recipe.
  public var recipe: Recipe
  /// The entry of the proposal.
  public var proposal: Digest
  /// The digest of the emitted file, which the object store holds.
  public var source: Digest
  /// The impossible measurement; its limit says what the machine can do.
  public var measurement: Measurement
  /// Why, in house grammar.
  public var reason: String

  /// Creates the record from its parts.
  public init(
    kernel: KernelName, recipe: Recipe, proposal: Digest, source: Digest,
    measurement: Measurement, reason: String
  ) {
    self.kernel = kernel
    self.recipe = recipe
    self.proposal = proposal
    self.source = source
    self.measurement = measurement
    self.reason = reason
  }
}

/// A bound on what a campaign may use, or on what a day may change.
public enum Ceiling: String, Codable, Hashable, Sendable, CaseIterable {
  /// CPU seconds of the agent and all its children.
  case cpu
  /// Seconds by the clock.
  case wall
  /// Compiler runs.
  case compiles
  /// Bytes written to the object store.
  case disk
  /// Winners written into sources in 24 hours.
  case accepted
}

/// A ceiling that was reached.
public struct CeilingReached: Codable, Hashable, Sendable {
  /// Which.
  public var ceiling: Ceiling
  /// Its value, in seconds, runs, bytes or changes.
  public var limit: Double
  /// What had been spent when it was noticed.
  public var spent: Double
  /// What sets it: a file, or the command line.
  public var origin: String

  /// Creates the record from its parts.
  public init(ceiling: Ceiling, limit: Double, spent: Double, origin: String) {
    self.ceiling = ceiling
    self.limit = limit
    self.spent = spent
    self.origin = origin
  }
}
