import JudgeKernels
import KernelModel

/// Branches whose two sides meet again: where data decide, the machine runs both and merges.
extension BytecodeCompiler {
  struct Branch {
    var otherwise: Label
    var end: Label
  }

  mutating func openBranch(_ condition: Register) -> Branch {
    let branch = Branch(otherwise: buffer.label(), end: buffer.label())
    buffer.emit(.init(op: RK_IF, a: condition, target: branch.otherwise, end: branch.end))
    return branch
  }

  mutating func otherwise(_ branch: Branch) {
    buffer.emit(.init(op: RK_ELSE, end: branch.end))
    buffer.place(branch.otherwise)
  }

  mutating func closeBranch(_ branch: Branch) {
    buffer.place(branch.end)
    buffer.emit(.init(op: RK_END_IF))
  }

  /// `a && b`, `a || b`: the right side runs only where the left does not decide.
  mutating func logical(_ op: BinaryOperator, _ left: Expr, _ right: Expr)
    throws(Uninterpreted) -> Operand
  {
    let result = buffer.variable(.int)
    let branch = openBranch(try truth(left))
    if op == .logicalAnd { move(try truth(right), to: result, .int) }
    if op == .logicalOr { move(constant(1), to: result, .int) }
    otherwise(branch)
    if op == .logicalAnd { move(constant(0), to: result, .int) }
    if op == .logicalOr { move(try truth(right), to: result, .int) }
    closeBranch(branch)
    return .scalar(result, .int)
  }

  mutating func conditional(
    _ condition: Expr, _ then: Expr, _ otherwise: Expr, _ type: CType
  ) throws(Uninterpreted) -> Operand {
    if condition.type.isVector { throw unsupported("a choice by lanes") }
    let truth = try truth(condition)
    var results: [Register] = []
    var machine = MachineType.int
    switch type.canonical {
    case .void: break
    case .vector(let element, let lanes):
      machine = try machineType(element)
      for _ in 0..<lanes { results.append(buffer.variable(machine)) }
    default:
      machine = try machineType(type)
      results = [buffer.variable(machine)]
    }
    let branch = openBranch(truth)
    try take(then, type, results, machine)
    self.otherwise(branch)
    try take(otherwise, type, results, machine)
    closeBranch(branch)
    if type.canonical == .void { return .none }
    return type.isVector ? .vector(results, machine) : .scalar(results[0], machine)
  }

  private mutating func take(
    _ expr: Expr, _ type: CType, _ results: [Register], _ machine: MachineType
  ) throws(Uninterpreted) {
    switch try convert(expr, to: type) {
    case .scalar(let register, _): move(register, to: results[0], machine)
    case .vector(let registers, _):
      for (register, result) in zip(registers, results) { move(register, to: result, machine) }
    case .none: break
    case .record: throw unsupported("a choice of records")
    }
  }

  /// A `switch` as a chain of branches; groups that fall through run the next group's statements.
  mutating func choose(_ value: Expr, _ body: Stmt, _ tail: Tail) throws(Uninterpreted) {
    guard let groups = SwitchGroup.all(in: body) else {
      throw unsupported("a 'switch' of this form")
    }
    let type = value.type.promoted
    let machine = try machineType(type)
    let subject = emit(RK_MOV, machine, try scalar(value, as: machine))
    let end = buffer.label()
    scope.breaks.append(end)
    defer { scope.breaks.removeLast() }
    var open: [Branch] = []
    for (index, group) in groups.enumerated() where !group.isDefault {
      var condition: Register?
      for label in group.labels {
        let equal = emit(RK_EQ, machine, subject, try scalar(label, as: machine))
        condition = condition.map { emit(RK_OR, .int, $0, equal) } ?? equal
      }
      let branch = openBranch(condition ?? constant(0))
      try statement(SwitchGroup.body(from: index, groups), tail)
      otherwise(branch)
      open.append(branch)
    }
    if let last = groups.firstIndex(where: \.isDefault) {
      try statement(SwitchGroup.body(from: last, groups), tail)
    }
    for branch in open.reversed() { closeBranch(branch) }
    buffer.place(end)
  }
}

/// Statements of a `switch` that stand behind common labels.
struct SwitchGroup {
  var labels: [Expr]
  var isDefault: Bool
  var statements: [Stmt]

  /// The groups of a body; nil when a label stands inside another statement.
  static func all(in body: Stmt) -> [SwitchGroup]? {
    guard case .block(let statements) = body.kind else { return nil }
    var groups: [SwitchGroup] = []
    for statement in statements {
      var inner = statement
      var labels: [Expr] = []
      var isDefault = false
      var isLabelled = false
      while true {
        if case .caseLabel(let label, let next) = inner.kind {
          labels.append(label)
          (inner, isLabelled) = (next, true)
        } else if case .defaultLabel(let next) = inner.kind {
          (inner, isDefault, isLabelled) = (next, true, true)
        } else {
          break
        }
      }
      if isLabelled {
        groups.append(SwitchGroup(labels: labels, isDefault: isDefault, statements: [inner]))
      } else if groups.isEmpty {
        return nil
      } else {
        groups[groups.count - 1].statements.append(inner)
      }
      let holdsLabel = inner.contains {
        switch $0.kind {
        case .caseLabel, .defaultLabel: true
        default: false
        }
      }
      if holdsLabel { return nil }
    }
    return groups
  }

  /// What runs from a group on, up to its `break`.
  static func body(from index: Int, _ groups: [SwitchGroup]) -> Stmt {
    var statements: [Stmt] = []
    for group in groups[index...] {
      for statement in group.statements {
        if case .breakLoop = statement.kind { return .block(statements) }
        statements.append(statement)
        if statement.alwaysLeaves { return .block(statements) }
      }
    }
    return .block(statements)
  }
}
