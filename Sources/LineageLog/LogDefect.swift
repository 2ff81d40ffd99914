public import Diagnostics
public import ExperimentRecords

/// The first place at which a log, or the object store, is not what was written.
public struct LogDefect: Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public var file: String
  /// The entry, counted from 0.
  public var index: Int
  /// Where its line begins in the file, in bytes from 0.
  public var offset: Int
  /// The entry's id, where it is known.
  public var id: Digest?
  /// What is wrong, in house grammar.
  public var reason: String

  /// The line in the file, counted from 1.
  public var line: Int { index + 1 }

  /// The defect in one line.
  public var description: String {
    let name = id.map { " '\($0.short)'" } ?? ""
    return "entry \(line)\(name): \(reason)"
  }

  /// What to tell the user.
  public var diagnostic: Diagnostic {
    .error(
      description, at: SourceLocation(file: file, line: line),
      remedy: "restore the state directory from a backup, or start another with --state")
  }
}
