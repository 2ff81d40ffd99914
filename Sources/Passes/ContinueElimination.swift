import KernelModel

/// Writes a loop body without `continue`, so that it can be followed by more code.
///
///     if (c) continue; S   →   if (!c) { S }
enum ContinueElimination {
  /// The body's statements without `continue` of this loop; nil where its form does not allow that.
  static func statements(_ body: Stmt) -> [Stmt]? { eliminate(body.statements[...]) }

  private static func eliminate(_ statements: ArraySlice<Stmt>) -> [Stmt]? {
    guard let index = statements.firstIndex(where: \.continuesLoop) else {
      return Array(statements)
    }
    let before = statements[..<index]
    let rest = statements[(index + 1)...]
    switch statements[index].kind {
    case .continueLoop: return Array(before)
    case .block(let inner) where rest.isEmpty:
      return eliminate(inner[...]).map { before + [.block($0)] }
    case .branch(let condition, let then, let otherwise):
      guard let replacement = branch(statements[index], condition, then, otherwise, rest) else {
        return nil
      }
      return before + replacement
    default: return nil
    }
  }

  private static func branch(
    _ statement: Stmt, _ condition: Expr, _ then: Stmt, _ otherwise: Stmt?, _ rest: ArraySlice<Stmt>
  ) -> [Stmt]? {
    guard rest.isEmpty || !then.continuesLoop || otherwise?.continuesLoop != true else {
      return nil
    }
    let other = otherwise?.statements ?? []
    var newThen: [Stmt]?
    var newOther: [Stmt]?
    if then.continuesLoop {
      guard rest.isEmpty || then.alwaysContinues else { return nil }
      newThen = eliminate(then.statements[...])
      newOther = eliminate(rest).map { merged(other, $0) }
    } else {
      guard rest.isEmpty || otherwise?.alwaysContinues == true else { return nil }
      newThen = eliminate(rest).map { merged(then.statements, $0) }
      newOther = eliminate(other[...])
    }
    guard let newThen, let newOther else { return nil }
    var copy = statement
    if newThen.isEmpty {
      copy.kind = .branch(condition.negated, then: .block(newOther), otherwise: nil)
    } else {
      copy.kind = .branch(
        condition, then: .block(newThen), otherwise: newOther.isEmpty ? nil : .block(newOther))
    }
    return [copy]
  }

  /// One after the other; declarations of the first stay in a block of their own.
  private static func merged(_ first: [Stmt], _ second: [Stmt]) -> [Stmt] {
    let declares = first.contains { if case .declaration = $0.kind { true } else { false } }
    return (declares ? [.block(first)] : first) + second
  }
}

extension Stmt {
  /// Whether the last statement is `continue` and no other one is inside.
  fileprivate var alwaysContinues: Bool {
    guard let last = statements.last, case .continueLoop = last.kind else { return false }
    return !statements.dropLast().contains(where: \.continuesLoop)
  }
}

extension Expr {
  /// The opposite condition; comparisons of integers and pointers are turned round.
  var negated: Expr {
    guard spelling == nil, case .binary(let op, let left, let right) = kind, op.isComparison,
      left.type.floatingType == nil, right.type.floatingType == nil
    else {
      if spelling == nil, case .unary(.not, let operand) = kind { return operand }
      return Expr(.unary(.not, self), type: .int)
    }
    let opposite: BinaryOperator =
      switch op {
      case .less: .greaterOrEqual
      case .greaterOrEqual: .less
      case .greater: .lessOrEqual
      case .lessOrEqual: .greater
      case .equal: .notEqual
      default: .equal
      }
    return Expr(.binary(opposite, left, right), type: .int)
  }
}
