internal import CSQLite

/// An open SQLite database. It belongs to one thread at a time.
public final class Database {
  private let handle: OpaquePointer
  /// Statements by their text, ready to be run again.
  private var statements: [String: OpaquePointer] = [:]

  /// Opens the database at `path`, which is made when missing; where it must not be written, for reading.
  ///
  /// A file that is no database is found out by the first statement, not here.
  ///
  /// - Parameter patience: How many milliseconds to wait while another process has it locked.
  public init(path: String, patience: Int32) throws(SQLiteError) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
    guard let made = opened else { throw SQLiteError(code: code, message: "out of memory") }
    guard code == SQLITE_OK else {
      let error = SQLiteError(code: code, message: String(cString: sqlite3_errmsg(made)))
      sqlite3_close_v2(made)
      throw error
    }
    handle = made
    sqlite3_busy_timeout(handle, patience)
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs the one statement `sql` with `values` in place of its question marks.
  public func execute(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) {
    _ = try rows(sql, values)
  }

  /// The rows that the one statement `sql` gives, with `values` in place of its question marks.
  public func rows(
    _ sql: String, _ values: [SQLiteValue] = []
  ) throws(SQLiteError) -> [[SQLiteValue]] {
    let statement = try statement(sql)
    defer {
      // It says again what the step said that failed.
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      try check(bind(value, to: Int32(index + 1), of: statement))
    }
    var rows: [[SQLiteValue]] = []
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return rows }
      guard code == SQLITE_ROW else { throw failure(code) }
      rows.append((0..<sqlite3_column_count(statement)).map { value($0, of: statement) })
    }
  }

  private func statement(_ sql: String) throws(SQLiteError) -> OpaquePointer {
    if let ready = statements[sql] { return ready }
    var made: OpaquePointer?
    try check(sqlite3_prepare_v2(handle, sql, -1, &made, nil))
    guard let statement = made else {
      throw SQLiteError(code: SQLITE_MISUSE, message: "'\(sql)' is no statement")
    }
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: SQLiteValue, to index: Int32, of statement: OpaquePointer) -> Int32 {
    // SQLite copies what it is given: the macro SQLITE_TRANSIENT.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .integer(let number): return sqlite3_bind_int64(statement, index, number)
    case .text(let text): return sqlite3_bind_text(statement, index, text, -1, transient)
    case .blob(let bytes) where bytes.isEmpty: return sqlite3_bind_zeroblob(statement, index, 0)
    case .blob(let bytes):
      return bytes.withUnsafeBytes {
        sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), transient)
      }
    case .null: return sqlite3_bind_null(statement, index)
    }
  }

  private func value(_ column: Int32, of statement: OpaquePointer) -> SQLiteValue {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_TEXT: return .text(String(cString: sqlite3_column_text(statement, column)))
    case SQLITE_BLOB:
      guard let start = sqlite3_column_blob(statement, column) else { return .blob([]) }
      let count = Int(sqlite3_column_bytes(statement, column))
      return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
    default: return .null
    }
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func failure(_ code: Int32) -> SQLiteError {
    SQLiteError(code: code & 0xff, message: String(cString: sqlite3_errmsg(handle)))
  }
}
