/// Rules 2 to 5: tokens, directives, keywords and brackets.
extension TokenRules {
  func checkPlain(_ token: CToken, isBody: Bool) throws(FormViolation) {
    func refuse(_ message: String) throws(FormViolation) {
      try gate.refuse(FormViolation(.plainTokens, message, at: token.range.lowerBound))
    }
    switch token.kind {
    case .stray: try refuse("a stray byte '\(token.text)'")
    case .punctuator:
      if ["%:", "%:%:", "<:", ":>", "<%", "%>", "##", "#"].contains(token.text) {
        try refuse("the token '\(token.text)'")
      }
    case .directive:
      let isParallel =
        isBody && startsThreads && ParallelPragma(token, in: candidate.bytes) != nil
      if !isParallel, !Self.isAllowedPragma(token.text), !hasInOriginal(token) {
        try gate.refuse(
          FormViolation(
            .directives, "the directive '\(token.text.prefix(60))'", at: token.range.lowerBound))
      }
    default: break
    }
  }

  private func hasInOriginal(_ token: CToken) -> Bool {
    token.text.dropFirst().drop { $0 == " " }.hasPrefix("pragma")
      && originalBody.contains { $0.kind == .directive && $0.text == token.text }
  }

  private static func isAllowedPragma(_ text: String) -> Bool {
    let words = CLexer.tokens(of: Array(text.utf8.dropFirst())).map(\.text)
    guard words.first == "pragma", Vocabulary.promises.isDisjoint(with: words) else { return false }
    return Vocabulary.pragmas.contains { Array(words.dropFirst()).starts(with: $0) }
  }

  func checkKeyword(_ token: CToken) throws(FormViolation) {
    guard !originalNames.contains(token.text) else { return }
    if Vocabulary.refusedKeywords.contains(token.text) {
      try gate.refuse(
        FormViolation(.keywords, "'\(token.text)'", at: token.range.lowerBound))
    }
    if token.text == "volatile" || token.text == "__volatile__" {
      try gate.refuse(
        FormViolation(.volatileAccesses, "a new 'volatile'", at: token.range.lowerBound))
    }
  }

  /// `({…})`, which no tree shows; `[[…]]`, whose names no list holds; and `[static n]`, by which a
  /// parameter promises its extent.
  func checkBrackets(_ tokens: [CToken], at index: Int) throws(FormViolation) {
    guard index + 1 < tokens.count else { return }
    if tokens[index].text == "(", tokens[index + 1].text == "{", !hasInOriginal(["(", "{"]) {
      try gate.refuse(
        FormViolation(
          .keywords, "statements in an expression", at: tokens[index].range.lowerBound))
    }
    guard tokens[index].text == "[" else { return }
    if tokens[index + 1].text == "[", !hasInOriginal(["[", "["]) {
      try gate.refuse(
        FormViolation(
          .attributes, "an attribute in brackets", at: tokens[index].range.lowerBound))
    }
    let inside = tokens[(index + 1)...].prefix {
      ["const", "restrict", "static"].contains($0.text)
    }
    if inside.contains(where: { $0.text == "static" }) {
      try gate.refuse(
        FormViolation(
          .attributes, "a parameter that promises its extent", at: tokens[index].range.lowerBound))
    }
  }

  private func hasInOriginal(_ texts: [String]) -> Bool {
    zip(originalBody, originalBody.dropFirst()).contains { [$0.text, $1.text] == texts }
  }
}
