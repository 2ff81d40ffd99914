public import Diagnostics

/// Why a pass does not apply: data to log and to learn from, not a failure of the program.
public struct Refusal: Error, Codable, Hashable, Sendable, CustomStringConvertible {
  /// The dependence that forbids a reordering.
  public struct Dependence: Codable, Hashable, Sendable {
    /// Which accesses conflict.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
      /// Write, then read.
      case flow
      /// Read, then write.
      case anti
      /// Write, then write.
      case output
    }

    /// Which accesses conflict.
    public var kind: Kind
    /// The earlier access, as C text.
    public var source: String
    /// The later access, as C text.
    public var sink: String
    /// The direction vector, outermost loop first: `(<, >)`.
    public var direction: String

    /// Creates the dependence from `source` to `sink`.
    public init(_ kind: Kind, from source: String, to sink: String, direction: String) {
      self.kind = kind
      self.source = source
      self.sink = sink
      self.direction = direction
    }
  }

  /// The name of the pass.
  public var pass: String
  /// The step as written, `interchange(outer: i)`.
  public var step: String
  /// Why it does not apply, in house grammar.
  public var reason: String
  /// The place in the original source that stands in the way.
  public var location: SourceLocation?
  /// The dependence that stands in the way.
  public var dependence: Dependence?
  /// Facts that would make the step legal, each as one clause of ACSL.
  public var missingFacts: [String]

  /// Creates the refusal of `step` for `reason`.
  public init(
    step: Step, reason: String, location: SourceLocation? = nil, dependence: Dependence? = nil,
    missingFacts: [String] = []
  ) {
    self.pass = step.pass
    self.step = step.description
    self.reason = reason
    self.location = location
    self.dependence = dependence
    self.missingFacts = missingFacts
  }

  /// The refusal in one line.
  public var description: String {
    var text = "\(step) refused: \(reason)"
    if let dependence {
      text += " (\(dependence.kind.rawValue) dependence from '\(dependence.source)' to "
      text += "'\(dependence.sink)', direction \(dependence.direction))"
    }
    return text
  }
}
