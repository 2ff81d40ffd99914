/// Pointers that a candidate's new text declares with `restrict` and does not allocate.
///
/// What is promised so cannot be seen by running the text: a call that breaks it has no meaning, whatever it
/// does here.
struct RestrictPromises {
  /// The declarations as written.
  let declarations: [String]

  init(_ text: CandidateText, beyond original: [CToken]) {
    let known = Set(Self.declarations(in: original))
    let functions = text.items.filter { $0.kind == .function }.flatMap { Array($0.tokens) }
    declarations = Self.declarations(in: text.bodyTokens + functions).filter { !known.contains($0) }
  }

  /// What the evidence has to say; nil when nothing is promised.
  var assumption: String? {
    guard let first = declarations.first else { return nil }
    let others = declarations.count > 1 ? " (and of \(declarations.count - 1) more)" : ""
    return "what '\(first)'\(others) promises by 'restrict' is true of every call"
  }

  private static func declarations(in tokens: [CToken]) -> [String] {
    let ends: Set<String> = [";", "{", "}"]
    return tokens.indices.compactMap { index -> String? in
      guard ["restrict", "__restrict", "__restrict__"].contains(tokens[index].text) else {
        return nil
      }
      let start = tokens[..<index].lastIndex { ends.contains($0.text) }.map { $0 + 1 } ?? 0
      let end = tokens[index...].firstIndex { ends.contains($0.text) } ?? tokens.endIndex
      let words = tokens[start..<end].map(\.text)
      return words.contains { $0.hasSuffix("alloc") } ? nil : words.joined(separator: " ")
    }
  }
}
