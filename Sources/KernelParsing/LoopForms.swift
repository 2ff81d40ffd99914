import KernelModel

/// Gives loops their labels and brings counted loops into their form (see `CountedHeader`).
struct LoopForms {
  private let symbols: [VariableID: Symbol]
  private let stores: StoreEffects
  private let addressTaken: Set<VariableID>
  private var used: [String: Int] = [:]

  init(symbols: [VariableID: Symbol], body: Stmt, strictAliasing: Bool) {
    self.symbols = symbols
    var taken: Set<VariableID> = []
    body.walkExpressions { expr in
      if case .unary(.addressOf, let target) = expr.kind, let root = target.rootVariable {
        taken.insert(root)
      }
    }
    addressTaken = taken
    stores = StoreEffects(
      symbols: symbols, addressTaken: taken, strictAliasing: strictAliasing)
  }

  /// The body with every loop labelled in source order.
  mutating func label(_ statement: Stmt) -> Stmt {
    var copy = statement
    switch statement.kind {
    case .loop(let loop):
      var labelled = loop
      if let counted = counted(loop) { labelled.header = .counted(counted) }
      labelled.label = fresh(name(of: labelled))
      labelled.body = label(loop.body)
      copy.kind = .loop(labelled)
    case .whileLoop(_, let condition, let body):
      copy.kind = .whileLoop(label: fresh("while"), condition, body: label(body))
    case .doLoop(_, let body, let condition):
      copy.kind = .doLoop(label: fresh("do"), body: label(body), condition)
    default: copy = statement.mapChildren { label($0) }
    }
    return copy
  }

  private mutating func fresh(_ name: String) -> LoopLabel {
    let count = (used[name] ?? 0) + 1
    used[name] = count
    return LoopLabel(count == 1 ? name : "\(name)#\(count)")
  }

  /// The iterator's name, or `for` when there is none to see.
  private func name(of loop: Loop) -> String {
    switch loop.header {
    case .counted(let header): return symbols[header.variable]?.name ?? "for"
    case .general(let initial, let condition, let increment):
      let candidates = [
        increment.flatMap(Self.steppedVariable), initial.flatMap(Self.initialisedVariable),
        condition?.leftmostVariable,
      ]
      return candidates.compactMap { $0 }.first.flatMap { symbols[$0]?.name } ?? "for"
    }
  }

  private static func steppedVariable(_ expr: Expr) -> VariableID? {
    switch expr.kind {
    case .unary(let op, let target) where op.stores: target.rootVariable
    case .assign(_, let target, _): target.rootVariable
    case .comma(let left, _): steppedVariable(left)
    default: nil
    }
  }

  private static func initialisedVariable(_ statement: Stmt) -> VariableID? {
    switch statement.kind {
    case .declaration(let declarators): declarators.first?.variable
    case .expression(let expr): steppedVariable(expr)
    default: nil
    }
  }

  /// The counted form of a `for`, nil when it is none.
  private func counted(_ loop: Loop) -> CountedHeader? {
    guard case .general(let initial, let condition?, let increment?) = loop.header,
      let (variable, step) = step(increment), step != 0,
      let (relation, bound) = relation(condition, of: variable),
      let start = start(initial, of: variable),
      isIterator(variable), !loop.body.storedVariables.contains(variable),
      fits(relation, step), !bound.mentionedVariables.contains(variable),
      stores.leaveUnchanged(bound, in: loop.body)
    else { return nil }
    let lower = symbols[variable].flatMap { start.lower?.asInitialValue(of: $0.type) }
    return CountedHeader(
      variable: variable, declares: start.declares, lower: lower, relation: relation, bound: bound,
      step: step)
  }

  private func isIterator(_ variable: VariableID) -> Bool {
    guard let symbol = symbols[variable], symbol.type.isInteger,
      symbol.storage == .local || symbol.storage == .parameter,
      symbol.type.qualifiers.isDisjoint(with: [.volatile, .atomic])
    else { return false }
    return !addressTaken.contains(variable) && symbol.attributes.isEmpty
  }

  private func fits(_ relation: BinaryOperator, _ step: Int) -> Bool {
    switch relation {
    case .less, .lessOrEqual: step > 0
    case .greater, .greaterOrEqual: step < 0
    case .notEqual: abs(step) == 1
    default: false
    }
  }

  /// `v++`, `v += c`, `v = v + c` and their opposites.
  private func step(_ increment: Expr) -> (VariableID, Int)? {
    switch increment.kind {
    case .unary(.preIncrement, let target), .unary(.postIncrement, let target):
      return target.variable.map { ($0, 1) }
    case .unary(.preDecrement, let target), .unary(.postDecrement, let target):
      return target.variable.map { ($0, -1) }
    case .assign(.add, let target, let value):
      guard let variable = target.variable, let step = value.constantValue else { return nil }
      return (variable, step)
    case .assign(.subtract, let target, let value):
      guard let variable = target.variable, let step = value.constantValue, step != .min
      else { return nil }
      return (variable, -step)
    case .assign(nil, let target, let value):
      return target.variable.flatMap { variable in
        Self.difference(value, from: variable).map { (variable, $0) }
      }
    default: return nil
    }
  }

  private static func difference(_ value: Expr, from variable: VariableID) -> Int? {
    switch value.kind {
    case .binary(.add, let left, let right):
      if left.variable == variable { return right.constantValue }
      return right.variable == variable ? left.constantValue : nil
    case .binary(.subtract, let left, let right):
      guard left.variable == variable, let step = right.constantValue, step != .min else {
        return nil
      }
      return -step
    default: return nil
    }
  }

  /// The comparison with the iterator on the left.
  private func relation(_ condition: Expr, of variable: VariableID) -> (BinaryOperator, Expr)? {
    guard case .binary(let op, let left, let right) = condition.kind, op.isComparison else {
      return nil
    }
    if left.variable == variable { return (op, right) }
    return right.variable == variable ? (op.mirrored, left) : nil
  }

  private func start(_ initial: Stmt?, of variable: VariableID) -> (declares: Bool, lower: Expr?)? {
    guard let initial else { return (false, nil) }
    switch initial.kind {
    case .declaration(let declarators):
      guard declarators.count == 1, declarators[0].variable == variable,
        let lower = declarators[0].initializer
      else { return nil }
      return (true, lower)
    case .expression(let expr):
      guard case .assign(nil, let target, let value) = expr.kind, target.variable == variable
      else { return nil }
      return (false, value)
    default: return nil
    }
  }
}

extension Expr {
  /// The variable that the expression is a plain mention of.
  var variable: VariableID? { if case .variable(let variable) = kind { variable } else { nil } }

  /// The first variable mentioned on the left.
  fileprivate var leftmostVariable: VariableID? {
    var first: VariableID?
    walk { if first == nil, let variable = $0.variable { first = variable } }
    return first
  }
}
