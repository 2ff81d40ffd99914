import ClangBindings
import KernelModel

/// Declarations inside a body.
extension FunctionReader {
  /// The form of a declaration statement.
  func declaration(_ cursor: Cursor) throws(ReadFailure) -> Stmt.Kind {
    let children = cursor.children
    if let alias = children.first, alias.kind == .typedefDecl, children.count == 1 {
      return try typeAlias(cursor, alias)
    }
    var declarators: [Declarator] = []
    for child in children {
      switch child.kind {
      case .varDecl: declarators.append(try declarator(child, in: cursor))
      case .structDecl, .unionDecl, .enumDecl, .typedefDecl:
        if UnitReader.isUntagged(child) {
          throw .function("declares an unnamed type in its body")
        }
        throw .function("declares the type '\(child.spelling)' in its body")
      case .functionDecl: throw .function("declares the function '\(child.spelling)' in its body")
      case .staticAssert: throw .statement("a static assertion is not modelled")
      default: throw .function("holds a declaration that is not modelled")
      }
    }
    guard !declarators.isEmpty else { throw .function("holds a declaration without objects") }
    return .declaration(declarators)
  }

  private func declarator(_ cursor: Cursor, in statement: Cursor) throws(ReadFailure)
    -> Declarator
  {
    let variable = try variable(cursor)
    try readAttributes(of: variable, cursor, in: statement)
    guard let initializer = cursor.initializer else { return Declarator(variable: variable) }
    do throws(ReadFailure) {
      return Declarator(variable: variable, initializer: try expression(initializer))
    } catch .statement {
      guard !jumps(initializer) else {
        throw .function("initialises '\(cursor.spelling)' by statements that may jump")
      }
      return Declarator(variable: variable, initializer: try opaque(initializer))
    }
  }

  /// Attributes stand before all declarators or right behind one of them.
  private func readAttributes(of variable: VariableID, _ cursor: Cursor, in statement: Cursor)
    throws(ReadFailure)
  {
    let run = join.indices(in: statement.range)
    let name = join.index(atOrAfter: cursor.offset)
    let first = statement.children.first.map { join.index(atOrAfter: $0.offset) } ?? name
    let end = declaratorEnd(from: name, in: run)
    var found = AttributeTexts(join, run.lowerBound..<max(run.lowerBound, first))
    found.add(AttributeTexts(join, name..<end))
    if found.namesRegister { throw .function("binds '\(cursor.spelling)' to a register") }
    symbols[variable]?.alignment = found.alignment
    symbols[variable]?.attributes = found.isOnlyAlignment ? "" : found.text
  }

  private func declaratorEnd(from name: Int, in run: Range<Int>) -> Int {
    let rest = name..<max(name, run.upperBound)
    let ends = ["=", ",", ";"].compactMap { topLevel($0, in: rest) }
    return ends.min() ?? rest.upperBound
  }

  private func typeAlias(_ statement: Cursor, _ alias: Cursor) throws(ReadFailure) -> Stmt.Kind {
    let found = AttributeTexts(join, join.indices(in: statement.range))
    let type = alias.typedefUnderlyingType
    guard !Self.hasVariableLength(type) else {
      throw .function("declares '\(alias.spelling)', a type name with a variable length")
    }
    let read = try self.type(type)
    return .typeAlias(alias.spelling, read, attributes: found.textWithoutVectorSize)
  }

  /// Whether control may leave a piece of C other than at its end.
  func jumps(_ cursor: Cursor) -> Bool {
    var found = false
    let visit = { (node: Cursor) in
      switch node.kind {
      case .returnStmt, .breakStmt, .continueStmt, .gotoStmt, .indirectGotoStmt, .labelStmt:
        found = true
      default: break
      }
    }
    visit(cursor)
    cursor.walk(visit)
    return found
  }
}

/// The attributes among some tokens.
struct AttributeTexts {
  private var texts: [String] = []
  private(set) var alignment: Int?
  private(set) var namesRegister = false
  private var hasOthers = false

  init(_ join: TokenJoin, _ run: Range<Int>) {
    var index = run.lowerBound
    while index < run.upperBound {
      let word = join.text(index)
      let keywords: Set<String> = [
        "__attribute__", "__attribute", "_Alignas", "alignas", "__declspec", "asm", "__asm__",
        "__asm",
      ]
      guard keywords.contains(word), index + 1 < run.upperBound, join.text(index + 1) == "("
      else {
        index += 1
        continue
      }
      let end = Self.close(join, index + 1, run.upperBound)
      take(word, join.text(index..<end))
      index = end
    }
  }

  /// All attributes as written, separated by spaces.
  var text: String { texts.joined(separator: " ") }

  /// The attributes that a vector type does not print itself.
  var textWithoutVectorSize: String {
    texts.filter { !$0.contains("vector_size") && !$0.contains("ext_vector_type") }
      .joined(separator: " ")
  }

  /// Whether the alignment says everything.
  var isOnlyAlignment: Bool { !hasOthers && (alignment != nil || texts.isEmpty) }

  /// Joins the attributes of another place.
  mutating func add(_ other: AttributeTexts) {
    texts += other.texts
    alignment = [alignment, other.alignment].compactMap { $0 }.max()
    namesRegister = namesRegister || other.namesRegister
    hasOthers = hasOthers || other.hasOthers
  }

  private mutating func take(_ word: String, _ whole: String) {
    let isStandard = word == "_Alignas" || word == "alignas"
    if word.contains("asm") {
      namesRegister = true
      return
    }
    let digits = whole.split { !$0.isNumber }.compactMap { Int($0) }
    if isStandard || whole.contains("aligned"), digits.count == 1 {
      alignment = digits[0]
    } else {
      hasOthers = true
    }
    // The standard's keyword may not follow the name; the attribute means the same.
    if isStandard {
      let value = whole.drop { $0 != "(" }
      texts.append("__attribute__((aligned\(value)))")
    } else {
      texts.append(whole)
    }
  }

  private static func close(_ join: TokenJoin, _ open: Int, _ end: Int) -> Int {
    var depth = 0
    for index in open..<end {
      if join.text(index) == "(" { depth += 1 }
      if join.text(index) == ")" { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return end
  }
}
