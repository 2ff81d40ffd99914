/// A place in a text file, as compilers name it.
///
/// A location without a line names the whole file, or a directory.
public struct SourceLocation: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The path of the file as the user wrote or would write it.
  public var file: String
  /// The line, counted from 1.
  public var line: Int?
  /// The column in bytes, counted from 1; meaningless without a line.
  public var column: Int?

  /// Creates the location of `column` in `line` of `file`.
  public init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The location in GNU form: `file`, `file:line` or `file:line:column`.
  public var description: String {
    guard let line else { return file }
    guard let column else { return "\(file):\(line)" }
    return "\(file):\(line):\(column)"
  }
}
