import KernelModel

/// Conditions per lane: vectors of integers that are all ones where true and 0 elsewhere, as wide as
/// what was compared.
extension VectorBody {
  /// Where the condition is true.
  mutating func mask(_ condition: Expr, speculated: Bool) throws(VectorObstacle) -> Expr {
    switch condition.kind {
    case .binary(let op, let left, let right) where op.isComparison:
      let a = try evaluate(left, speculated: speculated)
      let b = try evaluate(right, speculated: speculated)
      guard let type = CType.usualArithmeticConversion(a.type, b.type),
        let element = type.maskElement
      else { throw VectorObstacle(reason: "a comparison of pointers has no vector form") }
      let vector = try vectorType(element)
      let x = try converted(a, to: type)
      let y = try converted(b, to: type)
      return Expr(.binary(op, x.expr, y.expr), type: vector)
    case .binary(let op, let left, let right) where op.isLogical:
      // The right side is computed in all lanes.
      let a = try maskOrUniform(left, speculated: speculated)
      let b = try maskOrUniform(right, speculated: true)
      let type = a.isVector ? a.expr.type : b.expr.type
      let y = b.isVector && b.expr.type != type ? convert(b.expr, to: type) : b.expr
      return Expr(.binary(op == .logicalAnd ? .bitAnd : .bitOr, a.expr, y), type: type)
    case .unary(.not, let operand):
      let inner = try mask(operand, speculated: speculated)
      return Expr(.unary(.complement, inner), type: inner.type)
    default:
      let value = try evaluate(condition, speculated: speculated)
      guard let element = value.type.maskElement else {
        throw VectorObstacle(reason: "a condition has no vector form")
      }
      let zero = Expr.zero(of: value.type)
      return Expr(.binary(.notEqual, value.expr, zero), type: try vectorType(element))
    }
  }

  private mutating func maskOrUniform(_ expr: Expr, speculated: Bool) throws(VectorObstacle)
    -> Lanes
  {
    if isVarying(expr) {
      return Lanes(try mask(expr, speculated: speculated), .int, isVector: true)
    }
    guard !speculated || expr.isSafeToSpeculate, !expr.hasEffects else {
      throw VectorObstacle(reason: "an operand under a condition may fault")
    }
    return Lanes(Expr(.conditional(expr, .int(-1), .int(0)), type: .int), .int, isVector: false)
  }

  /// The condition's value as C defines it, 1 or 0 of type `int`.
  mutating func truth(_ condition: Expr, _ speculated: Bool) throws(VectorObstacle) -> Lanes {
    let found = try mask(condition, speculated: speculated)
    let bits = Expr(.binary(.bitAnd, found, .int(1)), type: found.type)
    let ints = try vectorType(.int)
    return Lanes(found.type == ints ? bits : convert(bits, to: ints), .int, isVector: true)
  }

  mutating func conditional(
    _ expr: Expr, _ condition: Expr, _ then: Expr, _ otherwise: Expr, _ speculated: Bool
  ) throws(VectorObstacle) -> Lanes {
    if !isVarying(condition) {
      guard !condition.hasEffects, !speculated || condition.isSafeToSpeculate else {
        throw VectorObstacle(reason: "a condition under a condition may fault")
      }
      let before = loaded
      let a = try splat(converted(evaluate(then, speculated: speculated), to: expr.type))
      loaded = before
      let b = try splat(converted(evaluate(otherwise, speculated: speculated), to: expr.type))
      loaded = before
      // GCC wants one type for both arms; the attributes of a typedef count.
      let (x, y) = (Expr.cast(a, to: a.type), Expr.cast(b, to: a.type))
      return Lanes(Expr(.conditional(condition, x, y), type: a.type), expr.type, isVector: true)
    }
    let chosen = try named(mask(condition, speculated: speculated), "chosen")
    let a = try converted(evaluate(then, speculated: true), to: expr.type)
    let b = try converted(evaluate(otherwise, speculated: true), to: expr.type)
    return try select(chosen, a, b)
  }

  /// `a` where the mask is set, `b` elsewhere; both of one type. `?:` on vectors is C++ in GCC, so the
  /// bits are combined.
  mutating func select(_ mask: Expr, _ a: Lanes, _ b: Lanes) throws(VectorObstacle) -> Lanes {
    guard let element = a.type.maskElement else {
      throw VectorObstacle(reason: "a choice has no vector form")
    }
    let bits = try vectorType(element)
    let chosen = mask.type == bits ? mask : try named(convert(mask, to: bits), "chosen")
    let inverse = Expr(.unary(.complement, chosen), type: bits)
    let x = Expr(.binary(.bitAnd, chosen, try asBits(a, bits)), type: bits)
    let y = Expr(.binary(.bitAnd, inverse, try asBits(b, bits)), type: bits)
    let result = Expr(.binary(.bitOr, x, y), type: bits)
    let type = try vectorType(a.type)
    return Lanes(type == bits ? result : .cast(result, to: type), a.type, isVector: true)
  }

  private mutating func asBits(_ value: Lanes, _ bits: CType) throws(VectorObstacle) -> Expr {
    if !value.isVector, value.type.canonical == bits.element { return value.expr }
    let vector = try splat(value)
    return vector.type == bits ? vector : .cast(vector, to: bits)
  }
}
