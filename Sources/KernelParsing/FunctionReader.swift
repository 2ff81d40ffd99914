import ClangBindings
import KernelModel

/// Reads one function definition into a typed tree.
///
/// The work is spread over extensions: types, expressions, declarations, statements. What is read
/// along the way (symbols, records, the bytes of statements) is collected here.
final class FunctionReader {
  let unit: UnitReader
  let join: TokenJoin
  let definition: Cursor
  var symbols: [VariableID: Symbol] = [:]
  var variables: [Cursor: VariableID] = [:]
  var records: [RecordReference: RecordDefinition] = [:]
  /// Bytes of the original file, by statement.
  var ranges: [OriginID: Range<Int>] = [:]
  private(set) var visitedRecords: Set<Cursor> = []

  init(unit: UnitReader, join: TokenJoin, definition: Cursor) {
    self.unit = unit
    self.join = join
    self.definition = definition
  }

  /// Marks a record as read; false when it was already.
  func beginRecord(_ declaration: Cursor) -> Bool { visitedRecords.insert(declaration).inserted }

  /// The variable that a declaration introduces, entered into the symbol table on first sight.
  func variable(_ declaration: Cursor) throws(ReadFailure) -> VariableID {
    let key = declaration.canonical
    if let known = variables[key] { return known }
    let variable = VariableID(symbols.count)
    variables[key] = variable
    // Entered before its type is read: a bound may name the variable's own siblings.
    symbols[variable] = Symbol(name: declaration.spelling, type: .void, storage: .local)
    symbols[variable] = try symbol(declaration)
    return variable
  }

  private func symbol(_ declaration: Cursor) throws(ReadFailure) -> Symbol {
    let name = declaration.spelling
    if declaration.kind == .parameterDecl {
      return Symbol(name: name, type: try parameterType(declaration), storage: .parameter)
    }
    guard definition.range.contains(declaration.offset) else {
      let best = declaration.definition ?? declaration
      return Symbol(name: name, type: try declaredType(best), storage: .global)
    }
    switch declaration.storageClass {
    case .extern: throw .function("declares the external object '\(name)' in its body")
    case .static:
      return Symbol(name: name, type: try declaredType(declaration), storage: .staticLocal)
    default: return Symbol(name: name, type: try declaredType(declaration), storage: .local)
    }
  }

  /// The variables that a piece of C mentions and does not declare itself.
  func mentions(in cursor: Cursor) throws(ReadFailure) -> [VariableID] {
    var found: [Cursor] = []
    let visit = { (node: Cursor) in
      guard node.kind == .declRefExpr, let target = node.referenced,
        target.kind == .varDecl || target.kind == .parameterDecl,
        !cursor.range.contains(target.offset), !found.contains(target.canonical)
      else { return }
      found.append(target.canonical)
    }
    visit(cursor)
    cursor.walk(visit)
    var result: [VariableID] = []
    for target in found { result.append(try variable(target)) }
    return result
  }

  /// The text of a piece of C: the user's own bytes where it has some, else the tokens it expands
  /// to.
  func text(_ run: Range<Int>) -> String {
    if let range = join.originalRange(run) {
      return String(decoding: join.originalBytes[range], as: UTF8.self)
    }
    return join.text(run)
  }
}
