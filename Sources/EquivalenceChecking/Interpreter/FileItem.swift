/// A definition at file scope, found by its tokens.
struct FileItem {
  enum Kind { case function, constant, other }
  var kind: Kind
  var name: String
  var isStatic: Bool
  var range: Range<Int>
  /// Tokens of a function's body, braces included.
  var body: ArraySlice<CToken>

  /// The definitions and declarations of a file, directives left out.
  static func all(in bytes: [UInt8]) -> [FileItem] {
    let tokens = CLexer.tokens(of: bytes).filter { $0.kind != .directive }
    var items: [FileItem] = []
    var start = 0
    var depth = 0
    var open: Int?
    for (index, token) in tokens.enumerated() where token.kind == .punctuator {
      switch token.text {
      case "{":
        if depth == 0, index > 0, tokens[index - 1].text == ")" { open = index }
        depth += 1
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "}":
        depth -= 1
        guard depth == 0, let body = open else { continue }
        items.append(item(tokens[start...index], body: tokens[body...index]))
        (start, open) = (index + 1, nil)
      case ";" where depth == 0:
        items.append(item(tokens[start...index], body: []))
        start = index + 1
      default: break
      }
    }
    return items
  }

  private static func item(_ tokens: ArraySlice<CToken>, body: ArraySlice<CToken>) -> FileItem {
    let range =
      (tokens.first?.range.lowerBound ?? 0)..<(tokens.last?.range.upperBound ?? 0)
    let isStatic = tokens.contains { $0.text == "static" }
    if !body.isEmpty {
      return FileItem(
        kind: .function, name: name(tokens.prefix { $0.text != "{" }, before: "("),
        isStatic: isStatic, range: range, body: body)
    }
    let declarator = tokens.prefix { $0.text != "=" }
    let isConstant =
      declarator.count < tokens.count && declarator.contains { $0.text == "const" }
      && tokens.first?.text != "typedef"
    return FileItem(
      kind: isConstant ? .constant : .other, name: name(declarator, before: "["),
      isStatic: isStatic, range: range, body: [])
  }

  /// The last identifier before `mark` at depth zero, or the last of all.
  private static func name(_ tokens: ArraySlice<CToken>, before mark: String) -> String {
    var name = ""
    var depth = 0
    for token in tokens {
      if depth == 0, token.text == mark, !name.isEmpty { return name }
      if ["(", "[", "{"].contains(token.text) { depth += 1 }
      if [")", "]", "}"].contains(token.text) { depth -= 1 }
      if depth == 0, token.kind == .identifier, !Vocabulary.isKeyword(token.text) {
        name = token.text
      }
    }
    return name
  }
}
