/// One token of an ACSL comment.
struct AcslToken: Equatable {
  /// The bytes; built-in names keep their backslash.
  let text: String
  /// Byte offset in the file.
  let offset: Int
}

/// Splits an ACSL comment into tokens; `@` at line starts is decoration.
struct AcslLexer {
  private static let operators: [String] = [
    "==>", "...", "..", "<=", ">=", "==", "!=", "&&", "||", "->",
  ]

  /// The tokens of the bytes between a comment's delimiters.
  static func tokens(_ bytes: [UInt8], _ range: Range<Int>) -> [AcslToken] {
    var result: [AcslToken] = []
    var position = range.lowerBound
    func byte(_ offset: Int) -> UInt8 { offset < range.upperBound ? bytes[offset] : 0 }
    while position < range.upperBound {
      let start = position
      let c = bytes[position]
      if c <= 0x20 || c == UInt8(ascii: "@") {
        position += 1
        continue
      }
      if c == UInt8(ascii: "/"), byte(position + 1) == UInt8(ascii: "/") {
        while position < range.upperBound, bytes[position] != 0x0A { position += 1 }
        continue
      }
      if c == UInt8(ascii: "\\") || CLexer.startsIdentifier(c) {
        position += 1
        while CLexer.continuesIdentifier(byte(position)) { position += 1 }
      } else if CLexer.isDigit(c) {
        position = endOfNumber(bytes, position, range.upperBound)
      } else {
        let op = operators.first { op in
          op.utf8.enumerated().allSatisfy { byte(position + $0.offset) == $0.element }
        }
        position += op?.utf8.count ?? 1
      }
      result.append(
        AcslToken(
          text: String(decoding: bytes[start..<position], as: UTF8.self), offset: start))
    }
    return result
  }

  /// A number ends before `..`, unlike C's preprocessing numbers.
  private static func endOfNumber(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int {
    var position = start
    while position < end {
      let c = bytes[position]
      let next = position + 1 < end ? bytes[position + 1] : 0
      if c == UInt8(ascii: "."), next == UInt8(ascii: ".") { break }
      if "eE".utf8.contains(c), "+-".utf8.contains(next) {
        position += 2
      } else if CLexer.continuesIdentifier(c) || c == UInt8(ascii: ".") {
        position += 1
      } else {
        break
      }
    }
    return position
  }
}
