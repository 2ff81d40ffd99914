import JudgeKernels
import KernelModel

/// Sums with a `ContractedProduct`, as operations of their own.
extension BytecodeCompiler {
  /// `left op right` as a fused operation; nil when it is none.
  mutating func fused(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ type: CType)
    throws(Uninterpreted) -> Operand?
  {
    guard fuses, op == .add || op == .subtract else { return nil }
    if let product = ContractedProduct(left, in: type) {
      let factors = try factors(product, left, type)
      let addend = try convert(right, to: type)
      return try fuse(factors, addend, negates: (product.isNegated, op == .subtract), product)
    }
    if let product = ContractedProduct(right, in: type) {
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
    guard fuses, op == .add || op == .subtract, let product = ContractedProduct(source, in: type)
    else {
      return nil
    }
    let factors = try factors(product, source, type)
    let current = try load(target)
    let addend = try convert(current, to: type)
    let isNegated = product.isNegated != (op == .subtract)
    return try fuse(factors, addend, negates: (isNegated, false), product)
  }

  private mutating func factors(_ product: ContractedProduct, _ whole: Expr, _ type: CType)
    throws(Uninterpreted) -> (Operand, Operand)
  {
    let first = try convert(product.left, to: type)
    let left = product.right.hasEffects ? keep(first) : first
    return (left, try convert(product.right, to: type))
  }

  private mutating func fuse(
    _ factors: (Operand, Operand), _ addend: Operand, negates: (product: Bool, addend: Bool),
    _ product: ContractedProduct
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
