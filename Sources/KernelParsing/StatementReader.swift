import ClangBindings
import KernelModel

/// Statements.
extension FunctionReader {
  /// A statement, or its text with the effects that it may have when it is not modelled.
  func statement(_ cursor: Cursor) throws(ReadFailure) -> Stmt {
    let run = run(of: cursor)
    do throws(ReadFailure) {
      return entered(Stmt(try kind(of: cursor, run)), run)
    } catch .statement(let reason) {
      if cursor.kind == .caseStmt || cursor.kind == .defaultStmt {
        throw .enclosingSwitch(reason)
      }
      return try opaque(cursor, run, reason)
    } catch .enclosingSwitch(let reason) {
      guard cursor.kind == .switchStmt else { throw .enclosingSwitch(reason) }
      return try opaque(cursor, run, reason)
    }
  }

  /// Enters the bytes of a statement, when it has some of its own.
  private func entered(_ statement: Stmt, _ run: Range<Int>) -> Stmt {
    guard let range = join.originalRange(run) else { return statement }
    var copy = statement
    let origin = OriginID(ranges.count)
    ranges[origin] = range
    copy.origin = origin
    return copy
  }

  /// The tokens of a statement, its semicolon among them.
  func run(of cursor: Cursor) -> Range<Int> {
    let own = join.indices(in: cursor.range)
    switch cursor.kind {
    case .compoundStmt, .declStmt, .nullStmt: return own
    case .ifStmt, .forStmt, .whileStmt, .switchStmt, .caseStmt, .defaultStmt, .labelStmt,
      .unexposedStmt:
      guard let last = cursor.children.last else { return own }
      return own.lowerBound..<max(own.upperBound, run(of: last).upperBound)
    default:
      let end = own.upperBound
      let hasSemicolon = end < join.tokens.count && join.text(end) == ";"
      return own.lowerBound..<(hasSemicolon ? end + 1 : end)
    }
  }

  private func kind(of cursor: Cursor, _ run: Range<Int>) throws(ReadFailure) -> Stmt.Kind {
    let children = cursor.children
    switch cursor.kind {
    case .compoundStmt:
      var statements: [Stmt] = []
      for child in children { statements.append(try statement(child)) }
      return .block(statements)
    case .declStmt: return try declaration(cursor)
    case .nullStmt: return .empty
    case .ifStmt:
      guard children.count == 2 || children.count == 3 else {
        throw .statement("this 'if' is not modelled")
      }
      let otherwise = children.count == 3 ? try statement(children[2]) : nil
      return .branch(
        try expression(children[0]), then: try statement(children[1]), otherwise: otherwise)
    case .forStmt: return try forLoop(cursor, children, run)
    case .whileStmt:
      guard children.count == 2 else { throw .statement("this 'while' is not modelled") }
      return .whileLoop(
        label: "while", try expression(children[0]), body: try statement(children[1]))
    case .doStmt:
      guard children.count == 2 else { throw .statement("this 'do' is not modelled") }
      return .doLoop(
        label: "do", body: try statement(children[0]), try expression(children[1]))
    case .switchStmt:
      guard children.count == 2 else { throw .statement("this 'switch' is not modelled") }
      return .switchOn(try expression(children[0]), body: try statement(children[1]))
    case .caseStmt:
      guard children.count == 2 else {
        throw .enclosingSwitch("a range of case labels is not modelled")
      }
      return .caseLabel(try expression(children[0]), try statement(children[1]))
    case .defaultStmt:
      guard let child = children.last else {
        throw .enclosingSwitch("this 'default' is not modelled")
      }
      return .defaultLabel(try statement(child))
    case .breakStmt: return .breakLoop
    case .continueStmt: return .continueLoop
    case .returnStmt:
      guard let value = children.first else { return .returnValue(nil) }
      return .returnValue(try expression(value))
    case .unexposedStmt: return try attributed(cursor, children)
    case .gotoStmt, .labelStmt, .indirectGotoStmt: throw .function("uses 'goto'")
    case .asmStmt:
      if run.contains(where: { join.text($0) == "goto" }) { throw .function("uses 'asm goto'") }
      throw .statement("inline assembly is not modelled")
    case .unsupported(let name): throw .statement("'\(name)' is not modelled")
    default: return .expression(try expression(cursor))
    }
  }

  /// A statement with attributes or a loop hint before it.
  private func attributed(_ cursor: Cursor, _ children: [Cursor]) throws(ReadFailure) -> Stmt.Kind {
    guard let inner = children.last(where: { !$0.kind.isAttribute }) else {
      throw .statement("an attribute is not modelled")
    }
    if inner.kind == .nullStmt { throw .statement("an attribute stands alone") }
    return try kind(of: inner, run(of: inner))
  }

  private func forLoop(_ cursor: Cursor, _ children: [Cursor], _ run: Range<Int>)
    throws(ReadFailure) -> Stmt.Kind
  {
    guard let body = children.last, let header = ForHeader(join, run) else {
      throw .statement("this 'for' is not modelled")
    }
    var parts = children.dropLast()
    var initial: Stmt?
    if !header.initial.isEmpty, let part = parts.popFirst() {
      initial = Stmt(try kind(of: part, join.indices(in: part.range)))
    }
    let condition = header.condition.isEmpty ? nil : parts.popFirst()
    let increment = header.increment.isEmpty ? nil : parts.popFirst()
    guard parts.isEmpty else { throw .statement("this 'for' is not modelled") }
    return .loop(
      Loop(
        label: "for",
        header: .general(
          initial: initial, condition: try optional(condition),
          increment: try optional(increment)),
        body: try statement(body)))
  }

  private func optional(_ cursor: Cursor?) throws(ReadFailure) -> Expr? {
    guard let cursor else { return nil }
    return try expression(cursor)
  }

  /// A statement as written, with conservative effects.
  private func opaque(_ cursor: Cursor, _ run: Range<Int>, _ reason: String) throws(ReadFailure)
    -> Stmt
  {
    var obstacle: String?
    cursor.walk { node in
      switch node.kind {
      case .gotoStmt, .labelStmt, .indirectGotoStmt: obstacle = "uses 'goto'"
      case .addressOfLabelExpr: obstacle = "takes the address of a label"
      default: break
      }
    }
    if let obstacle { throw .function(obstacle) }
    let names = try mentions(in: cursor)
    let hasNoEffect = cursor.kind == .unexposedStmt || cursor.kind == .declStmt
    let statement = OpaqueStatement(
      text: text(run), reads: names, writes: hasNoEffect ? [] : try stored(in: cursor, of: names),
      touchesMemory: !hasNoEffect, mayJump: jumps(cursor), reason: reason)
    return entered(Stmt(.opaque(statement)), run)
  }
}

extension FunctionReader {
  /// Those of the mentioned variables that a piece of C may store to by name or let a pointer to
  /// escape; all of them when it holds assembly.
  fileprivate func stored(in cursor: Cursor, of names: [VariableID]) throws(ReadFailure)
    -> [VariableID]
  {
    var targets: [Cursor] = []
    var holdsAssembly = cursor.kind == .asmStmt
    let visit = { (node: Cursor) in
      switch node.kind {
      case .asmStmt: holdsAssembly = true
      case .compoundAssignOperator: targets += node.children.prefix(1)
      case .binaryOperator:
        if let left = node.children.first, self.unit.binaryOperator(left) == "=" {
          targets.append(left)
        }
      case .unaryOperator:
        guard let operand = node.children.first else { return }
        let op = self.unit.unaryOperator(node, operand: operand)
        if op == "&" || op.hasSuffix("++") || op.hasSuffix("--") { targets.append(operand) }
      default: break
      }
    }
    visit(cursor)
    cursor.walk(visit)
    if holdsAssembly { return names }
    var result: Set<VariableID> = []
    for target in targets { result.formUnion(try mentions(in: target)) }
    return names.filter(result.contains)
  }
}

/// The three parts between the parentheses of a `for`, as token runs without the semicolons.
struct ForHeader {
  let initial: Range<Int>
  let condition: Range<Int>
  let increment: Range<Int>

  init?(_ join: TokenJoin, _ run: Range<Int>) {
    guard run.count > 4, join.text(run.lowerBound + 1) == "(" else { return nil }
    var depth = 0
    var semicolons: [Int] = []
    for index in (run.lowerBound + 1)..<run.upperBound {
      switch join.text(index) {
      case "(", "{", "[": depth += 1
      case ")", "}", "]": depth -= 1
      case ";" where depth == 1: semicolons.append(index)
      default: break
      }
      guard depth == 0 else { continue }
      guard semicolons.count == 2 else { return nil }
      initial = (run.lowerBound + 2)..<semicolons[0]
      condition = (semicolons[0] + 1)..<semicolons[1]
      increment = (semicolons[1] + 1)..<index
      return
    }
    return nil
  }
}
