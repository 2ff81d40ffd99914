import KernelModel

extension Stmt {
  /// The statement with every `for` loop that only lacks proof that its bound keeps its value turned
  /// into a counted one, and the bounds that need the proof.
  func assumingBounds(in function: Function) -> (statement: Stmt, bounds: [Expr]) {
    var bounds: [Expr] = []
    let result = rewritten { statement in
      guard var loop = statement.asLoop, let header = loop.countedForm(in: function) else {
        return statement
      }
      bounds.append(header.bound)
      loop.header = .counted(header)
      var copy = statement
      copy.kind = .loop(loop)
      return copy
    }
    return (result, bounds)
  }
}

extension Loop {
  /// The header that the loop would have if nothing in its body changed its bound.
  fileprivate func countedForm(in function: Function) -> CountedHeader? {
    guard case .general(let initial?, let condition?, let increment?) = header,
      case .binary(let relation, let left, let bound) = condition.kind,
      case .variable(let variable) = left.kind, let step = increment.step(of: variable),
      let start = initial.start(of: variable)
    else { return nil }
    let fits =
      switch relation {
      case .less, .lessOrEqual: step > 0
      case .greater, .greaterOrEqual: step < 0
      case .notEqual: abs(step) == 1
      default: false
      }
    let stored = body.storedVariables
    guard fits, function[variable].type.isInteger, !stored.contains(variable),
      ![.global, .staticLocal].contains(function[variable].storage),
      !function.sharedVariables.contains(variable), !bound.hasEffects,
      bound.mentionedVariables.isDisjoint(with: stored.union([variable]))
    else { return nil }
    return CountedHeader(
      variable: variable, declares: start.declares,
      lower: start.value.asInitialValue(of: function[variable].type), relation: relation,
      bound: bound, step: step)
  }
}

extension Stmt {
  fileprivate func start(of variable: VariableID) -> (value: Expr, declares: Bool)? {
    switch kind {
    case .declaration(let declarators):
      guard declarators.count == 1, declarators[0].variable == variable,
        let value = declarators[0].initializer
      else { return nil }
      return (value, true)
    case .expression(let expr):
      guard case .assign(nil, let target, let value) = expr.kind,
        target.kind == .variable(variable)
      else { return nil }
      return (value, false)
    default: return nil
    }
  }
}

extension Expr {
  /// What the expression adds to the variable, when that is all it does.
  fileprivate func step(of variable: VariableID) -> Int? {
    switch kind {
    case .unary(let op, let target) where op.stores && target.kind == .variable(variable):
      return op == .preIncrement || op == .postIncrement ? 1 : -1
    case .assign(let op?, let target, let value) where target.kind == .variable(variable):
      guard op == .add || op == .subtract, let amount = value.constantValue, amount != 0 else {
        return nil
      }
      return op == .add ? amount : -amount
    default: return nil
    }
  }
}
