/// Sets of names that are read off tokens alone.
extension [CToken] {
  /// Identifiers, in directives too.
  var identifiers: Set<String> {
    var names: Set<String> = []
    for token in self {
      if token.kind == .identifier { names.insert(token.text) }
      if token.kind == .directive {
        let inner = CLexer.tokens(of: [UInt8](token.text.utf8.dropFirst()))
        names.formUnion(inner.filter { $0.kind == .identifier }.map(\.text))
      }
    }
    return names
  }

  /// Names before a parenthesis.
  var calledNames: Set<String> {
    Set(
      zip(self, dropFirst()).filter {
        $0.kind == .identifier && $1.text == "(" && !Vocabulary.isKeyword($0.text)
      }.map(\.0.text))
  }

  /// Names before anything else.
  var valueNames: Set<String> {
    Set(
      zip(self, dropFirst()).filter { $0.kind == .identifier && $1.text != "(" }
        .map(\.0.text))
  }

  /// Names that stand where only a type can: before another name, at the start of a declaration.
  var usedTypes: Set<String> {
    let starts: Set<String> = ["(", ",", ";", "{", "}", "const", "static", "volatile"]
    var names: Set<String> = []
    for index in indices.dropFirst()
    where self[index].kind == .identifier && starts.contains(self[index - 1].text) {
      let next = self[(index + 1)...].first { $0.text != "*" && $0.text != "const" }
      if let next, next.kind == .identifier, !Vocabulary.isKeyword(self[index].text) {
        names.insert(self[index].text)
      }
    }
    if let first, first.kind == .identifier { names.insert(first.text) }
    return names
  }

  /// Names that the file's own `typedef`s define.
  var typedefNames: Set<String> {
    var names: Set<String> = []
    for index in indices where self[index].text == "typedef" {
      names.formUnion(
        DeclarationScanner.declaredNames(
          inDeclaration: self[index...], knownTypes: Vocabulary.typeNames))
    }
    return names
  }
}
