/// One preprocessing token of C text, with the bytes it stands on (ISO/IEC 9899:2011 §6.4).
struct CToken: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case identifier
    case number
    /// A string or character constant, prefix included.
    case literal
    case punctuator
    /// A whole preprocessing directive, from `#` to the end of its logical line.
    case directive
    /// A byte that begins no token: `\`, `@`, a control character.
    case stray
  }
  var kind: Kind
  /// The token's characters, spliced lines joined.
  var text: String
  var range: Range<Int>
}

/// Bytes without their line splices, as translation phase 2 leaves them (§5.1.1.2).
///
/// A backslash splices also with blanks between it and the line's end: compilers take it so, in
/// comments too, where a lexer that did not would see code that is none, or miss code that is there.
private struct SplicedBytes {
  private(set) var bytes: [UInt8] = []
  /// Where each byte stands in the text.
  private var places: [Int] = []

  init(_ text: [UInt8], in range: Range<Int>) {
    bytes.reserveCapacity(range.count)
    places.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
      if text[at] == UInt8(ascii: "\\"), let next = Self.endOfSplice(text, at, range.upperBound) {
        at = next
        continue
      }
      bytes.append(text[at])
      places.append(at)
      at += 1
    }
  }

  private static func endOfSplice(_ text: [UInt8], _ start: Int, _ end: Int) -> Int? {
    var at = start + 1
    while at < end, text[at] != UInt8(ascii: "\n") {
      guard text[at] == 32 || (text[at] >= 9 && text[at] <= 13) else { return nil }
      at += 1
    }
    return at < end ? at + 1 : nil
  }

  /// The bytes of the text from the first byte of `range` to its last.
  func places(of range: Range<Int>) -> Range<Int> {
    places[range.lowerBound]..<places[range.upperBound - 1] + 1
  }
}

/// Splits C text into tokens without preprocessing it; comments and white space are dropped.
///
/// Digraphs are tokens of their own spelling, so that a rule can refuse them; trigraphs are not
/// replaced. A literal or comment that does not end runs to the end of the text.
struct CLexer {
  private let text: SplicedBytes
  private let bytes: [UInt8]
  private var at = 0
  private let end: Int
  private var atLineStart = true

  static func tokens(of bytes: [UInt8], in range: Range<Int>? = nil) -> [CToken] {
    let range = range ?? 0..<bytes.count
    var lexer = CLexer(SplicedBytes(bytes, in: range))
    var tokens: [CToken] = []
    while let token = lexer.next() { tokens.append(token) }
    return tokens
  }

  static func tokens(of text: String) -> [CToken] { tokens(of: Array(text.utf8)) }

  private init(_ text: SplicedBytes) {
    self.text = text
    bytes = text.bytes
    end = text.bytes.count
  }

  private func byte(_ offset: Int = 0) -> UInt8 { at + offset < end ? bytes[at + offset] : 0 }

  private mutating func next() -> CToken? {
    skipBlank()
    guard at < end else { return nil }
    let start = at
    let first = byte()
    if first == UInt8(ascii: "#"), atLineStart {
      directive()
      return token(.directive, from: start)
    }
    atLineStart = false
    if Self.startsIdentifier(first) {
      while at < end, Self.continuesIdentifier(byte()) { at += 1 }
      let quote = byte()
      let prefix = String(decoding: bytes[start..<at], as: UTF8.self)
      if ["L", "u", "U", "u8"].contains(prefix), quote == 0x22 || quote == 0x27 {
        literal(quote)
        return token(.literal, from: start)
      }
      return token(.identifier, from: start)
    }
    if Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(1))) {
      number()
      return token(.number, from: start)
    }
    if first == 0x22 || first == 0x27 {
      literal(first)
      return token(.literal, from: start)
    }
    for length in stride(from: 4, through: 2, by: -1) where at + length <= end {
      if Self.punctuators.contains(String(decoding: bytes[at..<at + length], as: UTF8.self)) {
        at += length
        return token(.punctuator, from: start)
      }
    }
    at += 1
    let isPunctuator = "[](){}.&*+-~!/%<>^|?:;=,#".utf8.contains(first)
    return token(isPunctuator ? .punctuator : .stray, from: start)
  }

  private func token(_ kind: CToken.Kind, from start: Int) -> CToken {
    CToken(
      kind: kind, text: String(decoding: bytes[start..<at], as: UTF8.self),
      range: text.places(of: start..<at))
  }

  /// Skips white space and comments.
  private mutating func skipBlank() {
    while at < end {
      let c = byte()
      if c == UInt8(ascii: "\n") {
        atLineStart = true
        at += 1
      } else if c == 32 || (c >= 9 && c <= 13) {
        at += 1
      } else if c == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        at += 2
        while at < end, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) { at += 1 }
        at = min(at + 2, end)
      } else if c == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "/") {
        while at < end, byte() != UInt8(ascii: "\n") { at += 1 }
      } else {
        return
      }
    }
  }

  private mutating func directive() {
    while at < end, byte() != UInt8(ascii: "\n") {
      if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        at += 2
        while at < end, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) { at += 1 }
        at = min(at + 2, end)
      } else {
        at += 1
      }
    }
  }

  private mutating func number() {
    while at < end {
      let c = byte()
      let isExponent = "eEpP".utf8.contains(c) && (byte(1) == 0x2b || byte(1) == 0x2d)
      if isExponent {
        at += 2
      } else if Self.continuesIdentifier(c) || c == UInt8(ascii: ".") {
        at += 1
      } else {
        return
      }
    }
  }

  private mutating func literal(_ quote: UInt8) {
    at += 1
    while at < end, byte() != quote { at += byte() == UInt8(ascii: "\\") ? 2 : 1 }
    at = min(at + 1, end)
  }

  private static func startsIdentifier(_ c: UInt8) -> Bool {
    (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c == UInt8(ascii: "_")
      || c == UInt8(ascii: "$") || c >= 128
  }
  private static func isDigit(_ c: UInt8) -> Bool { c >= 48 && c <= 57 }
  private static func continuesIdentifier(_ c: UInt8) -> Bool {
    startsIdentifier(c) || isDigit(c)
  }

  private static let punctuators: Set<String> = [
    "%:%:", "...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
    "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=", "##", "<:", ":>", "<%", "%>", "%:",
  ]
}
