/// L0 on the level of tokens: rules 2 to 9, for the body and for every new helper.
///
/// These rules need no parser and see the text before macros are expanded; `TreeRules` sees it
/// after.
struct TokenRules {
  private let candidate: CandidateText
  /// Identifiers of the original function, its signature included.
  private let originalNames: Set<String>
  private let originalCalls: Set<String>
  private let originalValues: Set<String>
  /// Identifiers anywhere in the original's file.
  private let fileNames: Set<String>
  private let fileTypes: Set<String>
  private let helpers: Set<String>
  private let objects: Set<String>
  private let newTypes: Set<String>
  private let functionName: String
  private let originalBody: [CToken]

  init(candidate: CandidateText, original: [UInt8], place: FunctionPlace, functionName: String) {
    self.candidate = candidate
    self.functionName = functionName
    let file = CLexer.tokens(of: original)
    let function = file.filter {
      place.start <= $0.range.lowerBound && $0.range.upperBound <= place.body.upperBound
    }
    originalBody = function.filter { place.body.contains($0.range.lowerBound) }
    originalNames = Self.identifiers(function)
    originalCalls = Self.calls(originalBody)
    originalValues = Self.values(originalBody)
    fileNames = Self.identifiers(file)
    fileTypes = Self.typedefs(file).union(Self.typesUsed(function))
    helpers = Set(candidate.items.filter { $0.kind == .function }.map(\.name))
    objects = Set(candidate.items.filter { $0.kind == .object }.map(\.name))
    newTypes = Set(candidate.items.filter { $0.kind == .typeAlias }.map(\.name))
  }

  /// Throws the first violation.
  func check() throws(FormViolation) {
    for item in candidate.items {
      if !item.name.isEmpty, fileNames.contains(item.name) || Self.isReserved(item.name) {
        throw FormViolation(
          .placement, "'\(item.name)' already has a meaning in the file",
          at: item.tokens.first?.range.lowerBound)
      }
      try checkTags(item)
      try check(Array(item.tokens), isBody: false)
    }
    try check(candidate.bodyTokens, isBody: true)
    try checkRecursion()
  }

  /// A structure that an item defines before its body is one of the whole file.
  private func checkTags(_ item: CandidateText.Item) throws(FormViolation) {
    let header = Array(item.tokens.prefix(item.tokens.count - item.body.count))
    for index in header.indices.dropLast(2)
    where ["struct", "union", "enum"].contains(header[index].text)
      && header[index + 2].text == "{" && fileNames.contains(header[index + 1].text)
    {
      throw FormViolation(
        .placement, "'\(header[index + 1].text)' already has a meaning in the file",
        at: header[index].range.lowerBound)
    }
  }

  private func check(_ tokens: [CToken], isBody: Bool) throws(FormViolation) {
    let known = Vocabulary.typeNames.union(fileTypes).union(newTypes)
    let declared = DeclarationScanner.declared(in: tokens, knownTypes: known)
    let types = known.union(declared.types)
    for (index, token) in tokens.enumerated() {
      try checkPlain(token)
      guard token.kind == .identifier else { continue }
      let next = index + 1 < tokens.count ? tokens[index + 1].text : ""
      let previous = index > 0 ? tokens[index - 1].text : ""
      try checkKeyword(token)
      if token.text == "__attribute__" || token.text == "__attribute" {
        try checkAttribute(tokens, at: index)
      }
      if Vocabulary.isKeyword(token.text) || previous == "." || previous == "->" { continue }
      if ["struct", "union", "enum"].contains(previous) { continue }
      if isInAttribute(tokens, index) { continue }
      // A declared name before a parenthesis is a prototype or a pointer that is called.
      if next == "(", !types.contains(token.text) {
        try checkCall(token)
      } else {
        try checkName(token, declared: declared.names, types: types, isBody: isBody)
      }
    }
    try checkStatics(tokens, isBody: isBody)
  }

  // MARK: rules 2 and 3

  private func checkPlain(_ token: CToken) throws(FormViolation) {
    func violation(_ message: String) -> FormViolation {
      FormViolation(.plainTokens, message, at: token.range.lowerBound)
    }
    switch token.kind {
    case .stray: throw violation("a stray byte '\(token.text)'")
    case .punctuator:
      if ["%:", "%:%:", "<:", ":>", "<%", "%>", "##", "#"].contains(token.text) {
        throw violation("the token '\(token.text)'")
      }
    case .literal where token.text.contains("??"): throw violation("a trigraph")
    case .directive:
      guard Self.isAllowedPragma(token.text) || hasInOriginal(token) else {
        throw FormViolation(
          .directives, "the directive '\(token.text.prefix(60))'", at: token.range.lowerBound)
      }
    default: break
    }
    if token.text.contains("??/") { throw violation("a trigraph") }
  }

  private func hasInOriginal(_ token: CToken) -> Bool {
    token.text.dropFirst().drop { $0 == " " }.hasPrefix("pragma")
      && originalBody.contains { $0.kind == .directive && $0.text == token.text }
  }

  private static func isAllowedPragma(_ text: String) -> Bool {
    let words = CLexer.tokens(of: Array(text.utf8.dropFirst())).map(\.text)
    guard words.first == "pragma" else { return false }
    return Vocabulary.pragmas.contains { Array(words.dropFirst()).starts(with: $0) }
  }

  // MARK: rules 4 and 5

  private func checkKeyword(_ token: CToken) throws(FormViolation) {
    guard !originalNames.contains(token.text) else { return }
    if Vocabulary.refusedKeywords.contains(token.text) {
      throw FormViolation(.keywords, "'\(token.text)'", at: token.range.lowerBound)
    }
    if token.text == "volatile" || token.text == "__volatile__" {
      throw FormViolation(.volatileAccesses, "a new 'volatile'", at: token.range.lowerBound)
    }
  }

  private func checkAttribute(_ tokens: [CToken], at index: Int) throws(FormViolation) {
    var depth = 0
    for token in tokens[(index + 1)...] {
      if token.text == "(" { depth += 1 }
      if token.text == ")" { depth -= 1 }
      if depth == 0 { return }
      guard token.kind == .identifier, depth == 2 else { continue }
      let name =
        token.text.hasPrefix("__") && token.text.hasSuffix("__") && token.text.count > 4
        ? String(token.text.dropFirst(2).dropLast(2)) : token.text
      guard Vocabulary.attributes.contains(name) || originalNames.contains(token.text) else {
        throw FormViolation(
          .attributes, "the attribute '\(token.text)'", at: token.range.lowerBound)
      }
    }
  }

  private func isInAttribute(_ tokens: [CToken], _ index: Int) -> Bool {
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

  // MARK: rules 6, 7 and 8

  private func checkCall(_ token: CToken) throws(FormViolation) {
    let name = token.text
    if name == functionName && !originalCalls.contains(name) {
      throw FormViolation(.calls, "the function calls itself", at: token.range.lowerBound)
    }
    let isOwn = originalCalls.contains(name) || helpers.contains(name)
    let isListed = Vocabulary.pureFunctions.contains(name) || Vocabulary.allocation.contains(name)
    // A listed name that the file mentions elsewhere may be the file's own function or macro.
    if isOwn || isListed { return }
    throw FormViolation(.calls, "a call of '\(name)'", at: token.range.lowerBound)
  }

  /// A name in the body that is not known here may be a constant of a header: macros and
  /// enumerators are constants in the tree, where everything else is refused.
  private func checkName(
    _ token: CToken, declared: Set<String>, types: Set<String>, isBody: Bool
  ) throws(FormViolation) {
    let name = token.text
    let isFunction =
      helpers.contains(name) || name == functionName
      || (originalCalls.contains(name) && !originalValues.contains(name))
      || Vocabulary.pureFunctions.contains(name) || Vocabulary.allocation.contains(name)
    if isFunction && !declared.contains(name) && !originalValues.contains(name) {
      throw FormViolation(
        .functionValues, "'\(name)' is used without a call", at: token.range.lowerBound)
    }
    if declared.contains(name) || types.contains(name) || originalNames.contains(name)
      || objects.contains(name) || Vocabulary.constants.contains(name)
      || (isBody && !name.hasPrefix("__"))
    {
      return
    }
    throw FormViolation(
      .names, "'\(name)' is neither the original's nor declared here",
      at: token.range.lowerBound)
  }

  /// Helpers and the function form no cycle of calls.
  private func checkRecursion() throws(FormViolation) {
    var calls: [String: Set<String>] = [:]
    for item in candidate.items where item.kind == .function {
      calls[item.name] = Self.calls(Array(item.body)).intersection(helpers.union([functionName]))
    }
    for (name, direct) in calls {
      var reached = direct
      var pending = Array(direct)
      while let next = pending.popLast() {
        for callee in calls[next] ?? [] where reached.insert(callee).inserted {
          pending.append(callee)
        }
      }
      if reached.contains(name) || reached.contains(functionName) {
        throw FormViolation(.calls, "the helper '\(name)' calls itself")
      }
    }
  }

  // MARK: rule 9

  /// Every `static` inside a body declares a constant.
  private func checkStatics(_ tokens: [CToken], isBody: Bool) throws(FormViolation) {
    let original = originalBody.filter { $0.text == "static" }.count
    let statics = tokens.indices.filter { tokens[$0].text == "static" }
    guard isBody, statics.count > original else { return try checkInnerStatics(tokens, isBody) }
    for index in statics where !isConstantDeclaration(tokens, at: index) {
      throw FormViolation(
        .staticState, "a static object that is not const", at: tokens[index].range.lowerBound)
    }
  }

  private func checkInnerStatics(_ tokens: [CToken], _ isBody: Bool) throws(FormViolation) {
    guard !isBody else { return }
    for index in tokens.indices.dropFirst()
    where tokens[index].text == "static" && tokens[index - 1].text != "["
      && !isConstantDeclaration(tokens, at: index)
    {
      throw FormViolation(
        .staticState, "a static object that is not const", at: tokens[index].range.lowerBound)
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

  // MARK: sets of names

  private static func isReserved(_ name: String) -> Bool {
    name.hasPrefix("__") || Vocabulary.pureFunctions.contains(name)
      || Vocabulary.allocation.contains(name) || Vocabulary.constants.contains(name)
      || name.hasPrefix("ratchet_")
  }

  private static func identifiers(_ tokens: [CToken]) -> Set<String> {
    var names: Set<String> = []
    for token in tokens {
      if token.kind == .identifier { names.insert(token.text) }
      if token.kind == .directive {
        let inner = CLexer.tokens(of: Array(token.text.utf8.dropFirst()))
        names.formUnion(inner.filter { $0.kind == .identifier }.map(\.text))
      }
    }
    return names
  }

  private static func calls(_ tokens: [CToken]) -> Set<String> {
    Set(
      zip(tokens, tokens.dropFirst()).filter {
        $0.kind == .identifier && $1.text == "(" && !Vocabulary.isKeyword($0.text)
      }.map(\.0.text))
  }

  private static func values(_ tokens: [CToken]) -> Set<String> {
    Set(
      zip(tokens, tokens.dropFirst()).filter { $0.kind == .identifier && $1.text != "(" }
        .map(\.0.text))
  }

  /// Names that stand where only a type can: before another name, at the start of a declaration.
  private static func typesUsed(_ tokens: [CToken]) -> Set<String> {
    let starts: Set<String> = ["(", ",", ";", "{", "}", "const", "static", "volatile"]
    var names: Set<String> = []
    for index in tokens.indices.dropFirst()
    where tokens[index].kind == .identifier && starts.contains(tokens[index - 1].text) {
      let next = tokens[(index + 1)...].first { $0.text != "*" && $0.text != "const" }
      if let next, next.kind == .identifier, !Vocabulary.isKeyword(tokens[index].text) {
        names.insert(tokens[index].text)
      }
    }
    if let first = tokens.first, first.kind == .identifier { names.insert(first.text) }
    return names
  }

  /// Names that the file's own `typedef`s define.
  private static func typedefs(_ tokens: [CToken]) -> Set<String> {
    var names: Set<String> = []
    for index in tokens.indices where tokens[index].text == "typedef" {
      names.formUnion(
        DeclarationScanner.declaredNames(
          inDeclaration: tokens[index...], knownTypes: Vocabulary.typeNames))
    }
    return names
  }
}
