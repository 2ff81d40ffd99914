import JudgeKernels
import KernelModel

/// Where clang's front end fuses a product with the sum that it feeds (`-ffp-contract=on`): a `*` that
/// is an operand of `+`, `-`, `+=` or `-=` in the sum's own type, through parentheses, unary plus and
/// conversions that change nothing; the left operand first when both are products (CodeGen's
/// `tryEmitFMulAdd`). A product of constants is folded before. Later clangs look through a negation
/// as well; such a sum is marked, and is equal to none but its like.
extension BytecodeCompiler {
  /// A product that may be fused.
  private struct Product {
    var left: Expr
    var right: Expr
    var isNegated: Bool
  }

  private func product(_ expr: Expr, in type: CType) -> Product? {
    guard sameFloating(expr.type, type) else { return nil }
    switch expr.kind {
    case .binary(.multiply, let left, let right):
      if left.isFoldedConstant && right.isFoldedConstant { return nil }
      return Product(left: left, right: right, isNegated: false)
    case .unary(.plus, let inner), .cast(let inner): return product(inner, in: type)
    case .comma(_, let last): return last.hasEffects ? nil : product(last, in: type)
    case .unary(.minus, let inner):
      guard var found = product(inner, in: type), !found.isNegated else { return nil }
      found.isNegated = true
      return found
    default: return nil
    }
  }

  /// Whether both are one floating type, or vectors of one.
  private func sameFloating(_ a: CType, _ b: CType) -> Bool {
    if let x = a.floatingType { return x == b.floatingType }
    guard case .vector(let x, let lanes) = a.canonical,
      case .vector(let y, let others) = b.canonical
    else { return false }
    return lanes == others && x.isFloating && x.floatingType == y.floatingType
  }

  /// `left op right` as a fused operation; nil when it is none.
  mutating func fused(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ type: CType)
    throws(Uninterpreted) -> Operand?
  {
    guard fuses, op == .add || op == .subtract else { return nil }
    if let product = product(left, in: type) {
      let factors = try factors(product, left, type)
      let addend = try convert(right, to: type)
      return try fuse(factors, addend, negates: (product.isNegated, op == .subtract), product)
    }
    if let product = product(right, in: type) {
      let addend = keep(try convert(left, to: type))
      let factors = try factors(product, right, type)
      let isNegated = product.isNegated != (op == .subtract)
      return try fuse(factors, addend, negates: (isNegated, false), product)
    }
    return nil
  }

  /// `target op= source` as a fused operation.
  mutating func fused(
    _ op: BinaryOperator, target: Place, _ targetType: CType, _ source: Expr, _ type: CType
  ) throws(Uninterpreted) -> Operand? {
    guard fuses, op == .add || op == .subtract, let product = product(source, in: type) else {
      return nil
    }
    let factors = try factors(product, source, type)
    let current = try load(target)
    let addend = try convert(current, to: type)
    let isNegated = product.isNegated != (op == .subtract)
    return try fuse(factors, addend, negates: (isNegated, false), product)
  }

  private mutating func factors(_ product: Product, _ whole: Expr, _ type: CType)
    throws(Uninterpreted) -> (Operand, Operand)
  {
    let first = try convert(product.left, to: type)
    let left = product.right.hasEffects ? keep(first) : first
    return (left, try convert(product.right, to: type))
  }

  private mutating func fuse(
    _ factors: (Operand, Operand), _ addend: Operand, negates: (product: Bool, addend: Bool),
    _ product: Product
  ) throws(Uninterpreted) -> Operand {
    let aux =
      (negates.product ? 1 : 0) | (negates.addend ? 2 : 0) | (product.isNegated ? 4 : 0)
    switch (factors.0, factors.1, addend) {
    case (.scalar(let a, let type), .scalar(let b, _), .scalar(let c, _)):
      return .scalar(fuse(a, b, c, type, UInt8(aux)), type)
    case (.vector(let a, let type), .vector(let b, _), .vector(let c, _)):
      var lanes: [Register] = []
      for lane in a.indices { lanes.append(fuse(a[lane], b[lane], c[lane], type, UInt8(aux))) }
      return .vector(lanes, type)
    default: throw unsupported("this sum of products")
    }
  }

  mutating func fuse(
    _ a: Register, _ b: Register, _ c: Register, _ type: MachineType, _ aux: UInt8
  ) -> Register {
    let d = buffer.temporary()
    buffer.emit(.init(op: RK_FUSED, type: type.raw, aux: aux, d: d, a: a, b: b, c: c))
    return d
  }
}

extension Expr {
  /// Whether the compiler knows the value while it translates.
  fileprivate var isFoldedConstant: Bool {
    !contains {
      switch $0.kind {
      case .integer, .floating, .sizeOf, .unary, .binary, .cast, .conditional: $0.hasEffects
      default: true
      }
    }
  }
}
