internal import CSQLite

/// Why SQLite did not do what was asked.
public struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// SQLite's primary result code.
  public var code: Int32
  /// What SQLite says.
  public var message: String

  /// Whether the file is no database, or one that was damaged.
  public var isDamage: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

  /// The message with its code.
  public var description: String { "\(message) (SQLite code \(code))" }
}

/// A value of a column or a parameter.
public enum SQLiteValue: Hashable, Sendable {
  case integer(Int64)
  case text(String)
  case blob([UInt8])
  /// Nothing, or a number with a fraction, which nobody here stores.
  case null
}
