/// The bounds within which the agent may change itself.
public struct EnvelopeBounds: Codable, Hashable, Sendable {
  /// What may be written, as paths relative to the agent's own source or state.
  public var paths: [String]
  /// The last generation that it covers.
  public var lastGeneration: Int
  /// CPU hours that a generation may take.
  public var cpuHours: Double
  /// By which factor improvement per CPU hour may grow from one generation to the next; 2 or more is a
  /// training that is expected to trip the wire.
  public var largestGrowth: Double

  /// Creates the bounds.
  public init(paths: [String], lastGeneration: Int, cpuHours: Double, largestGrowth: Double) {
    self.paths = paths
    self.lastGeneration = lastGeneration
    self.cpuHours = cpuHours
    self.largestGrowth = largestGrowth
  }

  /// What the hash of an envelope is over: a line for each bound, each ended by a newline.
  public var statement: String {
    var text = "ratchet envelope\nlast generation \(lastGeneration)\ncpu hours \(cpuHours)\n"
    text += "largest growth \(largestGrowth)\n"
    for path in paths { text += "path \(path.debugDescription)\n" }
    return text
  }
}

/// An envelope, before anything is done within it. It holds once a person has approved this entry.
public struct EnvelopeDeclared: Codable, Hashable, Sendable {
  /// The SHA-256 of the bounds' statement.
  public var hash: Digest
  /// The bounds.
  public var bounds: EnvelopeBounds
  /// Who declares it.
  public var by: String

  /// Creates the record from its parts.
  public init(hash: Digest, bounds: EnvelopeBounds, by: String) {
    self.hash = hash
    self.bounds = bounds
    self.by = by
  }
}

/// The end of one generation of the agent's own policy, rules or source.
public struct GenerationEnded: Codable, Hashable, Sendable {
  /// Its number, from 1.
  public var number: Int
  /// The level that it ran at.
  public var level: AutonomyLevel
  /// The sum of the logarithms of the speedups that it brought.
  public var improvement: Double
  /// What it took, in hours.
  public var cpuHours: Double
  /// The digest of what it produced.
  public var product: Digest
  /// The entry of the envelope that it ran in; `nil` below L4.
  public var envelope: Digest?

  /// Creates the record from its parts.
  public init(
    number: Int, level: AutonomyLevel, improvement: Double, cpuHours: Double, product: Digest,
    envelope: Digest? = nil
  ) {
    self.number = number
    self.level = level
    self.improvement = improvement
    self.cpuHours = cpuHours
    self.product = product
    self.envelope = envelope
  }
}

/// Improvement per CPU hour has doubled: no further generation begins until a person approves this
/// entry, or an envelope that was approved before allows that much.
public struct TripwirePaused: Codable, Hashable, Sendable {
  /// The entry of the generation that tripped the wire.
  public var generation: Digest
  /// Its number.
  public var number: Int
  /// The entry of the generation that it is compared with.
  public var earlier: Digest
  /// Improvement per CPU hour of the earlier one.
  public var earlierRate: Double
  /// Improvement per CPU hour; infinite where no time was booked.
  public var rate: Double
  /// The entry of the envelope that allows it in advance; `nil` where a person has to.
  public var allowedBy: Digest?

  /// Creates the record from its parts.
  public init(
    generation: Digest, number: Int, earlier: Digest, earlierRate: Double, rate: Double,
    allowedBy: Digest? = nil
  ) {
    self.generation = generation
    self.number = number
    self.earlier = earlier
    self.earlierRate = earlierRate
    self.rate = rate
    self.allowedBy = allowedBy
  }
}
