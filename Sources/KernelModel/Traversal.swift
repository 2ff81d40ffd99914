extension Expr {
  /// Direct operands, left to right.
  public var children: [Expr] {
    switch kind {
    case .integer, .floating, .string, .variable, .function, .sizeOf, .opaque: []
    case .unary(_, let a), .cast(let a), .member(let a, _, _): [a]
    case .binary(_, let a, let b), .assign(_, let a, let b), .subscriptOf(let a, let b),
      .comma(let a, let b):
      [a, b]
    case .conditional(let a, let b, let c): [a, b, c]
    case .call(_, let arguments, _): arguments
    case .indirectCall(let callee, let arguments): [callee] + arguments
    case .initializer(let elements), .compoundLiteral(let elements): elements.map(\.value)
    }
  }

  /// The expression with each direct operand replaced.
  public func mapChildren<E: Error>(_ f: (Expr) throws(E) -> Expr) throws(E) -> Expr {
    var copy = self
    switch kind {
    case .integer, .floating, .string, .variable, .function, .sizeOf, .opaque: break
    case .unary(let op, let a): copy.kind = .unary(op, try f(a))
    case .cast(let a): copy.kind = .cast(try f(a))
    case .member(let a, let field, let isArrow):
      copy.kind = .member(try f(a), field: field, isArrow: isArrow)
    case .binary(let op, let a, let b): copy.kind = .binary(op, try f(a), try f(b))
    case .assign(let op, let a, let b): copy.kind = .assign(op, try f(a), try f(b))
    case .subscriptOf(let a, let b): copy.kind = .subscriptOf(try f(a), try f(b))
    case .comma(let a, let b): copy.kind = .comma(try f(a), try f(b))
    case .conditional(let a, let b, let c):
      copy.kind = .conditional(try f(a), try f(b), try f(c))
    case .call(let name, let arguments, let purity):
      var mapped: [Expr] = []
      for argument in arguments { mapped.append(try f(argument)) }
      copy.kind = .call(name, mapped, purity: purity)
    case .indirectCall(let callee, let arguments):
      let newCallee = try f(callee)
      var mapped: [Expr] = []
      for argument in arguments { mapped.append(try f(argument)) }
      copy.kind = .indirectCall(newCallee, mapped)
    case .initializer(let elements): copy.kind = .initializer(try Self.map(elements, f))
    case .compoundLiteral(let elements): copy.kind = .compoundLiteral(try Self.map(elements, f))
    }
    return copy
  }

  private static func map<E: Error>(
    _ elements: [InitializerElement], _ f: (Expr) throws(E) -> Expr
  ) throws(E) -> [InitializerElement] {
    var result: [InitializerElement] = []
    for element in elements {
      result.append(InitializerElement(designator: element.designator, value: try f(element.value)))
    }
    return result
  }

  /// Rewrites bottom-up: operands first, then the node itself.
  public func rewritten<E: Error>(_ f: (Expr) throws(E) -> Expr) throws(E) -> Expr {
    try f(mapChildren { (child) throws(E) in try child.rewritten(f) })
  }

  /// Visits the node and all below it, parents first.
  public func walk(_ visit: (Expr) -> Void) {
    visit(self)
    for child in children { child.walk(visit) }
  }

  /// Whether any node satisfies the predicate.
  public func contains(where predicate: (Expr) -> Bool) -> Bool {
    predicate(self) || children.contains { $0.contains(where: predicate) }
  }

  /// Replaces every mention of a variable; opaque texts that mention it make the result nil.
  public func replacing(_ variable: VariableID, with value: Expr) -> Expr? {
    guard !contains(where: { $0.hidesMention(of: variable) }) else { return nil }
    return rewritten { $0.kind == .variable(variable) ? value : $0 }
  }

  func hidesMention(of variable: VariableID) -> Bool {
    if case .opaque(_, let mentions) = kind { mentions.contains(variable) } else { false }
  }

  /// Every variable mentioned, in opaque texts too.
  public var mentionedVariables: Set<VariableID> {
    var result: Set<VariableID> = []
    walk {
      switch $0.kind {
      case .variable(let variable): result.insert(variable)
      case .opaque(_, let mentions): result.formUnion(mentions)
      default: break
      }
    }
    return result
  }

  /// Whether evaluation stores, calls something with effects, or is not modelled.
  public var hasEffects: Bool {
    contains {
      switch $0.kind {
      case .assign, .indirectCall, .opaque: true
      case .unary(let op, _): op.stores
      case .call(_, _, let purity): purity == .effects
      default: $0.type.qualifiers.contains(.volatile)
      }
    }
  }

  /// Whether evaluation reads memory other than scalar locals: subscripts, dereferences, members
  /// through pointers, calls that read.
  public var readsMemory: Bool {
    contains {
      switch $0.kind {
      case .subscriptOf, .indirectCall, .opaque: true
      case .unary(.dereference, _): true
      case .member(_, _, let isArrow): isArrow
      case .call(_, _, let purity): purity != .const
      default: false
      }
    }
  }
}

extension Stmt {
  /// Statements directly inside.
  public var children: [Stmt] {
    switch kind {
    case .expression, .declaration, .typeAlias, .breakLoop, .continueLoop, .returnValue, .empty,
      .opaque:
      []
    case .block(let statements): statements
    case .branch(_, let then, let otherwise): otherwise.map { [then, $0] } ?? [then]
    case .loop(let loop):
      if case .general(let initial?, _, _) = loop.header {
        [initial, loop.body]
      } else {
        [loop.body]
      }
    case .whileLoop(_, _, let body), .doLoop(_, let body, _), .switchOn(_, let body): [body]
    case .caseLabel(_, let statement), .defaultLabel(let statement): [statement]
    case .versioned(let versioned): [versioned.fast, versioned.fallback]
    }
  }

  /// Expressions that stand directly in this statement, in order of evaluation.
  public var expressions: [Expr] {
    switch kind {
    case .expression(let expr): return [expr]
    case .declaration(let declarators): return declarators.compactMap(\.initializer)
    case .branch(let condition, _, _): return [condition]
    case .loop(let loop):
      switch loop.header {
      case .counted(let header): return (header.lower.map { [$0] } ?? []) + [header.bound]
      case .general(_, let condition, let increment):
        return [condition, increment].compactMap { $0 }
      }
    case .whileLoop(_, let condition, _), .doLoop(_, _, let condition): return [condition]
    case .switchOn(let value, _), .caseLabel(let value, _): return [value]
    case .returnValue(let value): return value.map { [$0] } ?? []
    case .versioned(let versioned): return versioned.checks.map(\.condition)
    case .block, .typeAlias, .defaultLabel, .breakLoop, .continueLoop, .empty, .opaque: return []
    }
  }

  /// The statement with each direct child statement replaced.
  public func mapChildren<E: Error>(_ f: (Stmt) throws(E) -> Stmt) throws(E) -> Stmt {
    var copy = self
    switch kind {
    case .expression, .declaration, .typeAlias, .breakLoop, .continueLoop, .returnValue, .empty,
      .opaque:
      break
    case .block(let statements):
      var mapped: [Stmt] = []
      for statement in statements { mapped.append(try f(statement)) }
      copy.kind = .block(mapped)
    case .branch(let condition, let then, let otherwise):
      let newThen = try f(then)
      var newOtherwise: Stmt?
      if let otherwise { newOtherwise = try f(otherwise) }
      copy.kind = .branch(condition, then: newThen, otherwise: newOtherwise)
    case .loop(var loop):
      if case .general(let initial?, let condition, let increment) = loop.header {
        loop.header = .general(
          initial: try f(initial), condition: condition, increment: increment)
      }
      loop.body = try f(loop.body)
      copy.kind = .loop(loop)
    case .whileLoop(let label, let condition, let body):
      copy.kind = .whileLoop(label: label, condition, body: try f(body))
    case .doLoop(let label, let body, let condition):
      copy.kind = .doLoop(label: label, body: try f(body), condition)
    case .switchOn(let value, let body): copy.kind = .switchOn(value, body: try f(body))
    case .caseLabel(let value, let statement): copy.kind = .caseLabel(value, try f(statement))
    case .defaultLabel(let statement): copy.kind = .defaultLabel(try f(statement))
    case .versioned(var versioned):
      versioned.fast = try f(versioned.fast)
      versioned.fallback = try f(versioned.fallback)
      copy.kind = .versioned(versioned)
    }
    return copy
  }

  /// The statement with each expression standing directly in it replaced (not those of children).
  public func mapExpressions<E: Error>(_ f: (Expr) throws(E) -> Expr) throws(E) -> Stmt {
    var copy = self
    switch kind {
    case .block, .typeAlias, .defaultLabel, .breakLoop, .continueLoop, .empty, .opaque: break
    case .expression(let expr): copy.kind = .expression(try f(expr))
    case .declaration(var declarators):
      for index in declarators.indices {
        if let initializer = declarators[index].initializer {
          declarators[index].initializer = try f(initializer)
        }
      }
      copy.kind = .declaration(declarators)
    case .branch(let condition, let then, let otherwise):
      copy.kind = .branch(try f(condition), then: then, otherwise: otherwise)
    case .loop(var loop):
      switch loop.header {
      case .counted(var header):
        if let lower = header.lower { header.lower = try f(lower) }
        header.bound = try f(header.bound)
        loop.header = .counted(header)
      case .general(let initial, let condition, let increment):
        var newCondition = condition
        var newIncrement = increment
        if let condition { newCondition = try f(condition) }
        if let increment { newIncrement = try f(increment) }
        loop.header = .general(
          initial: initial, condition: newCondition, increment: newIncrement)
      }
      copy.kind = .loop(loop)
    case .whileLoop(let label, let condition, let body):
      copy.kind = .whileLoop(label: label, try f(condition), body: body)
    case .doLoop(let label, let body, let condition):
      copy.kind = .doLoop(label: label, body: body, try f(condition))
    case .switchOn(let value, let body): copy.kind = .switchOn(try f(value), body: body)
    case .caseLabel(let value, let statement): copy.kind = .caseLabel(try f(value), statement)
    case .returnValue(let value):
      if let value { copy.kind = .returnValue(try f(value)) }
    case .versioned(var versioned):
      for index in versioned.checks.indices {
        versioned.checks[index].condition = try f(versioned.checks[index].condition)
      }
      copy.kind = .versioned(versioned)
    }
    return copy
  }

  /// Rewrites bottom-up: children first, then the statement itself.
  public func rewritten<E: Error>(_ f: (Stmt) throws(E) -> Stmt) throws(E) -> Stmt {
    try f(mapChildren { (child) throws(E) in try child.rewritten(f) })
  }

  /// Rewrites every expression in the whole statement bottom-up.
  public func rewritingExpressions<E: Error>(_ f: (Expr) throws(E) -> Expr) throws(E) -> Stmt {
    try rewritten { (statement) throws(E) in
      try statement.mapExpressions { (expr) throws(E) in try expr.rewritten(f) }
    }
  }

  /// Visits the statement and all below it, parents first.
  public func walk(_ visit: (Stmt) -> Void) {
    visit(self)
    for child in children { child.walk(visit) }
  }

  /// Visits every expression node in the statement and below it.
  public func walkExpressions(_ visit: (Expr) -> Void) {
    walk { for expr in $0.expressions { expr.walk(visit) } }
  }

  public func contains(where predicate: (Stmt) -> Bool) -> Bool {
    predicate(self) || children.contains { $0.contains(where: predicate) }
  }

  /// Every variable mentioned, declared, iterated over, or named in opaque text.
  public var mentionedVariables: Set<VariableID> {
    var result: Set<VariableID> = []
    walk { statement in
      for expr in statement.expressions { result.formUnion(expr.mentionedVariables) }
      switch statement.kind {
      case .declaration(let declarators): result.formUnion(declarators.map(\.variable))
      case .loop(let loop): if let header = loop.counted { result.insert(header.variable) }
      case .opaque(let opaque): result.formUnion(opaque.reads + opaque.writes)
      default: break
      }
    }
    return result
  }

  /// Variables declared in the statement, at any depth.
  public var declaredVariables: Set<VariableID> {
    var result: Set<VariableID> = []
    walk { statement in
      switch statement.kind {
      case .declaration(let declarators): result.formUnion(declarators.map(\.variable))
      case .loop(let loop):
        if let header = loop.counted, header.declares { result.insert(header.variable) }
      default: break
      }
    }
    return result
  }

  /// Scalar variables that the statement may store to directly, by iteration or through opaque text
  /// (stores through pointers are not variables).
  public var storedVariables: Set<VariableID> {
    var result: Set<VariableID> = []
    walk { statement in
      switch statement.kind {
      case .declaration(let declarators): result.formUnion(declarators.map(\.variable))
      case .loop(let loop): if let header = loop.counted { result.insert(header.variable) }
      case .opaque(let opaque): result.formUnion(opaque.writes)
      default: break
      }
      for expr in statement.expressions {
        expr.walk { node in
          switch node.kind {
          case .assign(_, let target, _): if let v = target.rootVariable { result.insert(v) }
          case .unary(let op, let target) where op.stores:
            if let v = target.rootVariable { result.insert(v) }
          case .unary(.addressOf, let target): if let v = target.rootVariable { result.insert(v) }
          case .opaque(_, let mentions): result.formUnion(mentions)
          default: break
          }
        }
      }
    }
    return result
  }

  /// Whether control may leave the statement other than at its end: `return`, opaque jumps, or a
  /// `break`/`continue` that is not caught inside.
  public var mayExitEarly: Bool { exits(insideLoop: false, insideSwitch: false) }

  private func exits(insideLoop: Bool, insideSwitch: Bool) -> Bool {
    switch kind {
    case .returnValue: return true
    case .breakLoop: return !insideLoop && !insideSwitch
    case .continueLoop: return !insideLoop
    case .opaque(let opaque): return opaque.mayJump
    case .loop, .whileLoop, .doLoop:
      return children.contains { $0.exits(insideLoop: true, insideSwitch: insideSwitch) }
    case .switchOn:
      return children.contains { $0.exits(insideLoop: insideLoop, insideSwitch: true) }
    default:
      return children.contains { $0.exits(insideLoop: insideLoop, insideSwitch: insideSwitch) }
    }
  }
}

extension Expr {
  /// The variable whose own storage an lvalue names: `v`, `v.f`, `v[i]` for an array object `v`;
  /// nil for storage behind a pointer.
  public var rootVariable: VariableID? {
    switch kind {
    case .variable(let variable): return variable
    case .member(let base, _, false): return base.rootVariable
    case .subscriptOf(let base, _):
      if case .array = base.type.canonical { return base.rootVariable }
      return nil
    default: return nil
    }
  }
}
