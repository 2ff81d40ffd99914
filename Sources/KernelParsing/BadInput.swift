import Diagnostics

extension InputError {
  /// Bad input in a file: where, what, and what would help.
  init(
    file: String, line: Int? = nil, column: Int? = nil, message: String, remedy: String = ""
  ) {
    self.init(
      Diagnostic.error(
        message, at: SourceLocation(file: file, line: line, column: column),
        remedy: remedy.isEmpty ? nil : remedy))
  }
}
