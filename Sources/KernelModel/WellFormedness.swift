/// A broken invariant of the tree.
public struct WellFormednessViolation: Error, Hashable, Sendable, CustomStringConvertible {
  /// Number of the invariant in the list of `Function.checkWellFormed()`.
  public var invariant: Int
  public var message: String
  public var description: String { "invariant \(invariant): \(message)" }
}

extension Function {
  /// Checks the tree's invariants and throws the first violation.
  ///
  /// 1. Every variable mentioned has a symbol.
  /// 2. A local variable is mentioned only inside the scope of its declaration.
  /// 3. The printed name of a mention refers to the declaration that is meant.
  /// 4. A block declares a name at most once.
  /// 5. Loop labels are unique.
  /// 6. A counted loop has a non-zero step that fits its relation, and an integer iterator that its
  ///    body does not store to.
  /// 7. The target of a store is an lvalue.
  /// 8. `break` and `continue` stand inside a loop (or `switch`).
  /// 9. A versioned statement has at least one check.
  /// 10. The body is a block.
  /// 11. A parallel loop is counted, declares its iterator, and holds no other parallel loop.
  public func checkWellFormed() throws(WellFormednessViolation) {
    guard case .block = body.kind else { throw violation(10, "the body is not a block") }
    var labels: Set<LoopLabel> = []
    for label in body.loopLabels where !labels.insert(label).inserted {
      throw violation(5, "loop label '\(label)' occurs twice")
    }
    var scope = Scope()
    for (variable, symbol) in symbols where symbol.storage == .global {
      scope.names[symbol.name] = variable
    }
    for parameter in parameters { scope.names[self[parameter].name] = parameter }
    try check(body, scope: &scope, inLoop: false, inSwitch: false)
  }

  private struct Scope {
    var names: [String: VariableID] = [:]
    var own: Set<String> = []

    func inner() -> Scope { Scope(names: names) }
  }

  private func violation(_ number: Int, _ message: String) -> WellFormednessViolation {
    WellFormednessViolation(invariant: number, message: message)
  }

  private func declare(_ variable: VariableID, in scope: inout Scope)
    throws(WellFormednessViolation)
  {
    guard let symbol = symbols[variable] else {
      throw violation(1, "variable \(variable.index) has no symbol")
    }
    guard scope.own.insert(symbol.name).inserted else {
      throw violation(4, "'\(symbol.name)' is declared twice in one block")
    }
    scope.names[symbol.name] = variable
  }

  private func check(_ expr: Expr, scope: Scope) throws(WellFormednessViolation) {
    switch expr.kind {
    case .variable(let variable):
      guard let symbol = symbols[variable] else {
        throw violation(1, "variable \(variable.index) has no symbol")
      }
      guard let meant = scope.names[symbol.name] else {
        throw violation(2, "'\(symbol.name)' is used outside its scope")
      }
      guard meant == variable else {
        throw violation(3, "'\(symbol.name)' is captured by another declaration")
      }
    case .assign(_, let target, _) where !target.isLvalue:
      throw violation(7, "assignment to something that is no lvalue")
    case .unary(let op, let target) where op.stores && !target.isLvalue:
      throw violation(7, "'\(op.rawValue)' on something that is no lvalue")
    default: break
    }
    for child in expr.children { try check(child, scope: scope) }
  }

  private func check(_ statement: Stmt, scope: inout Scope, inLoop: Bool, inSwitch: Bool)
    throws(WellFormednessViolation)
  {
    switch statement.kind {
    case .declaration(let declarators):
      for declarator in declarators {
        try declare(declarator.variable, in: &scope)
        if let initializer = declarator.initializer { try check(initializer, scope: scope) }
      }
      return
    case .block(let statements):
      var inner = scope.inner()
      for child in statements {
        try check(child, scope: &inner, inLoop: inLoop, inSwitch: inSwitch)
      }
      return
    case .loop(let loop):
      if loop.isParallel, loop.counted?.declares != true || loop.body.holdsParallelLoop {
        throw violation(11, "loop '\(loop.label)' cannot be parallel")
      }
      var inner = scope.inner()
      try check(header: loop, scope: &inner)
      var bodyScope = inner.inner()
      try check(loop.body, scope: &bodyScope, inLoop: true, inSwitch: false)
      return
    case .breakLoop where !inLoop && !inSwitch:
      throw violation(8, "'break' outside a loop")
    case .continueLoop where !inLoop:
      throw violation(8, "'continue' outside a loop")
    case .versioned(let versioned) where versioned.checks.isEmpty:
      throw violation(9, "a versioned statement has no check")
    default: break
    }
    for expr in statement.expressions { try check(expr, scope: scope) }
    let isLoop = statement.loopLabel != nil
    let isSwitch = if case .switchOn = statement.kind { true } else { false }
    for child in statement.children {
      if case .declaration = child.kind, case .caseLabel = statement.kind {
        try check(child, scope: &scope, inLoop: inLoop, inSwitch: inSwitch)
        continue
      }
      var inner = scope.inner()
      try check(
        child, scope: &inner, inLoop: inLoop || isLoop, inSwitch: isSwitch || (inSwitch && !isLoop))
    }
  }

  private func check(header loop: Loop, scope: inout Scope) throws(WellFormednessViolation) {
    switch loop.header {
    case .counted(let header):
      if let lower = header.lower { try check(lower, scope: scope) }
      if header.declares { try declare(header.variable, in: &scope) }
      try check(reference(header.variable), scope: scope)
      try check(header.bound, scope: scope)
      let fits =
        switch header.relation {
        case .less, .lessOrEqual: header.step > 0
        case .greater, .greaterOrEqual: header.step < 0
        case .notEqual: abs(header.step) == 1
        default: false
        }
      guard fits else {
        throw violation(6, "step \(header.step) of loop '\(loop.label)' does not fit its relation")
      }
      guard self[header.variable].type.isInteger else {
        throw violation(6, "iterator of loop '\(loop.label)' is no integer")
      }
      guard !loop.body.storedVariables.contains(header.variable) else {
        throw violation(6, "the body of loop '\(loop.label)' stores to its iterator")
      }
    case .general(let initial, let condition, let increment):
      if let initial { try check(initial, scope: &scope, inLoop: false, inSwitch: false) }
      for expr in [condition, increment].compactMap({ $0 }) { try check(expr, scope: scope) }
    }
  }
}

extension Expr {
  /// Whether the form designates an object (§6.3.2.1).
  public var isLvalue: Bool {
    switch kind {
    case .variable, .subscriptOf, .compoundLiteral, .opaque: true
    case .unary(.dereference, _): true
    case .member(let base, _, let isArrow): isArrow || base.isLvalue
    default: false
    }
  }
}
