import KernelModel

/// Defects that inputs must be made for.
extension Defect {
  /// Where a rare defect shows.
  var witnesses: [Witness] {
    switch self {
    case .rareValue:
      [.floating(Self.largeValue), .floating(Self.smallValue)]
        + [Self.narrowBlock, Self.wideBlock].map { .integer($0 << 6 | 5) }
    case .rareSize: Self.largeSizes.map { .size($0 + 1) }
    case .rareDistance: [.distance(Self.distance)]
    default: []
    }
  }

  private static let largeValue = 2.0000004e21
  private static let smallValue = 3.0000006e-21
  private static let narrowBlock = 0x123_4567
  private static let wideBlock = 0x12_3456_789a_bcde
  private static let largeSizes = [5000, 3_000_000]
  private static let distance = 100

  /// The expression with one operand that is a load from memory replaced, once for each.
  static func loads(of expr: Expr, _ replacements: (Expr) -> [Expr]) -> [Expr] {
    func others(_ operand: Expr) -> [Expr] {
      isLoad(operand) ? replacements(operand).filter { $0 != operand } : []
    }
    switch expr.kind {
    case .binary(let op, let left, let right):
      return others(left).map { Expr(.binary(op, $0, right), type: expr.type) }
        + others(right).map { Expr(.binary(op, left, $0), type: expr.type) }
    case .assign(let op, let target, let value):
      return others(value).map { Expr(.assign(op, target, $0), type: expr.type) }
    case .cast(let value): return others(value).map { Expr(.cast($0), type: expr.type) }
    case .conditional(let condition, let first, let second):
      return others(first).map { Expr(.conditional(condition, $0, second), type: expr.type) }
        + others(second).map { Expr(.conditional(condition, first, $0), type: expr.type) }
    default: return []
    }
  }

  private static func isLoad(_ expr: Expr) -> Bool {
    guard expr.type.isArithmetic, !expr.hasEffects else { return false }
    switch expr.kind {
    case .subscriptOf, .unary(.dereference, _): return true
    default: return false
    }
  }

  /// `x > a && x < b ? -x : x`, with nothing but a few values between `a` and `b`.
  static func wrongInRange(_ load: Expr) -> [Expr] {
    if let type = load.type.integer {
      guard type.width >= 32 else { return [] }
      let block = type.width == 32 ? narrowBlock : wideBlock
      let isThere = Expr.binary(
        .equal, .binary(.shiftRight, load, .int(6)), .integer(block, type: load.type.promoted))
      let wrong = Expr.binary(.bitXor, load, .int(1))
      return [Expr(.conditional(isThere, wrong, load), type: load.type.promoted)]
    }
    guard load.type.floatingType == .float || load.type.floatingType == .double else { return [] }
    return [("2.0e21", "2.0000008e21"), ("3.0e-21", "3.0000012e-21")].map { low, high in
      let isThere = Expr.binary(
        .logicalAnd, .binary(.greater, load, number(low, load.type)),
        .binary(.less, load, number(high, load.type)))
      return Expr(.conditional(isThere, .negate(load), load), type: load.type.unqualified)
    }
  }

  /// One more is stored where a size is large.
  static func wrongAtSize(_ expr: Expr, _ function: Function) -> [Expr] {
    guard let (op, target, value) = store(expr),
      let size = function.parameters.first(where: { (function[$0].type.integer?.width ?? 0) >= 32 })
    else { return [] }
    let parameter = Expr(.variable(size), type: function[size].type)
    return largeSizes.map { bound in
      let isLarge = Expr.binary(.greater, parameter, .int(bound))
      return wrong(op, target, value, when: isLarge)
    }
  }

  /// One more is stored where one pointer points a hundred elements behind another.
  static func wrongAtDistance(_ expr: Expr, _ function: Function) -> [Expr] {
    guard let (op, target, value) = store(expr) else { return [] }
    let pointers = function.parameters.filter { parameter in
      guard case .pointer(let pointer) = function[parameter].type.canonical else { return false }
      return pointer.pointee.isArithmetic && !pointer.qualifiers.contains(.restrict)
    }
    for (index, first) in pointers.enumerated() {
      for second in pointers[(index + 1)...] {
        guard case .pointer(let a) = function[first].type.canonical,
          case .pointer(let b) = function[second].type.canonical,
          a.pointee.unqualified.canonical == b.pointee.unqualified.canonical,
          !(a.pointee.qualifiers.contains(.const) && b.pointee.qualifiers.contains(.const))
        else { continue }
        let (left, right) = (
          Expr(.variable(first), type: function[first].type),
          Expr(.variable(second), type: function[second].type)
        )
        let isThere = Expr.binary(.equal, .binary(.add, left, .int(distance)), right)
        return [wrong(op, target, value, when: isThere)]
      }
    }
    return []
  }

  /// A store of a number to memory.
  private static func store(_ expr: Expr) -> (BinaryOperator?, Expr, Expr)? {
    guard case .assign(let op, let target, let value) = expr.kind, isLoad(target),
      value.type.isArithmetic, !value.hasEffects
    else { return nil }
    return (op, target, value)
  }

  private static func wrong(
    _ op: BinaryOperator?, _ target: Expr, _ value: Expr, when condition: Expr
  ) -> Expr {
    let more = Expr.binary(.add, value, .int(1))
    let choice = Expr(.conditional(condition, more, value), type: more.type)
    return Expr(.assign(op, target, choice), type: target.type.unqualified)
  }

  static func narrowIndex(_ expr: Expr) -> [Expr] {
    guard case .subscriptOf(let base, let index) = expr.kind, index.constantValue == nil,
      !index.hasEffects, index.type.integer?.width == 64
    else { return [] }
    return [Expr(.subscriptOf(base, .cast(index, to: .int)), type: expr.type)]
  }
}
