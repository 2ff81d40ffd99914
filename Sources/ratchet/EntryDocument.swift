import ExperimentRecords
import LineageLog

/// An entry of the lineage as JSON output shows it.
struct EntryDocument: Encodable {
  var id: Digest
  var previous: Digest
  var index: Int
  var entry: LineageEntry
  /// `retracted` or `in doubt`, where a later judgement says so.
  var standing: String?

  init(_ stored: StoredEntry) {
    (id, previous, index, entry) = (stored.id, stored.previous, stored.index, stored.entry)
  }

  init(_ stored: StoredEntry, in standings: Standings) {
    self.init(stored)
    standing = standings.mark(of: stored.id)
  }

  private enum Key: String, CodingKey {
    case id, previous, index, entry, standing
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    try container.encode(previous, forKey: .previous)
    try container.encode(index, forKey: .index)
    try container.encodeIfPresent(standing, forKey: .standing)
    // A kind of a later version is known by its name only.
    if case .unknown(let kind) = entry.content {
      try container.encode(["kind": kind], forKey: .entry)
    } else {
      try container.encode(entry, forKey: .entry)
    }
  }
}

/// A versioned document that holds entries.
struct EntriesDocument: Encodable {
  var schema: String
  var entries: [EntryDocument]
}
