import Diagnostics
public import ExperimentRecords
import SystemPackage

/// An entry with its place in the chain.
public struct StoredEntry: Hashable, Sendable, Identifiable {
  /// The SHA-256 of the entry's body.
  public var id: Digest
  /// The id of the entry before; zeros for the first.
  public var previous: Digest
  /// The number of the entry, counted from 0.
  public var index: Int
  /// What the entry says.
  public var entry: LineageEntry

  /// Creates the entry that stands at `index` after `previous`.
  public init(id: Digest, previous: Digest, index: Int, entry: LineageEntry) {
    self.id = id
    self.previous = previous
    self.index = index
    self.entry = entry
  }
}

/// All acknowledged entries of a log, as they were at one moment.
public struct Lineage: Sendable {
  /// The entries from the first to the last.
  public private(set) var entries: [StoredEntry] = []
  private var indices: [Digest: Int] = [:]

  /// The id of the last entry; zeros when there is none.
  public var head: Digest { entries.last?.id ?? .zero }

  /// Creates a lineage without entries.
  public init() {}

  /// Creates the lineage of `contents`, chained as a log would chain them.
  public init(_ contents: [LineageEntry]) throws {
    for entry in contents {
      let (id, _) = try LineageFormat.line(for: entry, after: head)
      append(StoredEntry(id: id, previous: head, index: entries.count, entry: entry))
    }
  }

  /// Reads the log of `state`, which may be written at the same time.
  ///
  /// Throws `LineageError.damaged` when the chain is broken anywhere.
  public static func read(_ state: StateDirectory) throws(LineageError) -> Lineage {
    guard try state.exists() else { throw state.missing }
    let bytes: [UInt8]
    do { bytes = try state.files.contents(of: state.log) } catch { throw LineageError(error) }
    return try Lineage(bytes, scanned: LogScan(bytes), file: state.log)
  }

  /// Decodes the lines that `scan` found in `bytes`.
  init(_ bytes: [UInt8], scanned scan: LogScan, file: FilePath) throws(LineageError) {
    if let (_, fault) = scan.defect, case .otherFormat(let number) = fault {
      throw .otherVersion(
        otherVersion("it has format '\(number)'", file, line: scan.lines.count + 1))
    }
    if let defect = scan.firstDefect(of: file.string, countingTornTail: false) {
      throw .damaged(defect)
    }
    entries.reserveCapacity(scan.lines.count)
    for line in scan.lines {
      let entry: LineageEntry
      do {
        entry = try LineageFormat.entry(fromBody: bytes[line.body])
      } catch {
        let number = entries.count + 1
        throw .otherVersion(otherVersion("entry \(number) has another form", file, line: number))
      }
      guard entry.version <= LineageEntry.currentVersion else {
        let number = entries.count + 1
        throw .otherVersion(
          otherVersion("entry \(number) has version \(entry.version)", file, line: number))
      }
      append(
        StoredEntry(id: line.id, previous: line.previous, index: entries.count, entry: entry))
    }
  }

  /// Adds the entry that was just acknowledged.
  mutating func append(_ entry: StoredEntry) {
    indices[entry.id] = entries.count
    entries.append(entry)
  }

  /// The entry called `id`.
  public subscript(id: Digest) -> StoredEntry? {
    indices[id].map { entries[$0] }
  }

  /// The only entry whose id begins with `prefix`, which has at least four digits.
  public func entry(idPrefix prefix: String) throws(LineageError) -> StoredEntry {
    let prefix = prefix.lowercased()
    guard prefix.count >= 4 else {
      throw .input(
        InputError("'\(prefix)' is too short for an id", remedy: "give 4 digits or more"))
    }
    if let digest = Digest(hex: prefix), let entry = self[digest] { return entry }
    let found = entries.filter { $0.id.hex.hasPrefix(prefix) }
    guard let first = found.first else {
      throw .input(
        InputError("no entry '\(prefix)'", remedy: "'ratchet lineage log' lists the entries"))
    }
    guard found.count == 1 else {
      throw .input(
        InputError(
          "'\(prefix)' could be any of \(found.count) entries", remedy: "give more digits",
          notes: found.prefix(5).map { .note("\($0.id.short) \($0.entry.content.kind)") }))
    }
    return first
  }
}

private func otherVersion(_ what: String, _ file: FilePath, line: Int) -> Diagnostic {
  .error(
    "the log was written by another version of ratchet: \(what)",
    at: SourceLocation(file: file.string, line: line),
    remedy: "use a newer ratchet, or start another lineage with --state")
}
