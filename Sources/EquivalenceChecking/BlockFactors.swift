/// Integer constants of the candidate's new text that may be block factors.
enum BlockFactors {
  private static let largest = 4096

  /// Distinct constants above 1, the smallest first; at most `limit`.
  static func find(in candidate: CandidateText, limit: Int = 8) -> [Int] {
    var found: Set<Int> = []
    for tokens in [candidate.bodyTokens] + candidate.items.map({ Array($0.tokens) }) {
      for token in tokens where token.kind == .number {
        if let value = value(token.text), value > 1, value <= largest { found.insert(value) }
      }
    }
    return Array(found.sorted().prefix(limit))
  }

  private static func value(_ text: String) -> Int? {
    var digits = Substring(text.lowercased())
    let isHexadecimal = digits.hasPrefix("0x")
    if isHexadecimal { digits = digits.dropFirst(2) }
    while let last = digits.last, last == "u" || last == "l" { digits.removeLast() }
    return Int(digits, radix: isHexadecimal ? 16 : 10)
  }
}
