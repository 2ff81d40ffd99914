/// How the printer fits its lines into the layout of the user's file.
extension CPrinter {
  /// One level of indentation as the function's own body uses it.
  static func indentUnit(of function: Function, in source: SourceFile) -> String {
    let body = source.bytes[function.bodyRange]
    let newline = UInt8(ascii: "\n")
    var outer = 0
    var start = function.range.lowerBound
    while start > 0, source.bytes[start - 1] != newline { start -= 1 }
    while start + outer < source.bytes.count,
      [UInt8(ascii: " "), UInt8(ascii: "\t")].contains(source.bytes[start + outer])
    {
      outer += 1
    }
    for line in body.split(separator: newline, omittingEmptySubsequences: true).dropFirst() {
      if line.first == UInt8(ascii: "\t") { return "\t" }
      let spaces = line.prefix { $0 == UInt8(ascii: " ") }.count
      if spaces > outer, spaces < line.count {
        return String(repeating: " ", count: spaces - outer)
      }
    }
    return "  "
  }

  /// Leading white space of the line that holds the offset.
  func indentation(at offset: Int) -> String {
    var start = offset
    while start > 0, source.bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    let line = source.bytes[start..<offset]
    return String(decoding: line.prefix { $0 == 32 || $0 == 9 }, as: UTF8.self)
  }

  /// Removes the base indentation from every line but the first.
  func strippingBase(_ text: String, base: String) -> String {
    guard !base.isEmpty, text.contains("\n") else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let tail = lines.dropFirst().map { $0.hasPrefix(base) ? $0.dropFirst(base.count) : $0 }
    return ([lines[0]] + tail).joined(separator: "\n")
  }

  /// Puts the indentation before every line that is not empty.
  func reindented(_ text: String, _ indent: String) -> String {
    indent + reindentedTail(text, indent)
  }

  /// Puts the indentation before every line but the first.
  func reindentedTail(_ text: String, _ indent: String) -> String {
    guard text.contains("\n") else { return text }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let tail = lines.dropFirst().map { $0.isEmpty ? "" : indent + $0 }
    return ([String(lines[0])] + tail).joined(separator: "\n")
  }

  /// Whether the source has an empty line directly before the statement and its comments.
  func startsAfterBlankLine(_ statement: Stmt) -> Bool {
    guard let id = statement.origin, let origin = function.origins[id] else { return false }
    var offset = (origin.leading ?? origin.range).lowerBound
    var newlines = 0
    while offset > 0 {
      let byte = source.bytes[offset - 1]
      if byte == UInt8(ascii: "\n") {
        newlines += 1
      } else if byte != 32 && byte != 9 && byte != 13 {
        break
      }
      offset -= 1
    }
    return newlines > 1
  }
}
