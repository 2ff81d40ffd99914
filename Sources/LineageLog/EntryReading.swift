import Diagnostics
public import ExperimentRecords
import Foundation
import SystemPackage

/// Why the entry of a whole line cannot be read: it is of another version than this program knows.
enum Unreadable: Error, Hashable {
  /// The body is no entry as this version lays it down.
  case form
  /// The entry says that it has this version.
  case version(Int)

  /// What to tell the user of the `number`th entry, counted from 1, of the log `file`.
  func error(_ file: FilePath, entry number: Int) -> LineageError {
    switch self {
    case .form: .otherVersion(otherVersion("entry \(number) has another form", file, number))
    case .version(let version):
      .otherVersion(otherVersion("entry \(number) has version \(version)", file, number))
    }
  }
}

extension LineageFormat {
  /// The entry whose body is `body`, if it is of a version that this program knows.
  static func read(_ body: UnsafeRawBufferPointer) -> Result<LineageEntry, Unreadable> {
    guard let entry = try? entry(fromBody: body) else { return .failure(.form) }
    return entry.version <= LineageEntry.currentVersion
      ? .success(entry) : .failure(.version(entry.version))
  }
}

extension LineageFormat.Fault {
  /// The error that a line of another format is; `nil` for a damaged one.
  func otherFormat(_ file: FilePath, entry number: Int) -> LineageError? {
    guard case .otherFormat(let format) = self else { return nil }
    return .otherVersion(otherVersion("it has format '\(format)'", file, number))
  }
}

/// Says that the log is of another version.
func otherVersion(_ what: String, _ file: FilePath, _ line: Int) -> Diagnostic {
  .error(
    "the log was written by another version of ratchet: \(what)",
    at: SourceLocation(file: file.string, line: line),
    remedy: "use a newer ratchet, or start another lineage with --state")
}

extension LineageEntry {
  /// The line that a log holds for the entry behind the one called `previous`, its newline included, and the
  /// entry's id: for who writes many entries at once and needs none of them acknowledged.
  public func line(after previous: Digest) throws -> (id: Digest, bytes: [UInt8]) {
    let (id, line) = try LineageFormat.line(for: self, after: previous)
    return (id, line + [UInt8(ascii: "\n")])
  }
}
