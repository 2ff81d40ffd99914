import KernelModel

/// A product that clang's front end fuses with the sum which it feeds (`-ffp-contract=on`).
///
/// It is a `*` that is an operand of `+`, `-`, `+=` or `-=` in the sum's own type, through parentheses,
/// unary plus and conversions that change nothing; the left operand first when both are products
/// (CodeGen's `tryEmitFMulAdd`). A product of constants is folded before. Later clangs look through a
/// negation as well; such a sum is marked, and is equal to none but its like.
struct ContractedProduct {
  let left: Expr
  let right: Expr
  private(set) var isNegated: Bool

  /// The product that `expr` is to a sum of `type`; nil when it is none.
  init?(_ expr: Expr, in type: CType) {
    guard let found = Self.find(expr, type) else { return nil }
    self = found
  }

  private init(_ left: Expr, _ right: Expr) {
    (self.left, self.right, isNegated) = (left, right, false)
  }

  private static func find(_ expr: Expr, _ type: CType) -> ContractedProduct? {
    guard isSameFloating(expr.type, type) else { return nil }
    switch expr.kind {
    case .binary(.multiply, let left, let right):
      if left.isFoldedConstant && right.isFoldedConstant { return nil }
      return ContractedProduct(left, right)
    case .unary(.plus, let inner), .cast(let inner): return find(inner, type)
    case .comma(_, let last): return last.hasEffects ? nil : find(last, type)
    case .unary(.minus, let inner):
      guard var found = find(inner, type), !found.isNegated else { return nil }
      found.isNegated = true
      return found
    default: return nil
    }
  }

  /// Whether both are one floating type, or vectors of one.
  private static func isSameFloating(_ a: CType, _ b: CType) -> Bool {
    if let x = a.floatingType { return x == b.floatingType }
    guard case .vector(let x, let lanes) = a.canonical,
      case .vector(let y, let others) = b.canonical
    else { return false }
    return lanes == others && x.isFloating && x.floatingType == y.floatingType
  }
}

extension Expr {
  /// Whether it is a constant expression that reads and stores nothing.
  var isConstantExpression: Bool {
    isFoldedConstant
      && !contains {
        switch $0.kind {
        case .unary(.dereference, _), .unary(.addressOf, _): true
        default: $0.hasEffects
        }
      }
  }

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
