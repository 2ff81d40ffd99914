import KernelModel

// Counted loops: their bounds, and what their iterator and induction variables hold.
extension Extractor {
  /// The loop with its bounds, when they can be stated; records what evaluating them reads.
  func counted(_ loop: Loop, _ statement: Stmt, given body: Stmt) -> LoopInstance? {
    guard let header = loop.counted ?? plainForm(of: loop), header.step != 0 else { return nil }
    let id = loops.count
    let type = function[header.variable].type
    var lower: Polynomial
    if let expr = header.lower {
      let value = converted(evaluate(expr), from: expr.type, to: type)
      guard case .integer(let polynomial) = value else { return nil }
      lower = polynomial
    } else {
      guard case .integer(let polynomial) = load(function.reference(header.variable)) else {
        return nil
      }
      lower = polynomial
    }
    if header.declares { declaredUnder[header.variable] = nil }
    let magnitude = abs(header.step)
    let sign = header.step > 0 ? 1 : -1
    let position = Polynomial(.iterator(id))
    let isScaled = magnitude > 1 && isParameter(lower)
    let value =
      isScaled ? lower + Polynomial(header.step) * position : Polynomial(sign) * position
    let start = isScaled ? Polynomial() : Polynomial(sign) * lower
    var conditions: [Condition] = [.nonNegative(position - start)]
    if magnitude > 1, !isScaled {
      conditions.append(.zero(Polynomial(.remainder(position - start, magnitude))))
    }
    // The bound is compared with an iterator that has reached at least its first value.
    let saved = (values[header.variable], activeConditions)
    values[header.variable] = .integer(value)
    structuralIterators.insert(header.variable)
    activeConditions += conditions
    let (left, bound) = comparable(
      function.reference(header.variable), header.bound, isBound: true)
    values[header.variable] = saved.0
    activeConditions = saved.1
    structuralIterators.remove(header.variable)
    guard left == value else { return nil }
    let relation: BinaryOperator =
      header.relation == .notEqual ? (header.step > 0 ? .less : .greater) : header.relation
    guard let limit = Self.comparison(relation, value, bound) else { return nil }
    conditions.append(limit)
    return LoopInstance(
      id: id, label: loop.label, variable: header.variable, origin: statement.origin,
      step: header.step, value: value, conditions: conditions, start: start,
      end: magnitude > 1
        ? nil : Polynomial(sign) * bound + (relation == .less || relation == .greater ? 0 : 1),
      isIteratorLive: !header.declares && function.isIteratorLive(outside: loop.label))
  }

  /// A loop that counts though the parser did not call it counted: `y + taps <= height`, or a bound
  /// that stores in the body might change. That they do not is then a precondition.
  private func plainForm(of loop: Loop) -> CountedHeader? {
    guard case .general(let initial, let test?, let increment?) = loop.header,
      let (variable, step) = increment.unconditionalMoves.first,
      increment.unconditionalMoves.count == 1, !increment.isCompoundStep,
      !shared.contains(variable), !loop.body.storedVariables.contains(variable),
      function[variable].type.isInteger, !test.hasEffects,
      let (relation, bound) = test.comparison(isolating: variable)
    else { return nil }
    let isUpward = relation == .less || relation == .lessOrEqual
    guard isUpward || relation == .greater || relation == .greaterOrEqual,
      isUpward == (step > 0)
    else { return nil }
    var lower: Expr?
    var declares = false
    switch initial?.kind {
    case nil: break
    case .declaration(let declarators)
    where declarators.count == 1 && declarators[0].variable == variable:
      lower = declarators[0].initializer
      declares = true
    case .expression(let expr):
      guard case .assign(nil, let target, let value) = expr.kind,
        target.kind == .variable(variable)
      else { return nil }
      lower = value
    default: return nil
    }
    // The bound's scalars must keep their values while the loop runs.
    guard bound.mentionedVariables.isDisjoint(with: loop.body.storedVariables) else { return nil }
    return CountedHeader(
      variable: variable, declares: declares,
      lower: lower?.asInitialValue(of: function[variable].type), relation: relation, bound: bound,
      step: step)
  }

  /// Enters the body: the iterator holds its value, what the body stores is unknown but for
  /// variables that move by one amount per iteration.
  func begin(_ instance: LoopInstance, _ loop: Loop) {
    let moves = inductions(loop, instance)
    let entry = values
    loops.append(instance)
    forget(loop.body.storedVariables)
    for (variable, amount) in moves {
      let count = instance.position - instance.start
      let before = entry[variable] ?? initialValue(of: variable)
      switch before {
      case .integer(let value): values[variable] = .integer(value + amount * count)
      case .pointer(let location):
        values[variable] = .pointer(location.advanced(by: amount * count))
      default: break
      }
    }
    values[instance.variable] = .integer(instance.value)
    structuralIterators.insert(instance.variable)
    activeLoops.append(instance.id)
    activeConditions += instance.conditions
  }

  /// What the iterator holds once the loop has run to its end.
  func leave(_ instance: LoopInstance, _ loop: Loop) {
    if let end = instance.end {
      let sign = Polynomial(instance.step)
      values[instance.variable] = .integer(sign * maximum(instance.start, end))
    } else {
      values[instance.variable] = .integer(fresh())
    }
  }

  private func initialValue(of variable: VariableID) -> Value? {
    let symbol = function[variable]
    guard symbol.storage == .parameter, !shared.contains(variable) else { return nil }
    if symbol.type.isInteger { return .integer(Polynomial(.input(variable))) }
    guard symbol.type.isPointer else { return nil }
    return .pointer(
      Location(
        object: .pointee(ObjectPath(variable)), components: [.index(Polynomial(), extent: nil)]))
  }

  /// Variables that the body moves by one constant, once, in every iteration.
  private func inductions(_ loop: Loop, _ instance: LoopInstance) -> [(VariableID, Polynomial)] {
    guard !loop.body.mayExitEarly else { return [] }
    let moves = moves(in: loop.body, stored: loop.body.storedVariables)
    var stores: [VariableID: Int] = [:]
    loop.body.walkExpressions { expr in
      switch expr.kind {
      case .assign(_, let target, _):
        if let root = target.rootVariable { stores[root, default: 0] += 1 }
      case .unary(let op, let target) where op.stores:
        if let root = target.rootVariable { stores[root, default: 0] += 1 }
      default: break
      }
    }
    let declared = loop.body.declaredVariables
    return moves.filter { move in
      stores[move.key] == 1 && !declared.contains(move.key) && !shared.contains(move.key)
        && move.key != instance.variable && isVisible(move.key)
    }
    .sorted { $0.key < $1.key }
    .map { ($0.key, $0.value) }
  }

  /// What one run of a body adds to each variable; inner loops count by their trips where these are
  /// the same in every run.
  private func moves(in body: Stmt, stored: Set<VariableID>) -> [VariableID: Polynomial] {
    var moves: [VariableID: Polynomial] = [:]
    for statement in body.statements {
      switch statement.kind {
      case .expression(let expr):
        for (variable, amount) in expr.unconditionalMoves {
          moves[variable] = (moves[variable] ?? Polynomial()) + Polynomial(amount)
        }
      case .loop(let inner):
        guard !inner.body.mayExitEarly, let trips = trips(of: inner, stored: stored) else {
          continue
        }
        for (variable, amount) in self.moves(in: inner.body, stored: stored) {
          moves[variable] = (moves[variable] ?? Polynomial()) + amount * trips
        }
      default: break
      }
    }
    return moves
  }

  /// The trip count of a loop with step 1 or -1 whose bounds do not change while `stored` do.
  private func trips(of loop: Loop, stored: Set<VariableID>) -> Polynomial? {
    guard let header = loop.counted, abs(header.step) == 1, let lower = header.lower,
      !lower.hasEffects, !header.bound.hasEffects,
      lower.mentionedVariables.union(header.bound.mentionedVariables).isDisjoint(with: stored),
      !lower.readsMemory, !header.bound.readsMemory
    else { return nil }
    let saved = sink
    defer { sink = saved }
    let sign = Polynomial(header.step)
    let closed = header.relation == .lessOrEqual || header.relation == .greaterOrEqual
    let count = sign * (integer(header.bound) - integer(lower)) + (closed ? 1 : 0)
    return maximum(count, Polynomial())
  }

  private func isVisible(_ variable: VariableID) -> Bool {
    let type = function[variable].type
    return (type.integer.map { $0.width >= 32 } ?? false) || type.isPointer
  }
}

extension Expr {
  /// Whether the step does more than move one variable.
  fileprivate var isCompoundStep: Bool {
    switch kind {
    case .unary(let op, let target) where op.stores:
      if case .variable = target.kind { false } else { true }
    case .assign(_, let target, _): if case .variable = target.kind { false } else { true }
    default: true
    }
  }

  /// The comparison solved for a variable that one side adds to something: `v + e <= b` as
  /// `v <= b - e`.
  fileprivate func comparison(isolating variable: VariableID) -> (BinaryOperator, Expr)? {
    guard case .binary(let op, let left, let right) = kind else { return nil }
    if right.mentionedVariables.contains(variable) {
      let mirrored: [BinaryOperator: BinaryOperator] = [
        .less: .greater, .lessOrEqual: .greaterOrEqual, .greater: .less,
        .greaterOrEqual: .lessOrEqual,
      ]
      guard let turned = mirrored[op], !left.mentionedVariables.contains(variable) else {
        return nil
      }
      return Expr.binary(turned, right, left).comparison(isolating: variable)
    }
    guard left.kind != .variable(variable) else { return (op, right) }
    guard case .binary(let inner, let a, let b) = left.kind, left.type.isInteger else { return nil }
    let rest: Expr
    switch inner {
    case .add where a.mentionedVariables.contains(variable): rest = b
    case .add: rest = a
    case .subtract where a.mentionedVariables.contains(variable): rest = b
    default: return nil
    }
    let side = inner == .add && rest == a ? b : a
    guard !rest.mentionedVariables.contains(variable) else { return nil }
    return Expr.binary(op, side, .binary(inner == .add ? .subtract : .add, right, rest))
      .comparison(isolating: variable)
  }

  /// Steps `v++`, `v += 3` that evaluation of the expression always performs.
  fileprivate var unconditionalMoves: [(VariableID, Int)] {
    switch kind {
    case .unary(let op, let target) where op.stores:
      guard case .variable(let variable) = target.kind else { return target.unconditionalMoves }
      return [(variable, op == .preIncrement || op == .postIncrement ? 1 : -1)]
    case .assign(.add?, let target, let value):
      guard case .variable(let variable) = target.kind, let amount = value.constantValue else {
        return target.unconditionalMoves + value.unconditionalMoves
      }
      return [(variable, amount)]
    case .assign(.subtract?, let target, let value):
      guard case .variable(let variable) = target.kind, let amount = value.constantValue else {
        return target.unconditionalMoves + value.unconditionalMoves
      }
      return [(variable, -amount)]
    case .binary(let op, let left, _) where op.isLogical: return left.unconditionalMoves
    case .conditional(let condition, _, _): return condition.unconditionalMoves
    default: return children.flatMap(\.unconditionalMoves)
    }
  }
}
