import KernelModel

// Which loads a stored value depends on in every case.

extension WorkWalk {
  func opaqueFlow(_ target: Flow.Target) -> Flow {
    Flow(
      target: target, accumulates: false, loops: loops, isCertain: isCertain, order: flows.count)
  }

  /// What of `value` flows to the target under all circumstances: through + - * / of floating
  /// numbers, where a NaN always comes out, and through + - ^ ~ of integers, which lose nothing.
  /// `nil` when `value` is something else.
  func flow(
    of value: Expr, to target: Flow.Target, _ op: BinaryOperator? = nil, _ type: CType? = nil
  ) -> Flow? {
    var flow = opaqueFlow(target)
    let type = type ?? value.type
    if let op {
      guard Self.keeps(op, type) else { return nil }
      flow.accumulates = true
    }
    guard collect(value, as: type, into: &flow) else { return nil }
    return flow
  }

  static func keeps(_ op: BinaryOperator, _ type: CType) -> Bool {
    if type.isFloating { return [.add, .subtract, .multiply, .divide].contains(op) }
    return type.isInteger && [.add, .subtract, .bitXor].contains(op)
  }

  /// Adds the leaves of `expr` to the flow; `false` when nothing is known of it. An operand that
  /// holds no memory is fine; one whose value may be lost is left out with all below.
  func collect(_ expr: Expr, as type: CType, into flow: inout Flow) -> Bool {
    let isSame =
      type.isFloating
      ? expr.type.isFloating
      : expr.type.isInteger && (expr.type.integer?.width ?? 0) <= (type.integer?.width ?? 0)
    guard isSame else { return false }
    switch expr.kind {
    case .variable(let variable):
      flow.variables.append(variable)
      return true
    case .subscriptOf, .unary(.dereference, _), .member:
      guard let (root, offset) = location(expr), isOutside(root.base),
        let size = layout.size(of: expr.type)?.size
      else { return false }
      flow.loads.append(
        Access(
          root: root, offset: offset, size: size, loops: loops, isCertain: isCertain,
          isStore: false, type: expr.type))
      return true
    case .binary(let op, let left, let right) where Self.keeps(op, expr.type):
      let first = collect(left, as: expr.type, into: &flow)
      let second = collect(right, as: expr.type, into: &flow)
      return first || second
    case .unary(.minus, let inner), .unary(.plus, let inner), .unary(.complement, let inner):
      return collect(inner, as: type, into: &flow)
    case .cast(let inner):
      return collect(inner, as: expr.type, into: &flow)
    case .call(let name, let arguments, _)
    where ["sqrt", "sqrtf"].contains(name) && arguments.count == 1:
      return collect(arguments[0], as: expr.type, into: &flow)
    default: return false
    }
  }
}
