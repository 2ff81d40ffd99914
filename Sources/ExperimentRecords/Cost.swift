/// The phases that a campaign's time is split into.
public enum Phase: String, Codable, Hashable, Sendable, CaseIterable {
  /// Reading C.
  case parse
  /// Choosing recipes.
  case propose
  /// Applying recipes and printing C.
  case transform
  /// The compiler.
  case compile
  /// The judge.
  case examine
  /// Timed calls and their processes.
  case measure
  /// Writing the lineage.
  case record
  /// Updating the policy.
  case learn
}

/// What something took.
public struct Cost: Hashable, Sendable {
  /// CPU seconds of the agent and all its children.
  public var cpuSeconds: Double
  /// Seconds by the clock.
  public var wallSeconds: Double
  /// How often a compiler was run.
  public var compiles: Int
  /// Bytes written to the object store.
  public var diskBytes: Int
  /// CPU seconds by phase.
  public var phases: [Phase: Double]

  /// Creates a cost; nothing by default.
  public init(
    cpuSeconds: Double = 0, wallSeconds: Double = 0, compiles: Int = 0, diskBytes: Int = 0,
    phases: [Phase: Double] = [:]
  ) {
    self.cpuSeconds = cpuSeconds
    self.wallSeconds = wallSeconds
    self.compiles = compiles
    self.diskBytes = diskBytes
    self.phases = phases
  }

  /// The sum of two costs that arose one after the other.
  public static func + (a: Cost, b: Cost) -> Cost {
    Cost(
      cpuSeconds: a.cpuSeconds + b.cpuSeconds, wallSeconds: a.wallSeconds + b.wallSeconds,
      compiles: a.compiles + b.compiles, diskBytes: a.diskBytes + b.diskBytes,
      phases: a.phases.merging(b.phases, uniquingKeysWith: +))
  }

  /// The share of the CPU seconds that went into neither compiler, judge nor measurement: the
  /// agent's own overhead. `nil` when nothing was spent or the phases are not known.
  public var overheadShare: Double? {
    guard cpuSeconds > 0, !phases.isEmpty else { return nil }
    let others = [Phase.compile, .examine, .measure].reduce(0) { $0 + (phases[$1] ?? 0) }
    return min(1, max(0, 1 - others / cpuSeconds))
  }

  /// Adds `b` to `a`.
  public static func += (a: inout Cost, b: Cost) { a = a + b }
}

extension Cost: Codable {
  private enum CodingKeys: String, CodingKey {
    case cpuSeconds, wallSeconds, compiles, diskBytes, phases
  }

  /// Decodes a cost; phases of later versions are passed over, missing fields are zero.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cpuSeconds = try container.decodeIfPresent(Double.self, forKey: .cpuSeconds) ?? 0
    wallSeconds = try container.decodeIfPresent(Double.self, forKey: .wallSeconds) ?? 0
    compiles = try container.decodeIfPresent(Int.self, forKey: .compiles) ?? 0
    diskBytes = try container.decodeIfPresent(Int.self, forKey: .diskBytes) ?? 0
    let named = try container.decodeIfPresent([String: Double].self, forKey: .phases) ?? [:]
    phases = [:]
    for (name, seconds) in named {
      guard let phase = Phase(rawValue: name) else { continue }
      phases[phase] = seconds
    }
  }

  /// Encodes the phases as an object keyed by their names.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(cpuSeconds, forKey: .cpuSeconds)
    try container.encode(wallSeconds, forKey: .wallSeconds)
    try container.encode(compiles, forKey: .compiles)
    try container.encode(diskBytes, forKey: .diskBytes)
    let named = phases.map { ($0.key.rawValue, $0.value) }
    try container.encode(Dictionary(uniqueKeysWithValues: named), forKey: .phases)
  }
}
