/// Rule 9: objects that outlive a call.
extension TokenRules {
  /// Every `static` inside a body declares a constant.
  func checkStatics(_ tokens: [CToken], isBody: Bool) throws(FormViolation) {
    let original = originalBody.filter { $0.text == "static" }.count
    let statics = tokens.indices.filter { tokens[$0].text == "static" }
    guard isBody, statics.count > original else { return try checkInnerStatics(tokens, isBody) }
    for index in statics where !isConstantDeclaration(tokens, at: index) {
      try gate.refuse(
        FormViolation(
          .staticState, "a static object that is not const", at: tokens[index].range.lowerBound))
    }
  }

  private func checkInnerStatics(_ tokens: [CToken], _ isBody: Bool) throws(FormViolation) {
    guard !isBody else { return }
    for index in tokens.indices.dropFirst()
    where tokens[index].text == "static" && tokens[index - 1].text != "["
      && !isConstantDeclaration(tokens, at: index)
    {
      try gate.refuse(
        FormViolation(
          .staticState, "a static object that is not const", at: tokens[index].range.lowerBound))
    }
  }

  private func isConstantDeclaration(_ tokens: [CToken], at index: Int) -> Bool {
    let specifiers = tokens[index...].prefix { $0.text != "=" && $0.text != ";" }
    var depth = 0
    var isConst = false
    for token in specifiers {
      if ["(", "[", "{"].contains(token.text) { depth += 1 }
      if [")", "]", "}"].contains(token.text) { depth -= 1 }
      // A `const` in brackets speaks of another type than the object's.
      if token.text == "const", depth == 0 { isConst = true }
      if token.text == "*" { return false }
    }
    return isConst
  }
}
