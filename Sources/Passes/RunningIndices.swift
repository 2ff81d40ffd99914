import KernelModel

/// Running values for products of an iterator in subscripts.
struct RunningIndices {
  let oracle: AliasOracle
  let header: CountedHeader
  var function: Function
  /// A signed type of 64 bits.
  let wideType: CType
  /// Declarations before the loop and updates at the end of its body.
  private(set) var starts: [Stmt] = []
  private(set) var steps: [Stmt] = []
  private var running: [String: Expr] = [:]

  init(oracle: AliasOracle, header: CountedHeader, function: Function, wideType: CType) {
    self.oracle = oracle
    self.header = header
    self.function = function
    self.wideType = wideType
  }

  mutating func rewrite(_ body: Stmt) -> Stmt {
    var copy = self
    let result = body.rewritingExpressions { node in
      switch node.kind {
      case .subscriptOf(let base, let index):
        let new = copy.reduced(index)
        return new == index ? node : Expr(.subscriptOf(base, new), type: node.type)
      default: return node
      }
    }
    self = copy
    return result
  }

  /// An index with products of the iterator replaced. Only sums are entered: elsewhere a wider type
  /// could change the value.
  private mutating func reduced(_ index: Expr) -> Expr {
    if let value = product(index) { return value }
    guard case .binary(let op, let a, let b) = index.kind, op == .add || op == .subtract,
      index.type.isInteger
    else { return index }
    let (x, y) = (reduced(a), reduced(b))
    guard x != a || y != b else { return index }
    // A signed sum that does not overflow has the same value in 64 bits; an unsigned one keeps its
    // type, since its running products do.
    return .binary(op, x, y)
  }

  private mutating func product(_ expr: Expr) -> Expr? {
    guard case .binary(.multiply, let a, let b) = expr.kind, let type = expr.type.integer else {
      return nil
    }
    if let known = running[expr.key] { return known }
    let iterator = Expr.Kind.variable(header.variable)
    let factor = a.kind == iterator ? b : b.kind == iterator ? a : nil
    guard let factor, oracle.isInvariant(factor), !factor.readsMemory,
      factor.constantValue == nil, factor.isPlain
    else { return nil }
    // Sums of 64-bit products may overflow in the step after the last iteration.
    guard !type.isSigned || type.width < 64 else { return nil }
    let wide = type.isSigned ? wideType : .integer(type)
    let start = header.start(in: function)
    guard start.type.integer?.isSigned == type.isSigned || start.constantValue != nil else {
      return nil
    }
    let stem = expr.stem(in: function)
    let variable = function.introduce(stem, type: wide)
    let place = function.reference(variable)
    let convert = { (value: Expr) in
      value.type.canonical == wide.canonical || value.constantValue != nil
        ? value : .cast(value, to: wide)
    }
    let first =
      start.constantValue == 0
      ? Expr.int(0) : Expr.binary(.multiply, convert(start), convert(factor)).simplifiedDeep
    starts.append(.declare(variable, first))
    let amount: Expr =
      abs(header.step) == 1
      ? factor : .binary(.multiply, convert(.int(abs(header.step))), convert(factor))
    steps.append(.expression(.compound(header.step > 0 ? .add : .subtract, place, amount)))
    running[expr.key] = place
    return place
  }
}
