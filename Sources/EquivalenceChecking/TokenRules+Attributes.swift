/// Rules 5 and 13: attributes, and the alignments that they ask for.
extension TokenRules {
  func checkAttribute(_ tokens: [CToken], at index: Int) throws(FormViolation) {
    for token in Self.attributes(tokens, at: index) {
      let name =
        token.text.hasPrefix("__") && token.text.hasSuffix("__") && token.text.count > 4
        ? String(token.text.dropFirst(2).dropLast(2)) : token.text
      if !Vocabulary.attributes.contains(name), !originalAttributes.contains(token.text) {
        try gate.refuse(
          FormViolation(
            .attributes, "the attribute '\(token.text)'", at: token.range.lowerBound))
      }
    }
  }

  /// The names in the list that follows the `__attribute__` at `index`.
  static func attributes(_ tokens: [CToken], at index: Int) -> [CToken] {
    var depth = 0
    var names: [CToken] = []
    for token in tokens[(index + 1)...] {
      if token.text == "(" { depth += 1 }
      if token.text == ")" { depth -= 1 }
      if depth == 0 { break }
      if token.kind == .identifier, depth == 2 { names.append(token) }
    }
    return names
  }

  func isInAttribute(_ tokens: [CToken], _ index: Int) -> Bool {
    var at = index
    var depth = 0
    while at > 0 {
      at -= 1
      switch tokens[at].text {
      case ")": depth += 1
      case "(":
        depth -= 1
        if depth == -2, at > 0 { return tokens[at - 1].text.hasPrefix("__attribute") }
      case ";", "{", "}": return false
      default: break
      }
    }
    return false
  }

  /// A local of one byte takes as much stack as its alignment.
  func checkAlignment(_ tokens: [CToken], at index: Int) throws(FormViolation) {
    guard ["_Alignas", "aligned", "__aligned__"].contains(tokens[index].text),
      index + 1 < tokens.count, let value = ConstantFolder.value(in: tokens, at: index + 1),
      value > 4096
    else { return }
    try gate.refuse(
      FormViolation(.stack, "an alignment of \(value) bytes", at: tokens[index].range.lowerBound))
  }
}
