/// Expands macros as a C preprocessor does (§6.10.3), remembering for every resulting token which
/// tokens of the source it stands for.
///
/// The result is not trusted: the join compares it with the compiler's own preprocessed text, so a
/// case that is not covered here can only make a function be skipped, never be misread.
/// Algorithm: D. Prosser, "Complete macro expansion algorithm", X3J11/86-196.
struct MacroExpander {
  private var table: MacroTable
  private let definitionBytes: [UInt8]
  /// Tokens of the input that are not read yet.
  private var input: AnyIterator<MacroToken>
  /// Tokens that go before the rest of the input, last token first.
  private var pending: [MacroToken] = []
  /// Expansion steps that are left; runaway input ends with nil.
  private var fuel = 2_000_000

  init(table: MacroTable, definitionBytes: [UInt8], input: some Sequence<MacroToken>) {
    self.table = table
    self.definitionBytes = definitionBytes
    self.input = AnyIterator(input.makeIterator())
  }

  private mutating func read() -> MacroToken? { pending.popLast() ?? input.next() }

  /// The next token without taking it.
  private mutating func peek() -> MacroToken? {
    if pending.isEmpty, let next = input.next() { pending.append(next) }
    return pending.last
  }

  /// The next token that is not to be expanded further; nil at the end or when something is not
  /// covered.
  mutating func next() -> MacroToken? {
    while let token = read() {
      fuel -= 1
      guard fuel > 0 else { return nil }
      guard token.kind == .identifier, !token.hidden.contains(token.text) else { return token }
      if Self.placeDependent.contains(token.text) { return wildcard(token) }
      if token.text == "_Pragma" {
        guard collectArguments(of: nil) != nil else { return nil }
        continue
      }
      guard let macro = table.definition(of: token.text, in: definitionBytes) else { return token }
      guard macro.parameters != nil else {
        push(substituted(macro, token, arguments: [], close: nil))
        continue
      }
      guard peek()?.text == "(" else { return token }
      guard let call = collectArguments(of: macro) else { return nil }
      push(substituted(macro, token, arguments: call.arguments, close: call.close))
    }
    return nil
  }

  private static let placeDependent: Set<String> = [
    "__LINE__", "__FILE__", "__COUNTER__", "__DATE__", "__TIME__", "__TIMESTAMP__",
    "__BASE_FILE__", "__FILE_NAME__", "__INCLUDE_LEVEL__",
  ]

  private func wildcard(_ token: MacroToken) -> MacroToken {
    var copy = token
    copy.isWildcard = true
    copy.macro = token.macro ?? token.text
    return copy
  }

  private mutating func push(_ tokens: [MacroToken]) {
    pending.append(contentsOf: tokens.reversed())
  }

  /// The arguments of a call, from the parenthesis on; nil when it is not closed.
  private mutating func collectArguments(of macro: MacroDefinition?)
    -> (arguments: [[MacroToken]], close: MacroToken)?
  {
    guard read()?.text == "(" else { return nil }
    var arguments: [[MacroToken]] = [[]]
    var depth = 0
    let fixed = (macro?.parameters?.count ?? 1) - 1
    while let token = read() {
      if token.text == ")" && depth == 0 { return (arguments, token) }
      if token.text == "(" { depth += 1 }
      if token.text == ")" { depth -= 1 }
      let endsArgument =
        token.text == "," && depth == 0
        && !(macro?.isVariadic == true && arguments.count > fixed)
      if endsArgument {
        arguments.append([])
      } else {
        arguments[arguments.count - 1].append(token)
      }
    }
    return nil
  }

  private mutating func substituted(
    _ macro: MacroDefinition, _ name: MacroToken, arguments: [[MacroToken]], close: MacroToken?
  ) -> [MacroToken] {
    var byName: [String: [MacroToken]] = [:]
    for (index, parameter) in (macro.parameters ?? []).enumerated() {
      byName[parameter] = index < arguments.count ? arguments[index] : []
    }
    let source = name.source.lowerBound..<max(name.source.upperBound, close?.source.upperBound ?? 0)
    let hidden = close.map { name.hidden.intersection($0.hidden) } ?? name.hidden
    var result = replace(macro.body, byName)
    for index in result.indices {
      result[index].hidden.formUnion(hidden)
      result[index].hidden.insert(macro.name)
      result[index].source = source
      result[index].macro = name.macro ?? macro.name
    }
    return result
  }

  /// The body with parameters replaced, `#` and `##` applied.
  private mutating func replace(_ body: [MacroToken], _ arguments: [String: [MacroToken]])
    -> [MacroToken]
  {
    var result: [MacroToken] = []
    var index = 0
    while index < body.count {
      let token = body[index]
      if token.text == "#", index + 1 < body.count, arguments[body[index + 1].text] != nil {
        result.append(
          MacroToken(text: "\"\"", kind: .string, followsSpace: true, isWildcard: true))
        index += 2
      } else if token.text == "##", index + 1 < body.count {
        let isRest = body[index + 1].text == "__VA_ARGS__"
        let right = arguments[body[index + 1].text] ?? [body[index + 1]]
        paste(right, onto: &result, isGnuComma: isRest)
        index += 2
      } else if let argument = arguments[token.text] {
        let isPasted = index + 1 < body.count && body[index + 1].text == "##"
        result += isPasted ? argument : expanded(argument)
        // An empty left operand leaves nothing to paste onto.
        if isPasted, argument.isEmpty {
          result.append(MacroToken(text: "", kind: .punctuator, followsSpace: false))
        }
        index += 1
      } else {
        result.append(token)
        index += 1
      }
    }
    return result.filter { !$0.text.isEmpty }
  }

  private func paste(_ right: [MacroToken], onto result: inout [MacroToken], isGnuComma: Bool) {
    if isGnuComma, result.last?.text == "," {
      if right.isEmpty { result.removeLast() } else { result += right }
      return
    }
    guard let left = result.popLast() else {
      result += right
      return
    }
    var joined = left
    joined.text += right.first?.text ?? ""
    joined.isWildcard = left.isWildcard || right.first?.isWildcard == true
    joined.kind =
      CLexer.tokens(Array(joined.text.utf8), atLineStart: false).first?.kind ?? left.kind
    result.append(joined)
    result += right.dropFirst()
  }

  /// An argument is expanded on its own before it replaces a parameter.
  private mutating func expanded(_ argument: [MacroToken]) -> [MacroToken] {
    guard argument.contains(where: { $0.kind == .identifier }) else { return argument }
    var inner = MacroExpander(table: table, definitionBytes: definitionBytes, input: argument)
    inner.fuel = fuel
    var result: [MacroToken] = []
    while let token = inner.next() { result.append(token) }
    fuel = inner.fuel
    return result
  }
}
