import SQLiteBindings
import SystemPackage

/// The file that an index is kept in. Whatever goes wrong with it is answered by making the index anew, or by doing
/// without the file, and never by failing: nothing is in it that the log does not say.
struct IndexStore {
  /// What the index is over.
  struct Covered: Hashable {
    var entries = 0
    /// Where the last entry ends in the log.
    var length = 0
    /// The ids of the last and of the first entry.
    var head = DigestBytes.zero
    var first = DigestBytes.zero
  }

  private static let format: Int64 = 1
  private let state: StateDirectory
  private var database: Database?

  /// Opens the file of `state`, where there can be one.
  init(_ state: StateDirectory) {
    self.state = state
    do {
      database = try Self.opened(state)
    } catch {
      if error.isDamage { discard() }
    }
  }

  private static func opened(_ state: StateDirectory) throws(SQLiteError) -> Database {
    // A transaction that replaces everything takes a second at most.
    let database = try Database(path: state.index.string, patience: 2000)
    // A loss of power may leave anything; the digests tell.
    try database.execute("PRAGMA synchronous = OFF")
    // The first statement that looks into the file.
    _ = try database.rows("SELECT count(*) FROM sqlite_master")
    return database
  }

  /// Replaces a file that is no database any more by an empty one, if that can be done.
  private mutating func discard() {
    database = nil
    try? state.files.remove(state.path.appending("index.sqlite-journal"))
    try? state.files.remove(state.index)
    database = try? Self.opened(state)
  }

  /// What the index is over; `nil` when there is none.
  func covered() -> Covered? {
    let rows = rows("SELECT format, entries, length, head, first, digest FROM covered")
    guard let row = rows.first, rows.count == 1, row[0] == .integer(Self.format),
      case .integer(let entries) = row[1], case .integer(let length) = row[2],
      let head = DigestBytes(row[3]), let first = DigestBytes(row[4]),
      entries >= 0, length >= 0
    else { return nil }
    let covered = Covered(
      entries: Int(entries), length: Int(length), head: head, first: first)
    return row[5] == .blob(Self.digest(of: covered)) ? covered : nil
  }

  /// The bytes of the column `name` of `block`; `nil` when they are not there, were altered, or are of fewer entries.
  func column(
    _ name: String, _ block: Int, _ covered: Covered, atLeast count: Int
  ) -> [UInt8]? {
    let rows = rows(
      "SELECT entries, data, digest FROM columns WHERE name = ? AND block = ?",
      [.text(name), .integer(Int64(block))])
    guard let row = rows.first, case .integer(let entries) = row[0], entries >= count,
      case .blob(let data) = row[1],
      row[2] == .blob(Self.digest(of: data, name, block, Int(entries), covered.first))
    else { return nil }
    return data
  }

  /// The rows that `sql` gives; none where the file cannot be read or is not as it was made.
  private func rows(_ sql: String, _ values: [SQLiteValue] = []) -> [[SQLiteValue]] {
    (try? database?.rows(sql, values)) ?? []
  }

  /// Keeps `blocks`, the first being `firstBlock`, so that the index is over `covered`, if that can be done.
  ///
  /// Nothing is kept where another process was faster than from `base`, which is what the index was over; with no
  /// base, whatever is there is replaced.
  mutating func keep(
    _ blocks: [IndexBlock], from firstBlock: Int, covered: Covered, insteadOf base: Covered?
  ) {
    for _ in 0..<2 {
      guard let database else { return }
      do {
        // Another that writes does so for all.
        try database.execute("PRAGMA busy_timeout = 100")
        try database.execute("BEGIN IMMEDIATE")
        try replace(blocks, from: firstBlock, covered: covered, insteadOf: base, in: database)
        return try database.execute("COMMIT")
      } catch {
        // Where this fails too, closing the file ends the transaction.
        try? database.execute("ROLLBACK")
        guard error.isDamage, base == nil else { return }
        discard()
      }
    }
  }

  private func replace(
    _ blocks: [IndexBlock], from firstBlock: Int, covered: Covered, insteadOf base: Covered?,
    in database: Database
  ) throws(SQLiteError) {
    if base == nil {
      try clear(database)
    } else if self.covered() != base {
      return
    }
    for (offset, block) in blocks.enumerated() {
      try write(block, firstBlock + offset, covered.first, database)
    }
    try database.execute("DELETE FROM covered")
    try database.execute(
      "INSERT INTO covered VALUES (?, ?, ?, ?, ?, ?)",
      [
        .integer(Self.format), .integer(Int64(covered.entries)), .integer(Int64(covered.length)),
        .blob(covered.head.bytes), .blob(covered.first.bytes), .blob(Self.digest(of: covered)),
      ])
  }

  private func clear(_ database: Database) throws(SQLiteError) {
    try database.execute("DROP TABLE IF EXISTS columns")
    try database.execute("DROP TABLE IF EXISTS covered")
    try database.execute(
      "CREATE TABLE covered (format INTEGER, entries INTEGER, length INTEGER, head BLOB, "
        + "first BLOB, digest BLOB)")
    try database.execute(
      "CREATE TABLE columns (name TEXT, block INTEGER, entries INTEGER, data BLOB, digest BLOB, "
        + "PRIMARY KEY (name, block))")
  }

  private func write(
    _ block: IndexBlock, _ number: Int, _ first: DigestBytes, _ database: Database
  ) throws(SQLiteError) {
    for (name, bytes) in block.columns {
      try database.execute(
        "REPLACE INTO columns VALUES (?, ?, ?, ?, ?)",
        [
          .text(name), .integer(Int64(number)), .integer(Int64(block.count)), .blob(bytes),
          .blob(Self.digest(of: bytes, name, number, block.count, first)),
        ])
    }
  }

  private static func digest(of covered: Covered) -> [UInt8] {
    let text = "covered \(format) \(covered.entries) \(covered.length)\n"
    return DigestBytes(ofAll: [Array(text.utf8), covered.head.bytes, covered.first.bytes]).bytes
  }

  private static func digest(
    of data: [UInt8], _ name: String, _ block: Int, _ entries: Int, _ first: DigestBytes
  ) -> [UInt8] {
    let head = Array("column \(name) \(block) \(entries)\n".utf8)
    return DigestBytes(ofAll: [head, first.bytes, data]).bytes
  }
}

extension DigestBytes {
  /// The digest that `value` holds as a blob.
  fileprivate init?(_ value: SQLiteValue) {
    guard case .blob(let bytes) = value, bytes.count == 32 else { return nil }
    self = bytes.withUnsafeBytes { DigestBytes($0) }
  }
}
