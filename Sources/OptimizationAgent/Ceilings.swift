public import ExperimentRecords

/// The ceilings that bear on a campaign or on a change of a source, each the lowest that anybody sets.
public struct Ceilings: Hashable, Sendable {
  /// A value with what sets it.
  public struct Bound: Hashable, Sendable {
    public var value: Double
    /// A file, or the command line.
    public var origin: String
  }

  private var bounds: [Ceiling: Bound] = [:]

  public init() {}

  /// The bound of a ceiling; nil where nobody sets it.
  public subscript(ceiling: Ceiling) -> Bound? { bounds[ceiling] }

  /// Whether nobody sets any ceiling of a campaign.
  public var areOpen: Bool { bounds.keys.allSatisfy { $0 == .accepted } }

  /// Sets a ceiling, unless one that is as low is set.
  public mutating func lower(_ ceiling: Ceiling, to value: Double, by origin: String) {
    if let present = bounds[ceiling], present.value <= value { return }
    bounds[ceiling] = Bound(value: value, origin: origin)
  }

  /// Sets every ceiling of `other`, unless one that is as low is set.
  public mutating func lower(by other: Ceilings) {
    for (ceiling, bound) in other.bounds { lower(ceiling, to: bound.value, by: bound.origin) }
  }

  /// The first ceiling that `spent` reaches, in the order of their names in the configuration.
  func reached(_ spent: [Ceiling: Double]) -> CeilingReached? {
    for ceiling in Ceiling.allCases {
      guard let bound = bounds[ceiling], let spent = spent[ceiling], spent >= bound.value else {
        continue
      }
      return CeilingReached(
        ceiling: ceiling, limit: bound.value, spent: spent, origin: bound.origin)
    }
    return nil
  }

  /// As the log keeps them: `compiles: 50 (.ratchet.yml)` by `ceiling.compiles`.
  var settings: [String: String] {
    var result: [String: String] = [:]
    for (ceiling, bound) in bounds {
      result["ceiling.\(ceiling.rawValue)"] = "\(bound.value) (\(bound.origin))"
    }
    return result
  }
}

extension Ceiling {
  /// Reads the value of a ceiling: `90s`, `10m`, `2h` for times; `500MB`, `1GiB` for bytes; else a whole
  /// number. Nil for anything else.
  public func value(_ text: String) -> Double? {
    switch self {
    case .cpu, .wall: Self.number(text, units: [("s", 1), ("m", 60), ("h", 3600)])
    case .compiles, .accepted: Int(text).flatMap { $0 >= 0 ? Double($0) : nil }
    case .disk:
      Self.number(
        text,
        units: [
          ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("kB", 1e3), ("MB", 1e6),
          ("GB", 1e9),
        ])
    }
  }

  /// How values of the ceiling are written.
  public var form: String {
    switch self {
    case .cpu, .wall: "a time such as 90s, 10m or 2h"
    case .compiles, .accepted: "a whole number"
    case .disk: "a size such as 500MB or 1GiB"
    }
  }

  private static func number(_ text: String, units: [(String, Double)]) -> Double? {
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let count = Double(text.dropLast(suffix.count)), count >= 0, count.isFinite else {
        return nil
      }
      return count * factor
    }
    return nil
  }
}
