/// The candidate's file cut where it may differ from the original: new text directly above the
/// function, and the function's body.
struct CandidateText {
  /// A definition at file scope that the candidate adds.
  struct Item {
    enum Kind: Equatable {
      case function
      case object
      case typeAlias
    }
    var kind: Kind
    var name: String
    var tokens: ArraySlice<CToken>
    /// Tokens of a function's body, braces included; empty for the others.
    var body: ArraySlice<CToken>
  }

  let bytes: [UInt8]
  /// The function's new body, braces included.
  let body: Range<Int>
  let bodyTokens: [CToken]
  let items: [Item]
  /// What stands in the file from the end of the definition above the function to the function's
  /// end, comments included; and what the original has there.
  let newText: [UInt8]
  let replacedText: [UInt8]
  /// Where loops begin whose iterations threads share; their pragmas are left out of the bytes.
  var parallelLoops: [Int] = []

  /// Cuts `bytes`, or throws why it is not `original` with one body replaced (rule 1).
  init(
    _ bytes: [UInt8], replacing function: FunctionPlace, in original: [UInt8],
    gate: FormGate = FormGate()
  ) throws(FormViolation) {
    let gapStart = Self.endOfPreviousToken(before: function.start, in: original)
    let suffix = original[function.body.upperBound...]
    guard bytes.starts(with: original[..<gapStart]) else {
      throw FormViolation(
        .placement, "the text above the function differs",
        at: zip(bytes, original).enumerated().first { $0.1.0 != $0.1.1 }?.0)
    }
    guard bytes.count - gapStart >= suffix.count,
      bytes[(bytes.count - suffix.count)...].elementsEqual(suffix)
    else {
      throw FormViolation(.placement, "the text below the function's body differs")
    }
    let middle = gapStart..<(bytes.count - suffix.count)
    let tokens = CLexer.tokens(of: bytes, in: middle)
    let open = try Self.lastBody(tokens)
    let header = original[function.start..<function.body.lowerBound]
    let bodyStart = tokens[open].range.lowerBound
    guard bodyStart - middle.lowerBound >= header.count,
      bytes[(bodyStart - header.count)..<bodyStart].elementsEqual(header)
    else {
      throw FormViolation(.placement, "the function's signature differs", at: bodyStart)
    }
    let headerStart = bodyStart - header.count
    try Self.checkInsertion(
      Array(bytes[gapStart..<headerStart]), into: Array(original[gapStart..<function.start]))
    self.bytes = bytes
    body = bodyStart..<middle.upperBound
    newText = Array(bytes[middle])
    replacedText = Array(original[gapStart..<function.body.upperBound])
    bodyTokens = Array(tokens[open...])
    items = try Self.items(tokens.prefix { $0.range.lowerBound < headerStart }, gate)
  }

  /// Where the new text between the previous definition and the function comes from.
  private static func checkInsertion(_ text: [UInt8], into gap: [UInt8]) throws(FormViolation) {
    let before = zip(text, gap).prefix { $0 == $1 }.count
    let after = zip(text.reversed(), gap.reversed()).prefix { $0 == $1 }.count
    guard text.count >= gap.count, before + after >= gap.count else {
      throw FormViolation(.placement, "comments above the function differ")
    }
  }

  private static func endOfPreviousToken(before offset: Int, in original: [UInt8]) -> Int {
    CLexer.tokens(of: original, in: 0..<offset).last?.range.upperBound ?? 0
  }

  /// Index of the `{` whose partner is the last token.
  private static func lastBody(_ tokens: [CToken]) throws(FormViolation) -> Int {
    var depth = 0
    var candidate: Int?
    for (index, token) in tokens.enumerated() where token.kind == .punctuator {
      if token.text == "{" {
        if depth == 0 { candidate = index }
        depth += 1
      } else if token.text == "}" {
        depth -= 1
        if depth < 0 {
          throw FormViolation(.placement, "braces do not match", at: token.range.lowerBound)
        }
      }
    }
    guard depth == 0, let candidate, tokens.last?.text == "}" else {
      throw FormViolation(.placement, "the function's body cannot be found")
    }
    return candidate
  }

  private static func items(_ tokens: ArraySlice<CToken>, _ gate: FormGate)
    throws(FormViolation) -> [Item]
  {
    var items: [Item] = []
    var rest = tokens
    while let first = rest.first {
      let end = try endOfItem(rest, gate)
      items += try self.items(of: rest[rest.startIndex..<end], at: first.range.lowerBound, gate)
      rest = rest[end...]
    }
    return items
  }

  /// Index after the `;`, or after the `}` of a function's body.
  private static func endOfItem(_ tokens: ArraySlice<CToken>, _ gate: FormGate)
    throws(FormViolation) -> Int
  {
    var depth = 0
    var isFunction = false
    for index in tokens.indices {
      let token = tokens[index]
      if token.kind == .directive, depth == 0 {
        try gate.refuse(
          FormViolation(
            .directives, "a directive above the function", at: token.range.lowerBound))
      }
      guard token.kind == .punctuator else { continue }
      switch token.text {
      case "{":
        if depth == 0, index > tokens.startIndex, tokens[index - 1].text == ")" {
          isFunction = true
        }
        depth += 1
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "}":
        depth -= 1
        if depth == 0, isFunction { return index + 1 }
      case ";" where depth == 0: return index + 1
      default: break
      }
    }
    throw FormViolation(
      .placement, "a definition above the function does not end",
      at: tokens.first?.range.lowerBound)
  }

  /// One item of a definition, or one for each name of a `typedef`.
  private static func items(of tokens: ArraySlice<CToken>, at offset: Int, _ gate: FormGate)
    throws(FormViolation) -> [Item]
  {
    guard tokens.first?.text == "typedef" else { return [try item(tokens, at: offset, gate)] }
    let names = DeclarationScanner.declaredNames(inDeclaration: tokens, knownTypes: [])
    return (names.isEmpty ? [""] : names).map {
      Item(kind: .typeAlias, name: $0, tokens: tokens, body: [])
    }
  }

  private static func item(_ tokens: ArraySlice<CToken>, at offset: Int, _ gate: FormGate)
    throws(FormViolation) -> Item
  {
    func violation(_ message: String) -> FormViolation {
      FormViolation(.placement, message, at: offset)
    }
    func refuseState(_ message: String) throws(FormViolation) {
      try gate.refuse(FormViolation(.staticState, message, at: offset))
    }
    guard tokens.first?.text == "static" else {
      throw violation("new text at file scope that is neither a static helper nor a static table")
    }
    if let open = tokens.indices.first(where: { tokens[$0].text == "{" }),
      tokens[open - 1].text == ")", tokens.last?.text == "}"
    {
      guard let name = functionName(tokens[..<open]) else {
        throw violation("a new helper whose name cannot be read")
      }
      return Item(kind: .function, name: name, tokens: tokens, body: tokens[open...])
    }
    let specifiers = tokens.prefix { $0.text != "=" }
    var depth = 0
    var isConst = false
    var name: String?
    for token in specifiers {
      if ["(", "[", "{"].contains(token.text) { depth += 1 }
      if [")", "]", "}"].contains(token.text) { depth -= 1 }
      guard depth == 0 else { continue }
      if token.text == "const" { isConst = true }
      if token.text == "*" || token.text == "(" {
        try refuseState("a new static object that is a pointer")
      }
      // A compiler may keep what is `const volatile` where it can be stored to.
      if token.text == "volatile" { try refuseState("a new static object that is volatile") }
      if token.kind == .identifier, !Vocabulary.isKeyword(token.text) { name = token.text }
    }
    if !isConst { try refuseState("a new static object that is not const") }
    guard let name else { throw violation("a new static object whose name cannot be read") }
    if !tokens.contains(where: { $0.text == "=" }) {
      try refuseState("'\(name)' has no initialiser")
    }
    return Item(kind: .object, name: name, tokens: tokens, body: [])
  }

  /// The identifier before the parameter list.
  private static func functionName(_ header: ArraySlice<CToken>) -> String? {
    var depth = 0
    var previous: CToken?
    for token in header {
      if token.text == "(" {
        if depth == 0, let previous, previous.kind == .identifier,
          !Vocabulary.isKeyword(previous.text)
        {
          return previous.text
        }
        depth += 1
      } else if token.text == ")" {
        depth -= 1
      }
      previous = token
    }
    return nil
  }
}

/// Where a function stands in its file.
struct FunctionPlace: Hashable, Sendable {
  /// Its first token.
  var start: Int
  /// Its body, braces included.
  var body: Range<Int>
}
