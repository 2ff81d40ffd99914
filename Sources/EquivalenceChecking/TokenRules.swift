/// L0 on the level of tokens: rules 2 to 9, 13 and 14, for the body and for every new helper.
///
/// These rules need no parser and see the text before macros are expanded; `TreeRules` sees it
/// after.
struct TokenRules {
  let candidate: CandidateText
  /// Identifiers of the original function, its signature included.
  let originalNames: Set<String>
  let originalCalls: Set<String>
  let originalValues: Set<String>
  /// Identifiers anywhere in the original's file.
  let fileNames: Set<String>
  let fileTypes: Set<String>
  let helpers: Set<String>
  let objects: Set<String>
  let newTypes: Set<String>
  let functionName: String
  let originalBody: [CToken]
  let originalAttributes: Set<String>
  /// Functions that the file itself defines.
  let ownFunctions: Set<String>
  /// Whether the project's flags let OpenMP's pragmas start threads.
  let startsThreads: Bool
  let gate: FormGate

  init(
    candidate: CandidateText, original: [UInt8], place: FunctionPlace, functionName: String,
    ownFunctions: Set<String> = [], startsThreads: Bool = false, gate: FormGate = FormGate()
  ) {
    self.startsThreads = startsThreads
    self.candidate = candidate
    self.functionName = functionName
    self.ownFunctions = ownFunctions
    self.gate = gate
    let file = CLexer.tokens(of: original)
    let function = file.filter {
      place.start <= $0.range.lowerBound && $0.range.upperBound <= place.body.upperBound
    }
    originalBody = function.filter { place.body.contains($0.range.lowerBound) }
    originalNames = function.identifiers
    originalAttributes = Set(
      function.indices.filter { function[$0].text.hasPrefix("__attribute") }.flatMap {
        Self.attributes(function, at: $0).map(\.text)
      })
    originalCalls = originalBody.calledNames
    originalValues = originalBody.valueNames
    fileNames = file.identifiers
    fileTypes = file.typedefNames.union(function.usedTypes)
    helpers = Set(candidate.items.filter { $0.kind == .function }.map(\.name))
    objects = Set(candidate.items.filter { $0.kind == .object }.map(\.name))
    newTypes = Set(candidate.items.filter { $0.kind == .typeAlias }.map(\.name))
  }

  /// Throws the first violation.
  func check() throws(FormViolation) {
    try CharacterRule(candidate: candidate, gate: gate).check()
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
      try checkPlain(token, isBody: isBody)
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

  private static func isReserved(_ name: String) -> Bool {
    name.hasPrefix("__") || Vocabulary.pureFunctions.contains(name)
      || Vocabulary.allocation.contains(name) || Vocabulary.constants.contains(name)
      || name.hasPrefix("ratchet_")
  }
}
