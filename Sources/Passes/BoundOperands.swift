import KernelModel

/// Bounds that are the smaller or larger of several values, written as C writes them:
/// `a < b ? a : b`.
extension Expr {
  /// The values of which this is the minimum; the expression alone when it is none.
  var minimumOperands: [Expr] {
    operands { op, takesLeft in
      switch op {
      case .less, .lessOrEqual: takesLeft
      case .greater, .greaterOrEqual: !takesLeft
      default: false
      }
    }
  }

  /// The values of which this is the maximum; the expression alone when it is none.
  var maximumOperands: [Expr] {
    operands { op, takesLeft in
      switch op {
      case .less, .lessOrEqual: !takesLeft
      case .greater, .greaterOrEqual: takesLeft
      default: false
      }
    }
  }

  private func operands(_ selects: (BinaryOperator, Bool) -> Bool) -> [Expr] {
    guard spelling == nil, case .conditional(let condition, let then, let otherwise) = kind,
      case .binary(let op, let left, let right) = condition.kind,
      left.type.integer?.isSigned == right.type.integer?.isSigned,
      (left == then && right == otherwise && selects(op, true))
        || (left == otherwise && right == then && selects(op, false))
    else { return [self] }
    return then.operands(selects) + otherwise.operands(selects)
  }

  /// The smallest of some values of one signedness.
  static func minimum(_ values: [Expr]) -> Expr { fold(values, .less) }

  /// The largest of some values of one signedness.
  static func maximum(_ values: [Expr]) -> Expr { fold(values, .greater) }

  private static func fold(_ values: [Expr], _ op: BinaryOperator) -> Expr {
    precondition(!values.isEmpty, "a bound needs a value")
    return values.dropLast().reversed().reduce(values[values.count - 1]) { rest, value in
      let type = CType.usualArithmeticConversion(value.type, rest.type) ?? value.type
      return Expr(.conditional(.binary(op, value, rest), value, rest), type: type)
    }
  }
}
