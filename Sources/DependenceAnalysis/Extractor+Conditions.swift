import KernelModel

/// Conditions over integers, as branches and loop headers state them.
extension Extractor {
  /// The condition under which the expression is not zero; nil when it cannot be stated over
  /// integers.
  func condition(_ expr: Expr) -> Condition? {
    switch expr.kind {
    case .binary(.logicalAnd, let left, let right):
      let a = condition(left)
      let b = conditionalCondition(right)
      guard let a, let b else { return nil }
      return .all([a, b])
    case .binary(.logicalOr, let left, let right):
      let a = condition(left)
      let b = conditionalCondition(right)
      guard let a, let b else { return nil }
      return .any([a, b])
    case .unary(.not, let operand): return condition(operand)?.negated
    case .binary(let op, let left, let right) where op.isComparison:
      guard left.type.isInteger, right.type.isInteger else {
        evaluate(expr)
        return nil
      }
      let (a, b) = comparable(left, right)
      return Self.comparison(op, a, b)
    default:
      guard expr.type.isInteger, case .integer(let value) = evaluate(expr) else {
        if !expr.type.isInteger { evaluate(expr) }
        return nil
      }
      return Condition.zero(value).negated
    }
  }

  private func conditionalCondition(_ expr: Expr) -> Condition? {
    let before = values
    conditionalDepth += 1
    let result = condition(expr)
    conditionalDepth -= 1
    join(before)
    return result
  }

  /// Both operands after the usual arithmetic conversions. A 64-bit unsigned loop bound is taken as
  /// not wrapped: a loop that runs beyond 2^63 iterations does not end.
  func comparable(
    _ left: Expr, _ right: Expr, isBound: Bool = false
  ) -> (Polynomial, Polynomial) {
    let a = integer(left)
    let b = integer(right)
    guard let common = CType.usualArithmeticConversion(left.type, right.type)?.integer,
      !common.isSigned
    else { return (a, b) }
    func image(_ value: Polynomial, _ type: CType) -> Polynomial {
      if isBound, common.width >= 64, type.integer?.isSigned == false { return value }
      return toUnsigned(value, common.width)
    }
    return (image(a, left.type), image(b, right.type))
  }
}

extension IntegerType {
  /// Whether every value of the other type is a value of this one.
  func holdsAll(of other: IntegerType) -> Bool {
    if kind == .bool { return other.kind == .bool }
    if isSigned { return other.isSigned ? width >= other.width : width > other.width }
    return !other.isSigned && width >= other.width
  }
}
