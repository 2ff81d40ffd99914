import IslBindings
import KernelModel

/// Where clang's front end fuses a product with the sum that it feeds (`-ffp-contract=on`): a `*` that
/// is an operand of `+`, `-`, `+=` or `-=` in the sum's own type, through parentheses, unary plus and
/// conversions that change nothing; the left operand first (CodeGen's `tryEmitFMulAdd`). Of a negated
/// product only later clangs make a fused one: such a sum is marked.
extension ProgramReader {
  private struct Product {
    var left: Expr
    var right: Expr
    var isNegated: Bool
  }

  private func product(_ expr: Expr, in type: CType) -> Product? {
    guard sameFloating(expr.type, type) else { return nil }
    switch expr.kind {
    case .binary(.multiply, let left, let right):
      if left.isFolded && right.isFolded { return nil }
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

  private func sameFloating(_ a: CType, _ b: CType) -> Bool {
    if let x = a.floatingType { return x == b.floatingType }
    guard case .vector(let x, let lanes) = a.canonical,
      case .vector(let y, let others) = b.canonical
    else { return false }
    return lanes == others && x.isFloating && x.floatingType == y.floatingType
  }

  /// `left op right` as a fused operation; nil when it is none.
  func fused(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ type: CType) throws
    -> SymbolicValue?
  {
    guard contraction == .on, op == .add || op == .subtract else { return nil }
    if let product = product(left, in: type) {
      let before = effects
      let factors = try factors(product, type)
      let addend = try value(right, as: type)
      try refuseEffects(since: before, factors.0, factors.1, addend)
      return try fuse(factors, addend, (product.isNegated, op == .subtract), product)
    }
    if let product = product(right, in: type) {
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
      let product = product(source, in: type)
    else { return nil }
    let before = effects
    let factors = try factors(product, type)
    let addend = try convert(try load(target), to: type)
    try refuseEffects(since: before, factors.0, factors.1, addend)
    let isNegated = product.isNegated != (op == .subtract)
    return try fuse(factors, addend, (isNegated, false), product)
  }

  private func factors(_ product: Product, _ type: CType) throws -> (SymbolicValue, SymbolicValue) {
    (try value(product.left, as: type), try value(product.right, as: type))
  }

  private func fuse(
    _ factors: (SymbolicValue, SymbolicValue), _ addend: SymbolicValue,
    _ negates: (product: Bool, addend: Bool), _ product: Product
  ) throws -> SymbolicValue {
    let op = GraphOperator.fused(
      negatesProduct: negates.product, negatesAddend: negates.addend,
      isMarked: product.isNegated)
    func one(_ a: ScalarValue, _ b: ScalarValue, _ c: ScalarValue) throws -> ScalarValue {
      ScalarValue(try make(op, c.type, [try a.asNode(), try b.asNode(), try c.asNode()]))
    }
    switch (factors.0, factors.1, addend) {
    case (.scalar(let a), .scalar(let b), .scalar(let c)): return .scalar(try one(a, b, c))
    case (.lanes(let a, let count), .lanes(let b, _), .lanes(let c, _)):
      return .lanes(try one(a, b, c), count)
    default: throw Unproved("a sum of products that is not read")
    }
  }
}

extension Expr {
  /// Whether the compiler knows the value while it translates.
  fileprivate var isFolded: Bool {
    !contains {
      switch $0.kind {
      case .integer, .floating, .sizeOf, .unary, .binary, .cast, .conditional: $0.hasEffects
      default: true
      }
    }
  }
}
