import JudgeKernels
import KernelModel

/// Statements (§6.8).
extension BytecodeCompiler {
  /// What follows a statement at once: the end of the function, or the next iteration. There,
  /// `return` and `continue` need no jump, and the two sides of a branch meet again.
  struct Tail: OptionSet {
    let rawValue: Int
    static let returns = Tail(rawValue: 1)
    static let continues = Tail(rawValue: 2)
  }

  mutating func statement(_ statement: Stmt, _ tail: Tail) throws(Uninterpreted) {
    let mark = buffer.mark()
    defer { buffer.release(mark) }
    if let origin = statement.origin, let place = scope.function.origins[origin] {
      buffer.offset = place.range.lowerBound
    }
    switch statement.kind {
    case .empty, .typeAlias: break
    case .expression(let expr): _ = try value(expr)
    case .declaration(let declarators):
      for declarator in declarators { try declare(declarator) }
    case .block(let statements): try block(statements, tail)
    case .branch(let condition, let then, let otherwise):
      let branch = openBranch(try truth(condition))
      try self.statement(then, tail)
      self.otherwise(branch)
      if let otherwise { try self.statement(otherwise, tail) }
      closeBranch(branch)
    case .loop(let loop): try self.loop(loop)
    case .whileLoop(_, let condition, let body):
      try loop(condition, body, step: nil, testsFirst: true)
    case .doLoop(_, let body, let condition):
      try loop(condition, body, step: nil, testsFirst: false)
    case .switchOn(let value, let body): try choose(value, body, tail)
    case .breakLoop:
      guard let target = scope.breaks.last else { throw unsupported("this 'break'") }
      buffer.emit(.init(op: RK_JUMP, target: target))
    case .continueLoop:
      guard let target = scope.continues.last else { throw unsupported("this 'continue'") }
      if !tail.contains(.continues) { buffer.emit(.init(op: RK_JUMP, target: target)) }
    case .returnValue(let value):
      if let value { try setResult(value) }
      if !tail.contains(.returns) { buffer.emit(.init(op: RK_JUMP, target: scope.end)) }
    case .opaque(let opaque): throw unsupported("'\(opaque.text.prefix(40))'")
    case .caseLabel, .defaultLabel, .versioned: throw unsupported("this statement")
    }
  }

  private mutating func setResult(_ value: Expr) throws(Uninterpreted) {
    let type = scope.function.result
    guard let machine = scope.resultType else {
      _ = try self.value(value)
      return
    }
    switch try convert(value, to: type) {
    case .scalar(let register, _): move(register, to: scope.result[0], machine)
    case .vector(let registers, _):
      for (register, result) in zip(registers, scope.result) { move(register, to: result, machine) }
    default: throw unsupported("this result")
    }
  }

  /// Statements in order. What stands behind `if (c) return;` moves into the other side, so that
  /// both sides end at the same place.
  private mutating func block(_ statements: [Stmt], _ tail: Tail) throws(Uninterpreted) {
    for (index, statement) in statements.enumerated() {
      let rest = Array(statements[(index + 1)...])
      if rest.isEmpty || statement.alwaysLeaves {
        try self.statement(statement, tail)
        return
      }
      if case .branch(let condition, let then, let otherwise) = statement.kind {
        var moved: Stmt?
        if then.alwaysLeaves {
          moved = .branch(condition, then, else: .block((otherwise.map { [$0] } ?? []) + rest))
        } else if let otherwise, otherwise.alwaysLeaves {
          moved = .branch(condition, .block([then] + rest), else: otherwise)
        }
        if var moved {
          moved.origin = statement.origin
          try self.statement(moved, tail)
          return
        }
      }
      try self.statement(statement, [])
    }
  }

  private mutating func declare(_ declarator: Declarator) throws(Uninterpreted) {
    let variable = declarator.variable
    let symbol = scope.function[variable]
    if symbol.storage == .staticLocal {
      try declareStatic(variable, symbol, declarator.initializer)
      return
    }
    guard let value = declarator.initializer else {
      try declare(variable)
      // Without a value until it is assigned, in every iteration anew.
      switch scope.storage[variable] {
      case .register(let register, let type): move(buffer.unset, to: register, type)
      case .vector(let registers, let type):
        for register in registers { move(buffer.unset, to: register, type) }
      default: break
      }
      return
    }
    if case .initializer(let elements) = value.kind {
      try declare(variable)
      try initialize(try place(of: variable), elements, symbol.type)
    } else {
      let converted = try convert(value, to: symbol.type)
      try declare(variable)
      try store(converted, to: try place(of: variable))
    }
  }

  private mutating func declareStatic(_ variable: VariableID, _ symbol: Symbol, _ value: Expr?)
    throws(Uninterpreted)
  {
    guard TreeFacts.isConstant(symbol.type), let value else {
      throw unsupported("'\(symbol.name)', which lives between calls,")
    }
    let index = object(try size(symbol.type), symbol.name)
    scope.storage[variable] = .memory(buffer.constant(.localAddress(index)))
    try fillTable(index, symbol.type, value)
  }

  // MARK: loops

  private mutating func loop(_ loop: Loop) throws(Uninterpreted) {
    switch loop.header {
    case .general(let initial, let condition, let increment):
      if let initial { try statement(initial, []) }
      try self.loop(condition, loop.body, step: increment, testsFirst: true)
    case .counted(let header):
      let symbol = scope.function[header.variable]
      let counter = Expr(.variable(header.variable), type: symbol.type.unqualified)
      if header.declares { try declare(header.variable) }
      if let lower = header.lower { _ = try value(.assign(counter, lower)) }
      try self.loop(
        .binary(header.relation, counter, header.bound), loop.body,
        step: .compound(.add, counter, .int(header.step)), testsFirst: true)
    }
  }

  private mutating func loop(_ condition: Expr?, _ body: Stmt, step: Expr?, testsFirst: Bool)
    throws(Uninterpreted)
  {
    let (top, first, next) = (buffer.label(), buffer.label(), buffer.label())
    let end = buffer.label()
    scope.breaks.append(end)
    scope.continues.append(next)
    defer {
      scope.breaks.removeLast()
      scope.continues.removeLast()
    }
    let offset = buffer.offset
    let mark = buffer.mark()
    buffer.place(top)
    if testsFirst, let condition {
      buffer.emit(.init(op: RK_LOOP, a: try truth(condition), target: end, end: top))
    }
    buffer.release(mark)
    buffer.place(first)
    try statement(body, [.continues])
    buffer.offset = offset
    buffer.place(next)
    if let step { _ = try value(step) }
    buffer.release(mark)
    if let condition, !testsFirst || condition.isShort {
      let again = buffer.label()
      buffer.place(again)
      if testsFirst { buffer.twins.append(((top, first), (again, end))) }
      buffer.emit(.init(op: RK_JUMP_TRUE, a: try truth(condition), target: first))
    } else if testsFirst {
      buffer.emit(.init(op: RK_JUMP, target: top))
    }
    buffer.release(mark)
    buffer.place(end)
    if testsFirst, condition != nil { buffer.emit(.init(op: RK_END_LOOP)) }
  }
}

extension Stmt {
  /// Whether the statement ends by `return` or `continue` whatever happens.
  var alwaysLeaves: Bool {
    switch kind {
    case .returnValue, .continueLoop: true
    case .block(let statements): statements.contains(where: \.alwaysLeaves)
    case .branch(_, let then, let otherwise?): then.alwaysLeaves && otherwise.alwaysLeaves
    default: false
    }
  }
}

extension Expr {
  /// Whether a loop may ask it at two places of the code.
  fileprivate var isShort: Bool {
    !contains {
      switch $0.kind {
      case .call, .compoundLiteral, .conditional: true
      case .binary(let op, _, _): op.isLogical
      default: false
      }
    }
  }
}
