/// What the agent may do without asking.
public enum AutonomyLevel: Int, Hashable, Sendable, CaseIterable {
  /// Report only.
  case report = 0
  /// Write patch files; the default.
  case patches = 1
  /// Apply after a person's approval.
  case applyApproved = 2
  /// Apply within the budget.
  case apply = 3
  /// Change its own policy, rules and C within a declared envelope.
  case selfChange = 4

  /// Reads `L0` … `L4`.
  public init?(_ text: String) {
    guard text.count == 2, text.hasPrefix("L"), let number = Int(text.dropFirst()) else {
      return nil
    }
    self.init(rawValue: number)
  }
}

extension AutonomyLevel: CustomStringConvertible {
  /// `L0` … `L4`.
  public var description: String { "L\(rawValue)" }
}

extension AutonomyLevel: Comparable {
  /// Whether `a` allows less than `b`.
  public static func < (a: AutonomyLevel, b: AutonomyLevel) -> Bool { a.rawValue < b.rawValue }
}

extension AutonomyLevel: Codable {
  /// Decodes `L0` … `L4`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let level = AutonomyLevel(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a level is written L0 to L4")
    }
    self = level
  }

  /// Encodes `L0` … `L4`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
