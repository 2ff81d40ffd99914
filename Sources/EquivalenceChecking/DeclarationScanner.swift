/// Finds the names that C text declares, by tokens alone: parameters, locals, typedefs, tags.
///
/// A declaration begins where a statement, a parameter or a `for` header begins and the first token
/// is a word of a type or a known type name. It over-approximates in no direction that matters: a
/// name that it misses is refused by rule 6, and a name that it takes for declared is checked again
/// on the tree.
struct DeclarationScanner {
  private let tokens: [CToken]
  private var types: Set<String>
  private var names: Set<String> = []

  /// The names declared in `tokens`, and the type names among them.
  static func declared(in tokens: [CToken], knownTypes: Set<String>) -> (
    names: Set<String>, types: Set<String>
  ) {
    var scanner = DeclarationScanner(tokens: tokens, types: knownTypes)
    scanner.scan()
    return (scanner.names, scanner.types)
  }

  /// The names that one declaration declares, in order.
  static func declaredNames(inDeclaration tokens: ArraySlice<CToken>, knownTypes: Set<String>)
    -> [String]
  {
    var scanner = DeclarationScanner(tokens: Array(tokens), types: knownTypes)
    var found: [String] = []
    _ = scanner.declaration(from: 0) { found.append($0) }
    return found
  }

  private init(tokens: [CToken], types: Set<String>) {
    self.tokens = tokens
    self.types = types
  }

  private mutating func scan() {
    var index = 0
    var startsStatement = true
    while index < tokens.count {
      if startsStatement, isTypeWord(index) {
        var found: [String] = []
        let isAlias = tokens[index].text == "typedef"
        let end = declaration(from: index) { found.append($0) }
        names.formUnion(found)
        if isAlias { types.formUnion(found) }
        // The rest of the declaration is scanned too: parameters, nested declarators.
        index += 1
        startsStatement = false
        if end <= index { continue }
        continue
      }
      let text = tokens[index].text
      startsStatement =
        tokens[index].kind == .directive || [";", "{", "}", "(", ",", ":"].contains(text)
      index += 1
    }
  }

  private func isTypeWord(_ index: Int) -> Bool {
    let token = tokens[index]
    guard token.kind == .identifier else { return false }
    return Vocabulary.typeWords.contains(token.text) || types.contains(token.text)
      || token.text == "typeof" || token.text == "__typeof__"
  }

  /// Reports the declarators' names from the declaration at `start`; gives the index of its end.
  private mutating func declaration(from start: Int, _ report: (String) -> Void) -> Int {
    var index = start
    while index < tokens.count {
      let text = tokens[index].text
      if text == "__attribute__" || text == "typeof" || text == "__typeof__" || text == "_Alignas" {
        index = afterGroup(index + 1)
      } else if text == "struct" || text == "union" || text == "enum" {
        index += 1
        if index < tokens.count, tokens[index].kind == .identifier { index += 1 }
        if index < tokens.count, tokens[index].text == "{" { index = afterGroup(index) }
      } else if isTypeWord(index) {
        index += 1
      } else {
        break
      }
    }
    return declarators(from: index, report)
  }

  private mutating func declarators(from start: Int, _ report: (String) -> Void) -> Int {
    var index = start
    var expectsName = true
    while index < tokens.count {
      let token = tokens[index]
      switch token.text {
      case ";", ")", "}", "]": return index
      case ",": expectsName = true
      case "=":
        expectsName = false
        index = afterInitialiser(index + 1)
        continue
      case "[", "{":
        index = afterGroup(index)
        continue
      case "(":
        if !expectsName {
          index = afterGroup(index)
          continue
        }
      case "__attribute__":
        index = afterGroup(index + 1)
        continue
      case "*": break
      default:
        if token.kind == .identifier, expectsName, !Vocabulary.isKeyword(token.text) {
          report(token.text)
          expectsName = false
          if index + 1 < tokens.count, tokens[index + 1].text == ")" { index += 1 }
        } else if token.kind != .identifier {
          return index
        }
      }
      index += 1
    }
    return index
  }

  private func afterInitialiser(_ start: Int) -> Int {
    var index = start
    while index < tokens.count {
      switch tokens[index].text {
      case ",", ";", ")", "]", "}": return index
      case "(", "[", "{": index = afterGroup(index)
      default: index += 1
      }
    }
    return index
  }

  /// Index after the group that opens at `start`, or `start + 1` when none does.
  private func afterGroup(_ start: Int) -> Int {
    var depth = 0
    var index = start
    while index < tokens.count {
      switch tokens[index].text {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      default: break
      }
      index += 1
      if depth <= 0 { return index }
    }
    return index
  }
}
