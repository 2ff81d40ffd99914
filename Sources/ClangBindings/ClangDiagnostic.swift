internal import CClang

/// What libclang reports about the text it parsed.
public struct ClangDiagnostic: Equatable, Sendable {
  /// How bad it is.
  public enum Severity: Int, Comparable, Sendable {
    case ignored, note, warning, error, fatal

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// How bad it is.
  public let severity: Severity
  /// Clang's own message, without place and severity.
  public let message: String
  /// The place that line markers give.
  public let location: PresumedLocation
  /// The byte offset in the physical file.
  public let offset: Int
  /// Whether the place is in a system header.
  public let isInSystemHeader: Bool

  init(_ diagnostic: CXDiagnostic) {
    switch clang_getDiagnosticSeverity(diagnostic) {
    case CXDiagnostic_Ignored: severity = .ignored
    case CXDiagnostic_Note: severity = .note
    case CXDiagnostic_Warning: severity = .warning
    case CXDiagnostic_Fatal: severity = .fatal
    default: severity = .error
    }
    message = clang_getDiagnosticSpelling(diagnostic).consumed
    let place = clang_getDiagnosticLocation(diagnostic)
    location = place.presumed
    offset = place.offset
    isInSystemHeader = clang_Location_isInSystemHeader(place) != 0
  }
}
