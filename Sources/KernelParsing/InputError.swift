/// Bad input from the outside: one line that says where, what and what would help.
///
/// The text is in the house grammar: lower case, no full stop, user names quoted.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of input is bad, for callers that treat some differently.
  public enum Kind: String, Hashable, Sendable {
    case missingPath, noSource, notC, unreadable, doesNotParse, missingHeader
    case compilerMissing, compilerFailed, compilerHung, badDatabase
  }
  /// The kind.
  public var kind: Kind
  /// The file or directory, as the user named it or as the compiler reports it.
  public var file: String
  /// Line and column, counted from 1; nil when the whole file is meant.
  public var line: Int?
  public var column: Int?
  /// What is wrong.
  public var message: String
  /// What would help; empty when the message says all.
  public var remedy: String

  public init(
    _ kind: Kind, file: String, line: Int? = nil, column: Int? = nil, message: String,
    remedy: String = ""
  ) {
    self.kind = kind
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.remedy = remedy
  }

  /// `file:line:column: error: message; remedy`.
  public var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return "\(place): error: \(message)" + (remedy.isEmpty ? "" : "; \(remedy)")
  }
}
