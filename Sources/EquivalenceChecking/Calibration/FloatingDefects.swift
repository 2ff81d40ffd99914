import KernelModel

/// Defects of arithmetic that ordinary contents do not show.
extension Defect {
  /// The expression with the defect at its root or in an operand, once for each way.
  func rarelyPlanted(in expr: Expr, of function: Function) -> [Expr] {
    switch self {
    case .productParted: Self.partedProducts(expr)
    case .zeroSign: Self.unsignedZero(expr)
    case .minimumOrder: Self.otherMinimum(expr)
    case .denormalDropped: Self.loads(of: expr) { [Self.flushed($0)] }
    case .signedness: Self.otherSignedness(expr)
    case .overlapOffByOne: Self.neighbouringAddresses(expr)
    case .rareValue: Self.loads(of: expr, Self.wrongInRange)
    case .rareSize: Self.wrongAtSize(expr, function)
    case .rareDistance: Self.wrongAtDistance(expr, function)
    case .narrowIndex: Self.narrowIndex(expr)
    default: []
    }
  }

  /// No fused operation is formed of a product behind a choice.
  private static func partedProducts(_ expr: Expr) -> [Expr] {
    func parted(_ operand: Expr) -> Expr? {
      guard operand.type.isFloating, case .binary(.multiply, _, _) = operand.kind else {
        return nil
      }
      return Expr(.conditional(.int(1), operand, operand), type: operand.type)
    }
    switch expr.kind {
    case .binary(let op, let left, let right) where op == .add || op == .subtract:
      return [
        parted(left).map { .binary(op, $0, right) }, parted(right).map { .binary(op, left, $0) },
      ]
      .compactMap(\.self)
    case .assign(let op?, let target, let value) where op == .add || op == .subtract:
      return parted(value).map { [.compound(op, target, $0)] } ?? []
    default: return []
    }
  }

  private static func unsignedZero(_ expr: Expr) -> [Expr] {
    guard case .assign(nil, let target, let value) = expr.kind, value.type.isFloating else {
      return []
    }
    return [.assign(target, .binary(.add, value, number("0.0", value.type)))]
  }

  private static func otherMinimum(_ expr: Expr) -> [Expr] {
    let mirrored: [BinaryOperator: BinaryOperator] = [
      .less: .lessOrEqual, .lessOrEqual: .less, .greater: .greaterOrEqual,
      .greaterOrEqual: .greater,
    ]
    guard case .conditional(let condition, let first, let second) = expr.kind,
      case .binary(let op, let left, let right) = condition.kind, let other = mirrored[op],
      left.type.isFloating, right.type.isFloating
    else { return [] }
    return [Expr(.conditional(.binary(other, right, left), second, first), type: expr.type)]
  }

  private static func flushed(_ load: Expr) -> Expr {
    let smallest =
      load.type.floatingType == .float ? "1.17549435e-38f" : "2.2250738585072014e-308"
    guard load.type.isFloating else { return load }
    let least = number(smallest, load.type)
    let isSmall = Expr.binary(
      .logicalAnd, .binary(.less, load, least), .binary(.greater, load, .negate(least)))
    return Expr(.conditional(isSmall, number("0.0", load.type), load), type: load.type)
  }

  private static func otherSignedness(_ expr: Expr) -> [Expr] {
    guard case .binary(let op, let left, let right) = expr.kind, op.isComparison,
      let type = CType.usualArithmeticConversion(left.type, right.type)?.integer, type.width == 32
    else { return [] }
    let other: CType = type.isSigned ? .unsignedInt : .int
    return [.binary(op, .cast(left, to: other), .cast(right, to: other))]
  }

  private static func neighbouringAddresses(_ expr: Expr) -> [Expr] {
    guard case .binary(let op, let left, let right) = expr.kind, op.isComparison,
      left.type.isPointer, right.type.isPointer
    else { return [] }
    return [BinaryOperator.add, .subtract].map { .binary(op, left, .binary($0, right, .int(1))) }
  }

  static func number(_ text: String, _ type: CType) -> Expr {
    let isFloat = type.floatingType == .float
    return Expr(
      .floating(text: isFloat && !text.hasSuffix("f") ? text + "f" : text), type: type.unqualified)
  }
}
