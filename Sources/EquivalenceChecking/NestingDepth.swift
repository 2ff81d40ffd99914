/// How deep a tree of the text may be, from above: statements and expressions that nest without
/// braces or parentheses, whose number compilers limit.
enum NestingDepth {
  private static let control: Set<String> = [
    "if", "else", "for", "while", "do", "switch", "case", "default",
  ]

  static func depth(of tokens: [CToken]) -> Int {
    var (parentheses, chain, operators, alternatives, deepest) = (0, 0, 0, 0, 0)
    for token in tokens {
      switch token.text {
      case "(", "[":
        parentheses += 1
        operators += 1
      case ")", "]": parentheses -= 1
      case "else":
        alternatives += 1
        chain += 1
      case ";", "{", "}":
        operators = 0
        if parentheses <= 0 { chain = 0 }
      case ",": operators = 0
      default:
        if token.kind == .punctuator { operators += 1 }
        if control.contains(token.text) { chain += 1 }
      }
      deepest = max(deepest, operators, chain, alternatives)
    }
    return deepest
  }
}
