/// The error of bad input, bad configuration or a hostile environment: one diagnostic, exit code 2.
public struct InputError: Error, Codable, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, where, and what would settle it.
  public var diagnostic: Diagnostic

  /// Creates the error that `diagnostic` describes.
  public init(_ diagnostic: Diagnostic) {
    self.diagnostic = diagnostic
  }

  /// Creates the error saying `message`.
  public init(
    _ message: String, at location: SourceLocation? = nil, remedy: String? = nil,
    notes: [Diagnostic] = []
  ) {
    self.init(.error(message, at: location, remedy: remedy, notes: notes))
  }

  /// The diagnostic as GNU lines.
  public var description: String { DiagnosticRenderer().render(diagnostic) }
}
