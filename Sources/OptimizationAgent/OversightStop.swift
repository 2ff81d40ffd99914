public import Diagnostics

/// The end of something at a ceiling or a tripped wire, which a person lifts: exit code 3.
public struct OversightStop: Error, Hashable, Sendable {
  /// What ended, why, and what would settle it.
  public var diagnostic: Diagnostic

  /// Creates the end that `diagnostic` describes.
  public init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
}
