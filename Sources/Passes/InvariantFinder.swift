import KernelModel

/// Finds what a loop computes anew in every iteration without need.
struct InvariantFinder {
  /// A subexpression that keeps its value in the loop.
  struct Invariant {
    var expr: Expr
    /// Whether it may only be evaluated when the loops in `within` are entered, because it may fault
    /// or be undefined.
    var needsEntry: Bool
    var within: [LoopLabel]
  }

  let oracle: AliasOracle
  let loop: Loop
  /// Whether products may be fused with the sums that they feed, so that they must stay together.
  let keepsProducts: Bool
  private(set) var found: [Invariant] = []
  private var isCertain = true
  private var within: [LoopLabel] = []

  init(oracle: AliasOracle, loop: Loop, keepsProducts: Bool) {
    self.oracle = oracle
    self.loop = loop
    self.keepsProducts = keepsProducts
    // What is called with effects need not return.
    isCertain = !oracle.walk.writesAnything
    if let header = loop.counted { visit(header.bound, isTerm: false, isHeader: true) }
    visit(loop.body)
  }

  private mutating func visit(_ statement: Stmt) {
    switch statement.kind {
    case .block(let statements): for child in statements { visit(child) }
    case .loop(let inner):
      if let header = inner.counted {
        if let lower = header.lower { visit(lower, isTerm: false) }
        visit(header.bound, isTerm: false)
      }
      let runs = inner.counted.map { $0.alwaysEnters(in: oracle.function) } == true
      let isNested =
        inner.counted != nil && loop.perfectNest.contains { $0.label == inner.label }
        && inner.counted.map { header in
          oracle.isInvariant(header.bound) && header.lower.map(oracle.isInvariant) == true
        } == true
      let (certain, outer) = (isCertain, within)
      isCertain = isCertain && (isNested || runs)
      if !runs { within.append(inner.label) }
      if case .general(let initial, let condition, let increment) = inner.header {
        if let initial { visit(initial) }
        for expr in [condition, increment].compactMap({ $0 }) { visit(expr, isTerm: false) }
      }
      visit(inner.body)
      (isCertain, within) = (certain, outer)
    case .branch, .switchOn, .whileLoop, .doLoop, .versioned, .caseLabel, .defaultLabel:
      for expr in statement.expressions { visit(expr, isTerm: false) }
      let certain = isCertain
      isCertain = false
      for child in statement.children { visit(child) }
      isCertain = certain
    default: for expr in statement.expressions { visit(expr, isTerm: false) }
    }
    if statement.mayExitEarly { isCertain = false }
  }

  /// Visits an expression that is evaluated for its value; `isTerm` tells that it is a term of a
  /// floating sum.
  private mutating func visit(_ expr: Expr, isTerm: Bool, isHeader: Bool = false) {
    if isWorthwhile(expr, isHeader), !(isTerm && keepsProducts && expr.isProduct),
      oracle.isInvariant(expr)
    {
      if isHeader || isCertain || expr.isSafeToSpeculate {
        note(expr, needsEntry: !isHeader && !expr.isSafeToSpeculate)
        return
      }
    }
    let certain = isCertain
    defer { isCertain = certain }
    switch expr.kind {
    case .assign(let op, let target, let value):
      let isSum = (op == .add || op == .subtract) && target.type.isFloating
      visitAddress(target)
      visit(value, isTerm: isSum)
    case .unary(let op, let operand) where op.stores || op == .addressOf: visitAddress(operand)
    case .unary(.minus, let operand), .cast(let operand): visit(operand, isTerm: isTerm)
    case .binary(let op, let left, let right) where op.isLogical:
      visit(left, isTerm: false)
      isCertain = false
      visit(right, isTerm: false)
    case .binary(let op, let left, let right):
      let isSum = (op == .add || op == .subtract) && expr.type.isFloating
      visit(left, isTerm: isSum)
      visit(right, isTerm: isSum)
    case .conditional(let condition, let then, let otherwise):
      visit(condition, isTerm: false)
      isCertain = false
      visit(then, isTerm: isTerm)
      visit(otherwise, isTerm: isTerm)
    case .subscriptOf, .member, .unary(.dereference, _): visitAddress(expr)
    default: for child in expr.children { visit(child, isTerm: false) }
    }
  }

  private mutating func visitAddress(_ lvalue: Expr) {
    switch lvalue.kind {
    case .subscriptOf(let base, let index):
      if base.type.isArray { visitAddress(base) } else { visit(base, isTerm: false) }
      visit(index, isTerm: false)
    case .member(let base, _, let isArrow):
      if isArrow { visit(base, isTerm: false) } else { visitAddress(base) }
    case .unary(.dereference, let pointer): visit(pointer, isTerm: false)
    case .variable: break
    default: visit(lvalue, isTerm: false)
    }
  }

  /// Whether naming the value saves work: not for variables, constants, plain offsets.
  private func isWorthwhile(_ expr: Expr, _ isHeader: Bool) -> Bool {
    guard expr.type.isScalar, expr.constantValue == nil, expr.spelling == nil else { return false }
    if isHeader { return expr.readsMemory }
    switch expr.kind {
    case .subscriptOf, .member, .unary(.dereference, _): return true
    case .binary(let op, let a, let b):
      // `n - 1` costs nothing; pointer sums are part of addressing.
      return !(op == .add || op == .subtract) || !(a.isPlain && b.isPlain) || expr.type.isFloating
    case .unary(let op, let operand):
      return (op == .minus || op == .complement || op == .not) && operand.constantValue == nil
        && !(operand.type.isFloating && operand.isNumber)
    case .call(_, _, let purity): return purity != .effects
    case .cast(let operand):
      return operand.type.isFloating != expr.type.isFloating
        && !operand.isNumber
    case .conditional: return true
    default: return false
    }
  }

  private mutating func note(_ expr: Expr, needsEntry: Bool) {
    if let index = found.firstIndex(where: { $0.expr.key == expr.key }) {
      found[index].needsEntry = found[index].needsEntry && needsEntry
      if found[index].within.count > within.count { found[index].within = within }
      return
    }
    found.append(Invariant(expr: expr, needsEntry: needsEntry, within: within))
  }
}

extension Expr {
  /// A product, perhaps negated or converted to its own type: what compilers fuse with a sum.
  var isProduct: Bool {
    guard type.isFloating else { return false }
    switch kind {
    case .binary(.multiply, _, _): return true
    case .unary(.minus, let operand), .unary(.plus, let operand), .cast(let operand):
      return operand.isProduct
    case .conditional(_, let a, let b): return a.isProduct || b.isProduct
    default: return false
    }
  }

  var isNumber: Bool {
    switch kind {
    case .integer, .floating: true
    default: constantValue != nil
    }
  }
}
