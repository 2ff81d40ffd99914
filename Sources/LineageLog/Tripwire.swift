public import ExperimentRecords

/// The wire that a self-improving agent trips when it improves itself twice as fast as before.
///
/// Of the generations at L4 in a lineage, each is compared by its improvement per CPU hour with the last one
/// before it that improved anything: a generation without gain between two others hides nothing. What took
/// no time, or has figures that are no numbers, trips the wire as soon as there is one to compare with. The
/// wire is read off the generations each time, so that no entry that is missing or added mends it.
public struct Tripwire: Hashable, Sendable {
  /// By which factor the rate may not grow.
  public static let factor = 2.0

  /// A generation that trips the wire.
  public struct Trip: Hashable, Sendable {
    /// The generation.
    public var generation: StoredEntry
    /// Its number.
    public var number: Int
    /// The generation that it is compared with.
    public var earlier: Digest
    /// Improvement per CPU hour, before and now.
    public var earlierRate: Double
    public var rate: Double
    /// The envelope that it ran in.
    public var envelope: Digest?

    /// By which factor the rate grew.
    public var growth: Double { rate / earlierRate }
  }

  /// The generations that trip the wire, oldest first.
  public let trips: [Trip]

  /// Reads the generations of `lineage`.
  public init(_ lineage: Lineage) {
    var trips: [Trip] = []
    var last: (id: Digest, rate: Double)?
    for stored in lineage.entries {
      guard case .generationEnded(let generation) = stored.entry.content,
        generation.level == .selfChange
      else { continue }
      let rate = Self.rate(of: generation)
      if let last, !(rate < Self.factor * last.rate) {
        trips.append(
          Trip(
            generation: stored, number: generation.number, earlier: last.id,
            earlierRate: last.rate, rate: rate, envelope: generation.envelope))
      }
      if rate > 0 { last = (stored.id, rate) }
    }
    self.trips = trips
  }

  /// Improvement per CPU hour; infinite where it cannot be told.
  static func rate(of generation: GenerationEnded) -> Double {
    guard generation.improvement.isFinite, generation.cpuHours.isFinite else { return .infinity }
    guard generation.improvement > 0 else { return 0 }
    return generation.cpuHours > 0 ? generation.improvement / generation.cpuHours : .infinity
  }

  /// The trips that nobody has allowed: no approved pause names them, and no envelope that was approved
  /// before they ended allows that much growth.
  public func open(in lineage: Lineage, by rule: ApprovalRule) -> [Trip] {
    trips.filter { trip in
      !lineage.allows(trip, by: rule)
        && !lineage.pauses(of: trip).contains { rule.approves($0.id, in: lineage) }
    }
  }
}

extension Lineage {
  /// The entries that paused the agent for `trip`.
  public func pauses(of trip: Tripwire.Trip) -> [StoredEntry] {
    entries.filter { stored in
      guard case .tripwirePaused(let paused) = stored.entry.content else { return false }
      return paused.generation == trip.generation.id && stored.index > trip.generation.index
    }
  }

  /// Whether the envelope that the generation ran in was approved before it ended, covers it, is what its
  /// hash says, and allows that much growth.
  public func allows(_ trip: Tripwire.Trip, by rule: ApprovalRule) -> Bool {
    guard let id = trip.envelope, let stored = self[id],
      case .envelopeDeclared(let declared) = stored.entry.content,
      stored.index < trip.generation.index, declared.isSound,
      trip.number <= declared.bounds.lastGeneration, trip.growth <= declared.bounds.largestGrowth
    else { return false }
    return rule.approves(id, in: self, before: trip.generation.index)
  }
}

extension EnvelopeDeclared {
  /// The envelope with the hash of its bounds.
  public init(_ bounds: EnvelopeBounds, by user: String) {
    self.init(hash: Digest(of: Array(bounds.statement.utf8)), bounds: bounds, by: user)
  }

  /// Whether the hash is that of the bounds.
  public var isSound: Bool { hash == Digest(of: Array(bounds.statement.utf8)) }
}
