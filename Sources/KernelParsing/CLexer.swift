/// One token of C text: its class and its bytes.
struct CToken: Hashable {
  enum Kind: UInt8 {
    case identifier, number, string, character, punctuator
    case comment
    /// A whole directive line, continuation lines included, without the newline.
    case directive
    /// A byte that begins no token of C.
    case stray
  }
  let kind: Kind
  let range: Range<Int>
  /// Whether white space, a comment or a newline stands before the token.
  let followsSpace: Bool
}

/// Splits C text into preprocessing tokens (ISO/IEC 9899:2011 §6.4) without expanding anything.
///
/// It is the same lexer for the user's file and for preprocessed text, so that both can be
/// compared token by token. A backslash-newline counts as white space between tokens.
struct CLexer {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  private var isAtLineStart: Bool

  init(_ bytes: [UInt8], range: Range<Int>? = nil, atLineStart: Bool = true) {
    self.bytes = bytes
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
    isAtLineStart = atLineStart
  }

  /// All tokens of the text, comments and directives among them.
  static func tokens(_ bytes: [UInt8], range: Range<Int>? = nil, atLineStart: Bool = true)
    -> [CToken]
  {
    var lexer = CLexer(bytes, range: range, atLineStart: atLineStart)
    var result: [CToken] = []
    while let token = lexer.next() { result.append(token) }
    return result
  }

  mutating func next() -> CToken? {
    let before = position
    skipSpace()
    guard position < end else { return nil }
    let start = position
    let wasAtLineStart = isAtLineStart
    let kind = scan(wasAtLineStart: wasAtLineStart)
    if kind != .comment { isAtLineStart = false }
    return CToken(kind: kind, range: start..<position, followsSpace: start > before)
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    position + offset < end ? bytes[position + offset] : 0
  }

  private mutating func skipSpace() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x09, 0x0B, 0x0C, 0x0D: position += 1
      case 0x0A:
        position += 1
        isAtLineStart = true
      case 0x5C where isContinuation(at: position):
        while position < end, bytes[position] != 0x0A { position += 1 }
        position = min(end, position + 1)
      default: return
      }
    }
  }

  /// Whether a backslash is directly followed by a line end.
  private func isContinuation(at offset: Int) -> Bool {
    var next = offset + 1
    while next < end, bytes[next] == 0x0D || bytes[next] == 0x20 || bytes[next] == 0x09 {
      next += 1
    }
    return next < end && bytes[next] == 0x0A
  }

  private mutating func scan(wasAtLineStart: Bool) -> CToken.Kind {
    switch byte() {
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
      skipToLineEnd()
      return .comment
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
      skipBlockComment()
      return .comment
    case UInt8(ascii: "#") where wasAtLineStart:
      skipDirective()
      return .directive
    case UInt8(ascii: "\""): return quoted(.string)
    case UInt8(ascii: "'"): return quoted(.character)
    case let c where Self.startsIdentifier(c): return identifierOrPrefixedLiteral()
    case let c where Self.isDigit(c): return number()
    case UInt8(ascii: ".") where Self.isDigit(byte(1)): return number()
    default: return punctuator()
    }
  }

  private mutating func skipToLineEnd() {
    while position < end, bytes[position] != 0x0A {
      if bytes[position] == 0x5C, isContinuation(at: position) {
        while position < end, bytes[position] != 0x0A { position += 1 }
      }
      position = min(end, position + 1)
    }
  }

  private mutating func skipBlockComment() {
    position += 2
    while position < end, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) {
      position += 1
    }
    position = min(end, position + 2)
  }

  /// A directive ends at the line end; a block comment inside may carry it over several lines.
  private mutating func skipDirective() {
    while position < end, bytes[position] != 0x0A {
      switch bytes[position] {
      case 0x5C where isContinuation(at: position):
        while position < end, bytes[position] != 0x0A { position += 1 }
        position = min(end, position + 1)
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): skipBlockComment()
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): return skipToLineEnd()
      case UInt8(ascii: "\""): _ = quoted(.string)
      default: position += 1
      }
    }
  }

  /// A literal ends at its quote or, when that is missing, at the line end.
  private mutating func quoted(_ kind: CToken.Kind) -> CToken.Kind {
    let quote = byte()
    position += 1
    while position < end, bytes[position] != quote, bytes[position] != 0x0A {
      position += bytes[position] == 0x5C ? 2 : 1
    }
    position = min(end, position)
    if byte() == quote { position += 1 }
    return kind
  }

  private mutating func identifierOrPrefixedLiteral() -> CToken.Kind {
    let start = position
    while position < end, Self.continuesIdentifier(bytes[position]) { position += 1 }
    let quote = byte()
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), position - start <= 2,
      ["L", "u", "U", "u8"].contains(String(decoding: bytes[start..<position], as: UTF8.self))
    else { return .identifier }
    return quoted(quote == UInt8(ascii: "\"") ? .string : .character)
  }

  /// A preprocessing number (§6.4.8).
  private mutating func number() -> CToken.Kind {
    position += 1
    while position < end {
      let c = bytes[position]
      if "eEpP".utf8.contains(c), byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") {
        position += 2
      } else if Self.continuesIdentifier(c) || c == UInt8(ascii: ".") {
        position += 1
      } else {
        break
      }
    }
    return .number
  }

  private static let longPunctuators: [[UInt8]] = [
    "...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "*=",
    "/=", "%=", "+=", "-=", "&=", "^=", "|=", "##",
  ].map { Array($0.utf8) }

  private mutating func punctuator() -> CToken.Kind {
    let first = byte()
    for candidate in Self.longPunctuators
    where candidate[0] == first && position + candidate.count <= end
      && bytes[position..<position + candidate.count].elementsEqual(candidate)
    {
      position += candidate.count
      return .punctuator
    }
    position += 1
    return "[](){}.&*+-~!/%<>^|?:;=,#".utf8.contains(first) ? .punctuator : .stray
  }

  static func startsIdentifier(_ c: UInt8) -> Bool {
    (c >= 0x61 && c <= 0x7A) || (c >= 0x41 && c <= 0x5A) || c == 0x5F || c == 0x24 || c >= 0x80
  }

  static func continuesIdentifier(_ c: UInt8) -> Bool { startsIdentifier(c) || isDigit(c) }

  static func isDigit(_ c: UInt8) -> Bool { c >= 0x30 && c <= 0x39 }
}
