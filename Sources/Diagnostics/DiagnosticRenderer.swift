/// Turns diagnostics into GNU lines, `file:line:column: error: message; remedy`.
///
/// A diagnostic without a location starts with the name of the program instead. Every note makes a
/// line of its own. Control characters, which file and function names of hostile sources may hold,
/// are written as escapes, so that a diagnostic is always one line and moves no cursor.
public struct DiagnosticRenderer: Hashable, Sendable {
  /// What stands in place of a missing location.
  public var program: String

  /// Creates a renderer that speaks for `program`.
  public init(program: String = "ratchet") {
    self.program = program
  }

  /// The lines of `diagnostic` and of its notes, separated by newlines, without a last newline.
  public func render(_ diagnostic: Diagnostic) -> String {
    var line = "\(diagnostic.location.map(\.description) ?? program): "
    line += "\(diagnostic.severity.rawValue): \(diagnostic.message)"
    if let remedy = diagnostic.remedy { line += "; \(remedy)" }
    return ([printable(line)] + diagnostic.notes.map(render)).joined(separator: "\n")
  }
}

/// `text` with control characters, bidirectional overrides and line separators escaped.
public func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isUnprintable(scalar) {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}
