import KernelModel

/// What the type names of a text say beside the types that they stand for: their alignment, and
/// whether what is accessed under them may have any type.
///
/// Read from the tokens, because types of the model hold neither. A name that two blocks define in
/// two ways has no alignment that is known, and `may_alias` only where both say so.
struct TypeAttributes {
  private struct Entry {
    /// Nil for that of the type itself.
    var alignment: Int?
    var mayAlias: Bool
  }

  private var entries: [String: Entry] = [:]
  private static let unknown = Int.max

  init(_ tokens: [CToken]) throws(Unproved) {
    var index = 0
    while index < tokens.count {
      if tokens[index].kind == .directive {
        if ["aligned", "_Alignas", "may_alias"].contains(where: tokens[index].text.contains) {
          throw Unproved("an alignment within a macro")
        }
        index += 1
      } else {
        var end = Self.end(of: index, in: tokens, stopsAtBraces: true)
        // The word may stand anywhere among the specifiers (§6.7 ¶1).
        if tokens[index..<end].contains(where: { $0.text == "typedef" }) {
          end = Self.end(of: index, in: tokens)
          try define(tokens[index..<end].filter { $0.text != "typedef" })
        } else {
          try Self.refusePointee(tokens[index..<end])
        }
        index = end + 1
      }
    }
  }

  /// The alignment that an access under the type promises; that of a vector is its size unless a
  /// name says otherwise.
  func alignment(of type: CType) -> Int {
    switch type {
    case .qualified(_, let inner): return alignment(of: inner)
    case .named(let name, let underlying):
      return entries[name]?.alignment ?? alignment(of: underlying)
    case .vector(let element, let lanes): return lanes * (element.naturalAlignment ?? Self.unknown)
    default: return type.naturalAlignment ?? 0
    }
  }

  /// Whether a name of the type says an alignment.
  func isAligned(_ type: CType) -> Bool {
    names(of: type).contains { entries[$0]?.alignment != nil }
  }

  func mayAlias(_ type: CType) -> Bool {
    names(of: type).contains { entries[$0]?.mayAlias == true }
  }

  private func names(of type: CType) -> [String] {
    switch type {
    case .qualified(_, let inner): names(of: inner)
    case .named(let name, let underlying): [name] + names(of: underlying)
    case .vector(let element, _): names(of: element)
    default: []
    }
  }

  // MARK: definitions

  /// `typedef specifiers a attributes, b attributes`, without that word.
  private mutating func define(_ tokens: [CToken]) throws(Unproved) {
    let pieces = Self.pieces(tokens)
    guard let first = pieces.first, let start = Self.name(in: first) else { return }
    let common = first[..<start]
    for (number, piece) in pieces.enumerated() {
      guard let name = Self.name(in: piece) else { continue }
      let own = number == 0 ? first[(start + 1)...] : piece[...]
      let words = Array(common) + Array(own)
      let alignment = Self.alignment(in: words)
      let isVector = words.contains { $0.text.contains("vector_") }
      if alignment != nil, !isVector, words.contains(where: { Self.qualifiers.contains($0.text) }) {
        throw Unproved("a qualified type with an alignment")
      }
      let mayAlias = words.contains { $0.text.contains("may_alias") }
      let key = piece[name].text
      if let known = entries[key] {
        entries[key] = Entry(
          alignment: known.alignment == alignment ? alignment : Self.unknown,
          mayAlias: known.mayAlias && mayAlias)
      } else {
        entries[key] = Entry(alignment: alignment, mayAlias: mayAlias)
      }
    }
  }

  private static let qualifiers: Set<String> = [
    "const", "volatile", "_Atomic", "__const", "__volatile__",
  ]

  /// The greatest alignment that the words ask for. One before `vector_size` may be lost, and says
  /// nothing that is known.
  private static func alignment(in words: [CToken]) -> Int? {
    var found: Int?
    for (index, word) in words.enumerated() where isAlignment(word) {
      let value = ConstantFolder.value(in: words, at: index + 1) ?? unknown
      let isBefore = words[index...].contains { $0.text.contains("vector_") }
      found = max(found ?? 0, isBefore ? unknown : value)
    }
    return found
  }

  private static func isAlignment(_ token: CToken) -> Bool {
    ["aligned", "__aligned__", "_Alignas", "alignas"].contains(token.text)
  }

  /// Outside of type names an alignment is that of an object; with a `*` beside it, it may be that
  /// of what a pointer points to, which no type of the model tells.
  private static func refusePointee(_ tokens: ArraySlice<CToken>) throws(Unproved) {
    guard tokens.contains(where: isAlignment) else { return }
    var brackets = 0
    for token in tokens {
      if token.text == "[" { brackets += 1 }
      if token.text == "]" { brackets -= 1 }
      if token.text == "*", brackets == 0 { throw Unproved("an alignment beside a pointer") }
      if token.text == "struct" { throw Unproved("an alignment within a record") }
    }
  }

  // MARK: tokens

  private static func end(of start: Int, in tokens: [CToken], stopsAtBraces: Bool = false) -> Int {
    var depth = 0
    var index = start
    while index < tokens.count {
      switch tokens[index].text {
      case "{", "}":
        if stopsAtBraces { return index }
        depth += tokens[index].text == "{" ? 1 : -1
      case ";" where depth == 0: return index
      default: break
      }
      index += 1
    }
    return index
  }

  /// What stands between the commas that no bracket encloses.
  private static func pieces(_ tokens: [CToken]) -> [[CToken]] {
    var pieces: [[CToken]] = [[]]
    var depth = 0
    for token in tokens {
      if ["(", "{", "["].contains(token.text) { depth += 1 }
      if [")", "}", "]"].contains(token.text) { depth -= 1 }
      if token.text == ",", depth == 0 {
        pieces.append([])
      } else {
        pieces[pieces.count - 1].append(token)
      }
    }
    return pieces
  }

  /// Where the name is that a declarator declares: the last one that no bracket encloses.
  private static func name(in piece: [CToken]) -> Int? {
    var depth = 0
    var found: Int?
    for (index, token) in piece.enumerated() {
      if ["(", "{", "["].contains(token.text) { depth += 1 }
      if [")", "}", "]"].contains(token.text) { depth -= 1 }
      if depth == 0, token.kind == .identifier, !Vocabulary.isKeyword(token.text) { found = index }
    }
    return found
  }
}

extension CType {
  /// The type under which type-based aliasing knows an access (§6.5 ¶7), signed and unsigned ones
  /// together; nil for characters, under which everything may be accessed.
  var aliasClass: String? {
    switch canonical {
    case .integer(let type):
      switch type.kind {
      case .char, .signedChar, .unsignedChar: nil
      case .unsignedShort: "short"
      case .unsignedInt: "int"
      case .unsignedLong: "long"
      case .unsignedLongLong: "long long"
      default: type.kind.rawValue
      }
    case .floating(let type): type.rawValue
    case .vector(let element, _): element.aliasClass
    default: "another type"
    }
  }

  /// The size of a scalar, which is its alignment on the targets; nil for other types.
  var naturalAlignment: Int? {
    switch canonical {
    case .integer(let type): max(1, type.width / 8)
    case .floating(let type): type.size
    case .pointer: 8
    default: nil
    }
  }

  /// The lane of a vector; other types as they are.
  var vectorElement: CType {
    if case .vector(let element, _) = canonical { element } else { self }
  }

  /// Whether an object of the type may not be stored to.
  var isConstObject: Bool {
    qualifiers.contains(.const) || scalarElement.qualifiers.contains(.const)
  }
}
