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

  /// Creates the lineage of `selection`, entries of a log in its order. What is asked of a part is answered from that
  /// part alone.
  init(selection: [StoredEntry]) {
    entries.reserveCapacity(selection.count)
    for stored in selection { append(stored) }
  }

  /// Reads the log of `state`, which may be written at the same time.
  ///
  /// Throws `LineageError.damaged` when the chain is broken anywhere.
  public static func read(_ state: StateDirectory) throws(LineageError) -> Lineage {
    try state.withLog { (pieces) throws(LineageError) in
      try Lineage.read(pieces, file: state.log).lineage
    }
  }

  /// Decodes all lines of `pieces`, on all cores.
  static func read(
    _ pieces: LogPieces, file: FilePath
  ) throws(LineageError) -> (lineage: Lineage, outcome: LogPieces.Outcome) {
    var lineage = Lineage()
    var unreadable: LineageError?
    let outcome = try pieces.scan(
      { body, _ in LineageFormat.read(body) },
      each: { (line) throws(LineageError) in
        switch line.value {
        case .success(let entry) where unreadable == nil:
          lineage.append(
            StoredEntry(
              id: line.id.digest, previous: lineage.head, index: lineage.entries.count, entry: entry
            ))
        case .failure(let reason) where unreadable == nil:
          unreadable = reason.error(file, entry: lineage.entries.count + 1)
        default: break
        }
      })
    if let error = outcome.defect?.fault.otherFormat(file, entry: outcome.lines + 1) {
      throw error
    }
    if let defect = outcome.firstDefect(of: file, countingTornTail: false) {
      throw .damaged(defect)
    }
    if let unreadable { throw unreadable }
    return (lineage, outcome)
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
