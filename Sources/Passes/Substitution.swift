import KernelModel

/// Putting a value in place of a variable, and tidying the arithmetic that this leaves behind.
extension Expr {
  /// Replaces every mention of the variable by the value; constants that meet on the way are added.
  /// Opaque texts must not name the variable.
  func substituting(_ variable: VariableID, with value: Expr) -> Expr {
    guard mentionedVariables.contains(variable) else { return self }
    if kind == .variable(variable) { return value }
    return mapChildren { $0.substituting(variable, with: value) }.foldingConstants
  }

  /// A subscript whose index became a constant needs no suffix on it.
  private var plainSubscript: Expr {
    guard case .subscriptOf(let base, let index) = kind, index.spelling == nil,
      case .integer(let value, _) = index.kind, IntegerType.int.holds(value)
    else { return self }
    return Expr(.subscriptOf(base, .int(value)), type: type)
  }

  /// This node with constants added together: `(i + 2) + 1` is `i + 3`, `2 * 4` is `8`.
  private var foldingConstants: Expr {
    if case .subscriptOf = kind { return plainSubscript }
    guard spelling == nil, type.isInteger, case .binary(let op, let left, let right) = kind else {
      return self
    }
    if left.spelling == nil, right.spelling == nil, let value = constantValue {
      return .integer(value, type: type)
    }
    guard op == .add || op == .subtract else { return self }
    if op == .add, left.spelling == nil, left.constantValue == 0, right.hasType(type) {
      return right
    }
    guard right.spelling == nil, let b = right.constantValue, Self.isSmall(b) else { return self }
    if b == 0, left.hasType(type) { return left }
    guard left.spelling == nil, left.hasType(type),
      case .binary(let inner, let base, let constant) = left.kind,
      inner == .add || inner == .subtract, constant.spelling == nil,
      let a = constant.constantValue, Self.isSmall(a)
    else { return self }
    let sum = (inner == .add ? a : -a) + (op == .add ? b : -b)
    if sum == 0 { return base.hasType(type) ? base : self }
    let folded = Expr.integer(abs(sum), type: constant.type)
    return Expr(.binary(sum > 0 ? .add : .subtract, base, folded), type: type)
  }

  private static func isSmall(_ value: Int) -> Bool { (-(1 << 30)...(1 << 30)).contains(value) }

  private func hasType(_ other: CType) -> Bool { type.promoted == other.canonical }
}
