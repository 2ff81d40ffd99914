import Diagnostics
public import ExperimentRecords
public import LineageLog

/// The gate before each generation of the agent's own policy, rules or source: the way that anything which
/// changes the agent goes.
///
/// Before a generation it asks for L4, for an envelope that a person approved, and for a wire that is not
/// tripped; after it, it records what came of it, and pauses where the wire is tripped.
public struct GenerationGate: Sendable {
  private let writer: LineageWriter
  private let gate: AutonomyGate

  /// A generation that may be run.
  public struct Generation: Hashable, Sendable {
    /// Its number, from 1.
    public let number: Int
    /// The entry of its envelope.
    public let envelope: Digest
    /// Its bounds.
    public let bounds: EnvelopeBounds
    /// The permission to change the agent within them.
    public let permit: Permit
  }

  /// Guards the generations that `writer` records.
  public init(_ writer: LineageWriter, gate: AutonomyGate) {
    self.writer = writer
    self.gate = gate
  }

  /// Declares bounds, which hold once a person has approved the entry.
  @discardableResult
  public func declare(_ bounds: EnvelopeBounds) throws(LineageError) -> StoredEntry {
    try writer.append(.envelopeDeclared(EnvelopeDeclared(bounds, by: gate.user)))
  }

  /// Leave for the next generation within the envelope of the entry `envelope`.
  ///
  /// Throws: `OversightStop` while the wire is tripped; `LineageError.refused` where the level or the envelope
  /// does not allow it. Both are in the log.
  public func begin(within envelope: Digest) throws -> Generation {
    let lineage = writer.lineage
    let action = "begin a generation of the agent"
    let permit: Permit
    do throws(Denial) { permit = try gate.selfChange(to: action) } catch {
      throw try refused(error)
    }
    let number = lineage.generations + 1
    guard let stored = lineage[envelope],
      case .envelopeDeclared(let declared) = stored.entry.content
    else { throw try refused(envelope, action, "there is no such envelope") }
    guard declared.isSound else {
      throw try refused(envelope, action, "its hash is not that of its bounds")
    }
    guard gate.rule.approves(envelope, in: lineage) else {
      throw try refused(envelope, action, gate.rule.obstacle(to: envelope, in: lineage))
    }
    guard number <= declared.bounds.lastGeneration else {
      throw try refused(
        envelope, action, "it ends with generation \(declared.bounds.lastGeneration)")
    }
    try checkTripwire()
    return Generation(
      number: number, envelope: envelope, bounds: declared.bounds, permit: permit)
  }

  /// Whether a path may be written in `generation`: it lies at or below one that the bounds name.
  ///
  /// Throws: `LineageError.refused`, which is in the log, where it may not.
  public func checkWrite(of path: String, in generation: Generation) throws {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    let isPlain =
      !path.hasPrefix("/") && !parts.isEmpty && !parts.contains("..")
      && !parts.contains(".")
    let isInside = generation.bounds.paths.contains { bound in
      let own = bound.split(separator: "/", omittingEmptySubsequences: true)
      return !own.isEmpty && parts.starts(with: own)
    }
    guard isPlain, isInside else {
      throw try refused(
        generation.envelope, "write '\(path)' in generation \(generation.number)",
        "it lies outside the envelope")
    }
  }

  /// Records the end of `generation`, and pauses where it trips the wire. Returns the entry.
  ///
  /// What it took beyond its bounds is refused to count: the generation is recorded and its product must
  /// not be used.
  @discardableResult
  public func end(
    _ generation: Generation, improvement: Double, cpuHours: Double, product: Digest
  ) throws -> StoredEntry {
    let stored = try writer.append(
      .generationEnded(
        GenerationEnded(
          number: generation.number, level: generation.permit.level,
          // What is no number trips the wire as the largest one does.
          improvement: improvement.isFinite ? improvement : .greatestFiniteMagnitude,
          cpuHours: cpuHours.isFinite ? cpuHours : 0, product: product,
          envelope: generation.envelope)))
    try pause()
    guard cpuHours <= generation.bounds.cpuHours else {
      throw try refused(
        generation.envelope, "take \(cpuHours) CPU hours for generation \(generation.number)",
        "the envelope allows \(generation.bounds.cpuHours)")
    }
    return stored
  }

  /// Throws `OversightStop` while a trip is open; first makes up for a pause that a crash kept out of the
  /// log.
  public func checkTripwire() throws {
    try pause()
    let lineage = writer.lineage
    guard let trip = Tripwire(lineage).open(in: lineage, by: gate.rule).first else { return }
    let id = lineage.pauses(of: trip).last?.id.short ?? trip.generation.id.short
    throw OversightStop(
      .error(
        "improvement per CPU hour grew \(growth(trip)) in generation \(trip.number), so that no "
          + "further one begins until a person approves it",
        remedy: "look at it with 'ratchet lineage show \(id)', then 'ratchet approve \(id)'"))
  }

  private func growth(_ trip: Tripwire.Trip) -> String {
    guard trip.growth.isFinite else { return "beyond measure" }
    let tenths = (trip.growth * 10).rounded() / 10
    return "\(tenths) times"
  }

  /// Adds the entry of every trip that has none: one that waits, or one that an envelope allows.
  private func pause() throws(LineageError) {
    let lineage = writer.lineage
    for trip in Tripwire(lineage).trips where lineage.pauses(of: trip).isEmpty {
      try writer.append(
        .tripwirePaused(
          TripwirePaused(
            generation: trip.generation.id, number: trip.number, earlier: trip.earlier,
            earlierRate: trip.earlierRate, rate: min(trip.rate, .greatestFiniteMagnitude),
            allowedBy: lineage.allows(trip, by: gate.rule) ? trip.envelope : nil)))
    }
  }

  private func refused(_ denial: Denial) throws(LineageError) -> LineageError {
    .refused(try writer.refuse(denial.record, remedy: denial.remedy))
  }

  private func refused(
    _ envelope: Digest, _ action: String, _ reason: String
  ) throws(LineageError) -> LineageError {
    .refused(
      try writer.refuse(
        ActionRefused(
          action: action, subject: envelope, origin: "envelope \(envelope.short)", reason: reason,
          by: gate.user)))
  }
}

extension Lineage {
  /// How many generations ended.
  public var generations: Int {
    entries.count { if case .generationEnded = $0.entry.content { true } else { false } }
  }
}
