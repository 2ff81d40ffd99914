/// One `#define`.
struct MacroDefinition {
  let name: String
  /// Parameter names; nil for an object-like macro.
  let parameters: [String]?
  /// Whether the last parameter takes all remaining arguments.
  let isVariadic: Bool
  let body: [MacroToken]

  var isObjectLike: Bool { parameters == nil }
}

/// A token on its way through macro expansion.
struct MacroToken {
  var text: String
  var kind: CToken.Kind
  var followsSpace: Bool
  /// Names whose expansion this token came from; they are not expanded again (§6.10.3.4).
  var hidden: Set<String> = []
  /// Positions in the list of original tokens that the token stands for.
  var source: Range<Int> = 0..<0
  /// The macro named at the outermost level; nil for a token of the source itself.
  var macro: String?
  /// Matches any one token: the text depends on the place (`__LINE__`, `#x`).
  var isWildcard = false
}

/// The macros that are defined at one place of a translation unit, read from the `#define` and
/// `#undef` lines that `-E -dD` leaves in its output.
struct MacroTable {
  /// Where the bytes of each definition stand, from the name on.
  private var lines: [String: Range<Int>] = [:]
  private var parsed: [String: MacroDefinition] = [:]

  /// The names that are defined.
  var names: some Collection<String> { lines.keys }

  /// Takes a directive's line into account; anything but `#define` and `#undef` has no effect.
  mutating func apply(directive range: Range<Int>, of bytes: [UInt8]) {
    var lexer = CLexer(bytes, range: (range.lowerBound + 1)..<range.upperBound, atLineStart: false)
    guard let keyword = lexer.next(), let name = lexer.next() else { return }
    let key = String(decoding: bytes[name.range], as: UTF8.self)
    switch String(decoding: bytes[keyword.range], as: UTF8.self) {
    case "define":
      lines[key] = name.range.lowerBound..<range.upperBound
      parsed[key] = nil
    case "undef":
      lines[key] = nil
      parsed[key] = nil
    default: break
    }
  }

  /// The definition of a name, nil when it is no macro.
  mutating func definition(of name: String, in bytes: [UInt8]) -> MacroDefinition? {
    if let known = parsed[name] { return known }
    guard let line = lines[name] else { return nil }
    let definition = Self.parse(name: name, line: line, bytes: bytes)
    parsed[name] = definition
    return definition
  }

  /// The value of an object-like macro that is one integer, perhaps in parentheses.
  func integer(_ name: String, in bytes: [UInt8]) -> Int? {
    guard let line = lines[name] else { return nil }
    let definition = parsed[name] ?? Self.parse(name: name, line: line, bytes: bytes)
    let words = definition.body.map(\.text).filter { $0 != "(" && $0 != ")" }
    guard definition.isObjectLike, words.count == 1 else { return nil }
    let digits = String(words[0].reversed().drop { "uUlL".contains($0) }.reversed())
    return digits.lowercased().hasPrefix("0x")
      ? Int(digits.dropFirst(2), radix: 16) : Int(digits)
  }

  private static func parse(name: String, line: Range<Int>, bytes: [UInt8]) -> MacroDefinition {
    var tokens = CLexer.tokens(bytes, range: line, atLineStart: false)
      .filter { $0.kind != .comment }.dropFirst()
    func text(_ token: CToken) -> String { String(decoding: bytes[token.range], as: UTF8.self) }
    var parameters: [String]?
    var isVariadic = false
    if let open = tokens.first, text(open) == "(", !open.followsSpace {
      var names: [String] = []
      tokens = tokens.dropFirst()
      while let token = tokens.first, text(token) != ")" {
        tokens = tokens.dropFirst()
        switch text(token) {
        case ",": break
        case "...":
          isVariadic = true
          // GNU C names the rest itself: `args...`.
          if names.isEmpty || !Self.isNamedRest(before: token, bytes) {
            names.append("__VA_ARGS__")
          }
        default: names.append(text(token))
        }
      }
      tokens = tokens.dropFirst()
      parameters = names
    }
    let body = tokens.map {
      MacroToken(text: text($0), kind: $0.kind, followsSpace: $0.followsSpace)
    }
    return MacroDefinition(
      name: name, parameters: parameters, isVariadic: isVariadic, body: body)
  }

  /// Whether an identifier stands directly before the ellipsis.
  private static func isNamedRest(before ellipsis: CToken, _ bytes: [UInt8]) -> Bool {
    var offset = ellipsis.range.lowerBound - 1
    while offset >= 0, bytes[offset] == 0x20 || bytes[offset] == 0x09 { offset -= 1 }
    return offset >= 0 && CLexer.continuesIdentifier(bytes[offset])
  }
}
