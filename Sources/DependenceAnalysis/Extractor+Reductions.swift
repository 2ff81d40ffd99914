import KernelModel

extension Extractor {
  /// The update that an assignment performs on an accumulator, when it has the form of a reduction.
  func reduction(_ expr: Expr) -> ReductionUpdate? {
    guard case .assign(let compound, let target, let value) = expr.kind, !target.hasEffects
    else { return nil }
    let parts: (op: Reduction.Operator, operand: Expr, computed: CType)?
    if let compound {
      parts = Reduction.Operator(compound).map {
        ($0, value, Expr.binary(compound, target, value).type)
      }
    } else {
      parts = explicit(target, value)
    }
    guard let parts, !parts.operand.contains(where: { $0.kind == target.kind }) else { return nil }
    let saved = (sink, values)
    defer { (sink, values) = saved }
    let location = place(of: target)
    // The operand must not read the accumulator under another name either.
    sink = []
    evaluate(parts.operand)
    if sink.contains(where: { $0.location == location }) { return nil }
    return ReductionUpdate(
      target: location, reduction: describe(parts.op, target.type, parts.computed))
  }

  /// `x = x op e`, `x = e op x`, `x = x < e ? x : e`.
  private func explicit(
    _ target: Expr, _ value: Expr
  ) -> (op: Reduction.Operator, operand: Expr, computed: CType)? {
    switch value.kind {
    case .cast(let inner) where value.type == target.type: return explicit(target, inner)
    case .binary(let op, let left, let right):
      guard let reduction = Reduction.Operator(op) else { return nil }
      if left.kind == target.kind { return (reduction, right, value.type) }
      if right.kind == target.kind, op != .subtract { return (reduction, left, value.type) }
      return nil
    case .conditional(let test, let yes, let no):
      guard case .binary(let op, let a, let b) = test.kind,
        op == .less || op == .lessOrEqual || op == .greater || op == .greaterOrEqual
      else { return nil }
      let isDirect = a.kind == yes.kind && b.kind == no.kind
      guard isDirect || (a.kind == no.kind && b.kind == yes.kind) else { return nil }
      let takesSmaller = (op == .less || op == .lessOrEqual) == isDirect
      let operand = yes.kind == target.kind ? no : yes
      guard yes.kind == target.kind || no.kind == target.kind else { return nil }
      return (takesSmaller ? .minimum : .maximum, operand, value.type)
    default: return nil
    }
  }

  private func describe(
    _ op: Reduction.Operator, _ type: CType, _ computed: CType
  ) -> Reduction {
    guard let integer = type.integer, computed.isInteger else {
      return Reduction(op: op, type: type, isExactInAnyOrder: false, isExactWhenUnsigned: false)
    }
    let isModular = op == .add || op == .multiply
    let isExact = !isModular || !integer.isSigned || wrapsSignedOverflow
    return Reduction(
      op: op, type: type, isExactInAnyOrder: isExact, isExactWhenUnsigned: isModular && !isExact)
  }
}

extension Reduction.Operator {
  init?(_ op: BinaryOperator) {
    switch op {
    case .add, .subtract: self = .add
    case .multiply: self = .multiply
    case .bitAnd: self = .bitAnd
    case .bitOr: self = .bitOr
    case .bitXor: self = .bitXor
    default: return nil
    }
  }
}
