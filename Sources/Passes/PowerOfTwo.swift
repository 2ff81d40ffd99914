import KernelModel

extension Stmt {
  /// The statement with divisions and remainders by powers of two replaced where that keeps values.
  func reducingDivisions(in function: Function, around label: LoopLabel) -> Stmt {
    let counters = function.nonNegativeCounters
    return rewritingExpressions { $0.reducingDivision(counters) }
  }
}

extension Function {
  /// Iterators that count upward from a constant that is not negative and are set nowhere else.
  var nonNegativeCounters: Set<VariableID> {
    var good: Set<VariableID> = []
    var bad: Set<VariableID> = Set(parameters)
    body.walk { statement in
      if let header = statement.asLoop?.counted {
        let isFine = header.step > 0 && (header.lower?.constantValue ?? -1) >= 0 && header.declares
        if isFine { good.insert(header.variable) } else { bad.insert(header.variable) }
      }
    }
    return good.subtracting(bad)
  }
}

extension Expr {
  fileprivate func reducingDivision(_ counters: Set<VariableID>) -> Expr {
    guard case .binary(let op, let left, let right) = kind else { return self }
    guard op == .divide || op == .remainder, let integer = type.integer,
      let divisor = right.constantValue, divisor > 1, divisor & (divisor - 1) == 0,
      left.type.promoted.canonical == type.canonical, !left.isConstantLike,
      !integer.isSigned || left.isNeverNegative(counters)
    else { return self }
    if op == .remainder {
      return Expr(.binary(.bitAnd, left, .integer(divisor - 1, type: type)), type: type)
    }
    return Expr(.binary(.shiftRight, left, .int(divisor.trailingZeroBitCount)), type: type)
  }

  private var isConstantLike: Bool { constantValue != nil || spelling != nil }

  /// Whether the value cannot be negative, by the types and iterators that it is made from.
  private func isNeverNegative(_ counters: Set<VariableID>) -> Bool {
    if let value = constantValue { return value >= 0 }
    guard let integer = type.integer else { return false }
    if !integer.isSigned && kind.isLeaf { return true }
    switch kind {
    case .variable(let variable): return counters.contains(variable)
    case .binary(let op, let a, let b):
      // Signed sums and products of such values do not wrap (§6.5 ¶5).
      guard [.add, .multiply, .divide, .remainder, .shiftRight].contains(op) else {
        return op == .bitAnd && (a.isNeverNegative(counters) || b.isNeverNegative(counters))
          && integer.isSigned
      }
      return integer.isSigned && a.isPromotedNonNegative(counters)
        && b.isPromotedNonNegative(counters)
    case .cast(let operand):
      guard let source = operand.type.integer else { return false }
      return source.width <= integer.width && operand.isPromotedNonNegative(counters)
        && (source.isSigned || source.width < integer.width)
    case .subscriptOf, .member, .unary(.dereference, _):
      return !integer.isSigned
    default: return false
    }
  }

  /// Whether the value is not negative and stays so when it is promoted.
  private func isPromotedNonNegative(_ counters: Set<VariableID>) -> Bool {
    guard let integer = type.integer else { return false }
    if !integer.isSigned { return integer.width < 32 }
    return isNeverNegative(counters)
  }
}

extension Expr.Kind {
  fileprivate var isLeaf: Bool {
    switch self {
    case .variable, .subscriptOf, .member: true
    case .unary(.dereference, _): true
    default: false
    }
  }
}
