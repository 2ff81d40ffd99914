public import Diagnostics

/// The first file of a bundle that is not what it must be.
public struct BundleDefect: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as a path below the bundle's directory.
  public var file: String
  /// What is wrong with it, in house grammar.
  public var reason: String
  /// Whether it is sound and of a version that this program does not read.
  public var isOtherVersion: Bool

  init(_ file: String, _ reason: String, isOtherVersion: Bool = false) {
    self.file = file
    self.reason = reason
    self.isOtherVersion = isOtherVersion
  }

  /// The exit code that the command line promises for it.
  public var exitCode: Int32 { isOtherVersion ? 2 : 4 }

  /// File and reason in one line.
  public var description: String { "\(file): \(reason)" }

  /// What to tell the user of the bundle in `directory`.
  public func diagnostic(in directory: String) -> Diagnostic {
    let path = directory.hasSuffix("/") ? directory + file : "\(directory)/\(file)"
    return .error(
      reason, at: SourceLocation(file: path),
      remedy: isOtherVersion
        ? "use a newer ratchet" : "do not rely on this bundle; ask for another copy")
  }
}
