/// Integer constants of the candidate's new text that may be block factors.
enum BlockFactors {
  static let largest = 4096

  /// Distinct constants above 1, the smallest first; at most `limit`, of which those come first that
  /// counters advance by or values are divided by: an unrolled body has many offsets as well. Bytes of a vector
  /// are as many lanes as elements of its type fill them; where the text does not name that, of any size in
  /// `elementSizes`.
  static func find(in candidate: CandidateText, elementSizes: Set<Int> = [], limit: Int = 8)
    -> [Int]
  {
    var found: [Int: Int] = [:]
    func note(_ value: Int, _ rank: Int) {
      if value > 1, value <= largest { found[value] = min(found[value] ?? rank, rank) }
    }
    for tokens in [candidate.bodyTokens] + candidate.items.map({ Array($0.tokens) }) {
      for (index, token) in tokens.enumerated() where token.kind == .number {
        guard let value = value(token.text) else { continue }
        if isAttribute(tokens, index) {
          for size in laneSizes(tokens, index) ?? elementSizes
          where size < value && value % size == 0 { note(value / size, 0) }
          continue
        }
        let isStep = index > 0 && steps.contains(tokens[index - 1].text)
        note(value, isStep ? 0 : 1)
        if let folded = folded(tokens, index, value) { note(folded, 0) }
      }
    }
    let ranked = found.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(limit)
    return ranked.map(\.key).sorted() + narrowRanges(candidate)
  }

  /// What this number and the next one, joined by an operator, are together.
  private static func folded(_ tokens: [CToken], _ index: Int, _ value: Int) -> Int? {
    guard index + 2 < tokens.count, tokens[index + 2].kind == .number, value <= largest,
      let other = Self.value(tokens[index + 2].text), other <= largest
    else { return nil }
    switch tokens[index + 1].text {
    case "*": return value * other
    case "<<": return other < 13 ? value << other : nil
    case "+": return value + other
    default: return nil
    }
  }

  /// Bytes that an element of the declaration may have in whose attribute the number stands; nil where a name in
  /// front of the attribute says nothing.
  private static func laneSizes(_ tokens: [CToken], _ index: Int) -> Set<Int>? {
    let start =
      tokens[..<index].lastIndex { [";", "{", "}"].contains($0.text) }.map { $0 + 1 } ?? 0
    let words = tokens[start..<index].prefix { $0.text != "__attribute__" }.map(\.text)
      .filter { !["typedef", "const", "unsigned", "signed"].contains($0) }
    // `typedef T name` or `T name`.
    guard words.count == 2 || (words.count == 1 && tokens[start].text != "typedef") else {
      return nil
    }
    return sizes[words[0]]
  }

  private static let sizes: [String: Set<Int>] = [
    "char": [1], "int8_t": [1], "uint8_t": [1], "short": [2], "int16_t": [2], "uint16_t": [2],
    "int": [4], "int32_t": [4], "uint32_t": [4], "float": [4], "double": [8], "int64_t": [8],
    "uint64_t": [8], "long": [4, 8],
  ]

  /// Whether the number is the argument of an attribute: bytes of a vector are no block. A function may be
  /// called `aligned` too, so the parentheses around must be those of `__attribute__`.
  private static func isAttribute(_ tokens: [CToken], _ index: Int) -> Bool {
    var closed = 0
    for position in stride(from: index - 1, through: max(0, index - 24), by: -1) {
      switch tokens[position].text {
      case ")": closed += 1
      case "(" where closed > 0: closed -= 1
      case "(":
        if position > 0, tokens[position - 1].text == "__attribute__" { return true }
      case ";", "{", "}": return false
      default: break
      }
    }
    return false
  }

  /// What stands before a number that a loop goes by, or that a size is cut into.
  private static let steps: Set<String> = ["+=", "-=", "/", "%", "/=", "%=", "*", "="]

  /// How many values the narrow integer types hold that the new text names: a counter of such a
  /// type wraps there.
  private static func narrowRanges(_ candidate: CandidateText) -> [Int] {
    let narrow: Set<String> = [
      "short", "int16_t", "uint16_t", "__INT16_TYPE__", "__UINT16_TYPE__", "int_least16_t",
      "uint_least16_t",
    ]
    var names = Set(candidate.bodyTokens.map(\.text))
    for item in candidate.items { names.formUnion(item.tokens.map(\.text)) }
    return names.isDisjoint(with: narrow) ? [] : [1 << 15, 1 << 16]
  }

  /// All integer constants, those of the original too: values at which a scalar may matter.
  static func constants(in candidate: CandidateText?, and original: [CToken]) -> [Int] {
    var found: Set<Int> = []
    for token in (candidate?.bodyTokens ?? []) + original where token.kind == .number {
      if let value = value(token.text) { found.insert(value) }
    }
    return found.sorted()
  }

  static func value(_ text: String) -> Int? {
    var digits = Substring(text.lowercased())
    let isHexadecimal = digits.hasPrefix("0x")
    if isHexadecimal { digits = digits.dropFirst(2) }
    while let last = digits.last, last == "u" || last == "l" { digits.removeLast() }
    return Int(digits, radix: isHexadecimal ? 16 : 10)
  }
}
