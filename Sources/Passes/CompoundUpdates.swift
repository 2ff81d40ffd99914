import KernelModel

extension Stmt {
  /// The statement with `v = v + e` and `v = e + v` written as `v += e`, and so for products and bits.
  func compoundingUpdates(of variables: Set<VariableID>) -> Stmt {
    rewritten { statement in
      guard case .expression(let expr) = statement.kind,
        case .assign(nil, let target, let value) = expr.kind,
        case .variable(let variable) = target.kind, variables.contains(variable),
        case .binary(let op, let left, let right) = value.kind,
        ScalarReduction.Operation(op) != nil, value.mentions(of: variable) == 1
      else { return statement }
      let isLeft = left.kind == .variable(variable)
      guard isLeft || (op != .subtract && right.kind == .variable(variable)) else {
        return statement
      }
      var copy = statement
      copy.kind = .expression(.compound(op, target, isLeft ? right : left))
      return copy
    }
  }
}
