/// L0 on the level of tokens: rules 2 to 9, 13 and 14, for the body and for every new helper.
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
  private let originalAttributes: Set<String>
  /// Functions that the file itself defines.
  private let ownFunctions: Set<String>
  private let gate: FormGate

  init(
    candidate: CandidateText, original: [UInt8], place: FunctionPlace, functionName: String,
    ownFunctions: Set<String> = [], gate: FormGate = FormGate()
  ) {
    self.candidate = candidate
    self.functionName = functionName
    self.ownFunctions = ownFunctions
    self.gate = gate
    let file = CLexer.tokens(of: original)
    let function = file.filter {
      place.start <= $0.range.lowerBound && $0.range.upperBound <= place.body.upperBound
    }
    originalBody = function.filter { place.body.contains($0.range.lowerBound) }
    originalNames = Self.identifiers(function)
    originalAttributes = Set(
      function.indices.filter { function[$0].text.hasPrefix("__attribute") }.flatMap {
        Self.attributes(function, at: $0).map(\.text)
      })
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
    try checkCharacters()
    try checkDepth()
    for item in candidate.items {
      if !item.name.isEmpty, fileNames.contains(item.name) || Self.isReserved(item.name) {
        try gate.refuse(
          FormViolation(
            .placement, "'\(item.name)' already has a meaning in the file",
            at: item.tokens.first?.range.lowerBound))
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
      try gate.refuse(
        FormViolation(
          .placement, "'\(header[index + 1].text)' already has a meaning in the file",
          at: header[index].range.lowerBound))
    }
  }

  private func check(_ tokens: [CToken], isBody: Bool) throws(FormViolation) {
    let known = Vocabulary.typeNames.union(fileTypes).union(newTypes)
    let declared = DeclarationScanner.declared(in: tokens, knownTypes: known)
    let types = known.union(declared.types)
    for (index, token) in tokens.enumerated() {
      try checkPlain(token)
      try checkBrackets(tokens, at: index)
      guard token.kind == .identifier else { continue }
      let next = index + 1 < tokens.count ? tokens[index + 1].text : ""
      let previous = index > 0 ? tokens[index - 1].text : ""
      try checkKeyword(token)
      try checkAlignment(tokens, at: index)
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
      if !Self.isAllowedPragma(token.text), !hasInOriginal(token) {
        try gate.refuse(
          FormViolation(
            .directives, "the directive '\(token.text.prefix(60))'", at: token.range.lowerBound))
      }
    default: break
    }
  }

  /// Comments and literals count too: what stands there can hide what follows, from a compiler (a
  /// trigraph) or from a reader (characters that turn or look like others).
  private func checkCharacters() throws(FormViolation) {
    let (own, old) = (candidate.newText, candidate.replacedText)
    if let trigraph = Self.trigraphs(own).first(where: { !Self.trigraphs(old).contains($0) }) {
      try gate.refuse(FormViolation(.plainTokens, "the trigraph '\(trigraph)'"))
    }
    for mark in ["/*@", "//@"]
    where Self.count(of: mark, in: own) > Self.count(of: mark, in: old) {
      try gate.refuse(
        FormViolation(.placement, "an annotation, which whoever judges next would believe"))
    }
    let known = Set(String(decoding: old, as: UTF8.self).unicodeScalars)
    let new = String(decoding: own, as: UTF8.self).unicodeScalars.first {
      !$0.isASCII && !known.contains($0)
    }
    if let new {
      try gate.refuse(
        FormViolation(.plainTokens, "the character U+\(String(new.value, radix: 16))"))
    }
  }

  private static func count(of mark: String, in bytes: [UInt8]) -> Int {
    let sought = Array(mark.utf8)
    return bytes.indices.count(where: { bytes[$0...].starts(with: sought) })
  }

  private static func trigraphs(_ bytes: [UInt8]) -> [String] {
    bytes.indices.dropLast(2).compactMap { index in
      guard bytes[index] == 0x3f, bytes[index + 1] == 0x3f,
        "=/'()!<>-".utf8.contains(bytes[index + 2])
      else { return nil }
      return String(decoding: bytes[index...index + 2], as: UTF8.self)
    }
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

  // MARK: rules 13 and 14

  /// Text that nests as deep as a stack is long would end the judge instead of the judging.
  private func checkDepth() throws(FormViolation) {
    let most = max(2000, NestingDepth.depth(of: originalBody))
    for tokens in candidate.items.map({ Array($0.tokens) }) + [candidate.bodyTokens]
    where NestingDepth.depth(of: tokens) > most {
      try gate.refuse(
        FormViolation(
          .parsing, "text that nests too deep", at: tokens.first?.range.lowerBound))
    }
  }

  /// A local of one byte takes as much stack as its alignment.
  private func checkAlignment(_ tokens: [CToken], at index: Int) throws(FormViolation) {
    guard ["_Alignas", "aligned", "__aligned__"].contains(tokens[index].text),
      index + 1 < tokens.count, let value = ConstantFolder.value(in: tokens, at: index + 1),
      value > 4096
    else { return }
    try gate.refuse(
      FormViolation(.stack, "an alignment of \(value) bytes", at: tokens[index].range.lowerBound))
  }

  // MARK: rules 4 and 5

  private func checkKeyword(_ token: CToken) throws(FormViolation) {
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
  private func checkBrackets(_ tokens: [CToken], at index: Int) throws(FormViolation) {
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

  private func checkAttribute(_ tokens: [CToken], at index: Int) throws(FormViolation) {
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
  private static func attributes(_ tokens: [CToken], at index: Int) -> [CToken] {
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
      try gate.refuse(
        FormViolation(.calls, "the function calls itself", at: token.range.lowerBound))
    }
    let isOwn = originalCalls.contains(name) || helpers.contains(name)
    let isListed = Vocabulary.pureFunctions.contains(name) || Vocabulary.allocation.contains(name)
    if isOwn || (isListed && !ownFunctions.contains(name)) { return }
    try gate.refuse(FormViolation(.calls, "a call of '\(name)'", at: token.range.lowerBound))
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
      try gate.refuse(
        FormViolation(
          .functionValues, "'\(name)' is used without a call", at: token.range.lowerBound))
    }
    if declared.contains(name) || types.contains(name) || originalNames.contains(name)
      || objects.contains(name) || Vocabulary.constants.contains(name)
      || (isBody && !name.hasPrefix("__"))
    {
      return
    }
    try gate.refuse(
      FormViolation(
        .names, "'\(name)' is neither the original's nor declared here",
        at: token.range.lowerBound))
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
        try gate.refuse(FormViolation(.calls, "the helper '\(name)' calls itself"))
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

/// How deep a tree of the text may be, from above: statements and expressions that nest without
/// braces or parentheses, whose number compilers limit.
private enum NestingDepth {
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
