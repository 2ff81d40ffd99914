import IslBindings
import KernelModel

/// Sums with a `ContractedProduct`, as operations of their own.
extension ProgramReader {
  /// `left op right` as a fused operation; nil when it is none.
  func fused(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ type: CType) throws
    -> SymbolicValue?
  {
    guard contraction == .on, op == .add || op == .subtract else { return nil }
    if let product = ContractedProduct(left, in: type) {
      let before = effects
      let factors = try factors(product, type)
      let addend = try value(right, as: type)
      try refuseEffects(since: before, factors.0, factors.1, addend)
      return try fuse(factors, addend, (product.isNegated, op == .subtract), product)
    }
    if let product = ContractedProduct(right, in: type) {
      let before = effects
      let addend = try value(left, as: type)
      let factors = try factors(product, type)
      try refuseEffects(since: before, factors.0, factors.1, addend)
      let isNegated = product.isNegated != (op == .subtract)
      return try fuse(factors, addend, (isNegated, false), product)
    }
    return nil
  }

  /// `target op= source` as a fused operation.
  func fused(_ op: BinaryOperator, target: Place, _ source: Expr, _ type: CType) throws
    -> SymbolicValue?
  {
    guard contraction == .on, op == .add || op == .subtract,
      let product = ContractedProduct(source, in: type)
    else { return nil }
    let before = effects
    let factors = try factors(product, type)
    let addend = try convert(try load(target), to: type)
    try refuseEffects(since: before, factors.0, factors.1, addend)
    let isNegated = product.isNegated != (op == .subtract)
    return try fuse(factors, addend, (isNegated, false), product)
  }

  private func factors(_ product: ContractedProduct, _ type: CType) throws
    -> (SymbolicValue, SymbolicValue)
  {
    (try value(product.left, as: type), try value(product.right, as: type))
  }

  private func fuse(
    _ factors: (SymbolicValue, SymbolicValue), _ addend: SymbolicValue,
    _ negates: (product: Bool, addend: Bool), _ product: ContractedProduct
  ) throws -> SymbolicValue {
    let op = GraphOperator.fused(
      negatesProduct: negates.product, negatesAddend: negates.addend,
      isMarked: product.isNegated)
    func one(_ a: ScalarValue, _ b: ScalarValue, _ c: ScalarValue) throws -> ScalarValue {
      ScalarValue(make(op, c.type, [try a.asNode(), try b.asNode(), try c.asNode()]))
    }
    switch (factors.0, factors.1, addend) {
    case (.scalar(let a), .scalar(let b), .scalar(let c)): return .scalar(try one(a, b, c))
    case (.lanes(let a, let count), .lanes(let b, _), .lanes(let c, _)):
      return .lanes(try one(a, b, c), count)
    default: throw Unproved("a sum of products that is not read")
    }
  }
}

extension BuildFlags {
  /// Whether the flags give the target an instruction that multiplies and adds with one rounding.
  /// Unknown processors, `native` among them, have none.
  var targetFuses: Bool {
    #if arch(arm64)
      return true
    #else
      if arguments.contains("-mno-fma") { return false }
      if arguments.contains("-mfma") { return true }
      guard let named = arguments.last(where: { $0.hasPrefix("-march=") }) else { return false }
      return Self.fusing.contains(String(named.dropFirst("-march=".count)))
    #endif
  }

  private static let fusing: Set<String> = [
    "x86-64-v3", "x86-64-v4", "haswell", "broadwell", "skylake", "skylake-avx512", "cascadelake",
    "icelake-client", "icelake-server", "sapphirerapids", "znver1", "znver2", "znver3", "znver4",
  ]
}
