/// A file's tokens as another compiler's preprocessor leaves them.
struct RivalTokens {
  private let bytes: [UInt8]
  private let tokens: [CToken]

  init(_ text: PreprocessedText) {
    bytes = text.bytes
    tokens = text.mainRanges.flatMap { range in
      CLexer.tokens(text.bytes, range: range).filter {
        $0.kind != .comment && $0.kind != .directive
      }
    }
  }

  /// Whether a function's tokens stand somewhere in this text.
  func agrees(with join: TokenJoin, line: Int) -> Bool {
    guard let first = join.tokens.first else { return false }
    let wanted = join.bytes[first.range]
    for start in tokens.indices where bytes[tokens[start].range].elementsEqual(wanted) {
      if matches(join, from: start) { return true }
    }
    return false
  }

  private func matches(_ join: TokenJoin, from start: Int) -> Bool {
    var position = start
    for index in join.tokens.indices {
      guard position < tokens.count else { return false }
      let theirs = bytes[tokens[position].range]
      if theirs.elementsEqual(join.bytes[join.tokens[index].range]) {
        position += 1
      } else if isSameConstant(join.text(index), String(decoding: theirs, as: UTF8.self)) {
        position += 1
      } else if let width = castConstant(at: position, equals: join.text(index)) {
        position += width
      } else {
        return false
      }
    }
    return true
  }

  /// `2147483647` and `0x7fffffff`: compilers' own headers spell the same constant differently.
  private func isSameConstant(_ ours: String, _ theirs: String) -> Bool {
    if let a = Self.integer(ours), let b = Self.integer(theirs) {
      return a.value == b.value && a.suffix == b.suffix
    }
    guard let a = Self.floating(ours), let b = Self.floating(theirs) else { return false }
    return a.type == b.type && a.value == b.value
  }

  private static func integer(_ text: String) -> (value: UInt64, suffix: String)? {
    let lower = text.lowercased()
    let digits = String(lower.reversed().drop { "ul".contains($0) }.reversed())
    let suffix = String(lower.dropFirst(digits.count).sorted())
    let value: UInt64?
    if digits.hasPrefix("0x") {
      value = UInt64(digits.dropFirst(2), radix: 16)
    } else {
      value = UInt64(digits, radix: digits.hasPrefix("0") ? 8 : 10)
    }
    guard let value else { return nil }
    // A hexadecimal constant takes an unsigned type where a decimal one takes a wider type.
    let isSameTypeInAnyBase = value <= 0x7FFF_FFFF || suffix.contains("u")
    return isSameTypeInAnyBase || (suffix.contains("l") && value <= 0x7FFF_FFFF_FFFF_FFFF)
      ? (value, suffix) : nil
  }

  /// `((double)1.5e308L)`, as gcc's `<float.h>` spells what clang's spells `1.5e308`; the number of
  /// tokens when it is the same constant.
  private func castConstant(at start: Int, equals ours: String) -> Int? {
    guard start + 6 <= tokens.count else { return nil }
    let texts = (start..<start + 6).map { String(decoding: bytes[tokens[$0].range], as: UTF8.self) }
    guard texts[0] == "(", texts[1] == "(", texts[3] == ")", texts[5] == ")",
      let a = Self.floating(ours), let b = Self.floating(texts[4]),
      texts[2] == a.type, a.value == b.value
    else { return nil }
    return 6
  }

  private static func floating(_ text: String) -> (value: Double, type: String)? {
    guard let last = text.last else { return nil }
    let type = "fF".contains(last) ? "float" : "lL".contains(last) ? "long double" : "double"
    let digits = type == "double" ? text[...] : text.dropLast()
    guard let value = Double(digits) else { return nil }
    return (type == "float" ? Double(Float(value)) : value, type)
  }
}
