/// Something to tell the user: what is wrong, where, and what would settle it.
///
/// Messages follow one grammar: lower case, no full stop, user names in single quotes, able to
/// stand alone. Context goes into notes.
public struct Diagnostic: Codable, Hashable, Sendable {
  /// How much a diagnostic matters.
  public enum Severity: String, Codable, Hashable, Sendable, CaseIterable {
    /// What was asked for cannot be done.
    case error
    /// What was asked for was done, but not as the user may think.
    case warning
    /// Context of another diagnostic, or mere information.
    case note
  }

  /// How much this matters.
  public var severity: Severity
  /// What is the case, in house grammar.
  public var message: String
  /// The place that the message is about.
  public var location: SourceLocation?
  /// What the user can do about it, as a clause that follows the message after a semicolon.
  public var remedy: String?
  /// Further places and facts, shown below the message.
  public var notes: [Diagnostic]

  /// Creates a diagnostic from its parts.
  public init(
    _ severity: Severity, _ message: String, at location: SourceLocation? = nil,
    remedy: String? = nil, notes: [Diagnostic] = []
  ) {
    self.severity = severity
    self.message = message
    self.location = location
    self.remedy = remedy
    self.notes = notes
  }

  /// An error saying `message`.
  public static func error(
    _ message: String, at location: SourceLocation? = nil, remedy: String? = nil,
    notes: [Diagnostic] = []
  ) -> Diagnostic {
    Diagnostic(.error, message, at: location, remedy: remedy, notes: notes)
  }

  /// A warning saying `message`.
  public static func warning(
    _ message: String, at location: SourceLocation? = nil, remedy: String? = nil,
    notes: [Diagnostic] = []
  ) -> Diagnostic {
    Diagnostic(.warning, message, at: location, remedy: remedy, notes: notes)
  }

  /// A note saying `message`.
  public static func note(_ message: String, at location: SourceLocation? = nil) -> Diagnostic {
    Diagnostic(.note, message, at: location)
  }
}
