import KernelModel

extension Expr {
  /// The same value with constants folded and neutral operands dropped; never overflows where the
  /// expression does not.
  var simplified: Expr {
    rewritten { node in
      guard node.type.isInteger, case .binary(let op, let a, let b) = node.kind else { return node }
      if node.spelling == nil, let value = node.constantValue, a.isLiteral, b.isLiteral {
        return .integer(value, type: node.type)
      }
      let keepsType = { (operand: Expr) in operand.type.promoted.canonical == node.type.canonical }
      switch op {
      case .add where a.constantValue == 0 && keepsType(b): return b
      case .add where b.constantValue == 0 && keepsType(a),
        .subtract where b.constantValue == 0 && keepsType(a),
        .multiply where b.constantValue == 1 && keepsType(a):
        return a
      case .multiply where a.constantValue == 1 && keepsType(b): return b
      case .multiply where a.constantValue == 0 && !b.hasEffects,
        .multiply where b.constantValue == 0 && !a.hasEffects:
        return .integer(0, type: node.type)
      case .add, .subtract: return node.foldedOffsets
      default: return node
      }
    }
  }

  private var isLiteral: Bool {
    if case .integer = kind { spelling == nil } else { false }
  }

  /// `(x - 1) + 1` and the like with one constant, when that is no further from 0 than the constants
  /// given (so that no new overflow can arise).
  private var foldedOffsets: Expr {
    guard case .binary(let op, let a, let b) = kind, let outer = b.constantValue,
      case .binary(let inner, let x, let c) = a.kind, inner == .add || inner == .subtract,
      let offset = c.constantValue, x.type.promoted.canonical == type.canonical,
      b.isLiteral, c.isLiteral
    else { return self }
    let first = inner == .add ? offset : -offset
    let sum = first + (op == .add ? outer : -outer)
    guard abs(sum) <= max(abs(first), abs(outer)) else { return self }
    if sum == 0 { return x }
    let value = Expr.integer(abs(sum), type: type)
    return Expr(.binary(sum > 0 ? .add : .subtract, x, value), type: type)
  }
}
