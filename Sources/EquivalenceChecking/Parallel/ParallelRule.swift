import KernelModel

/// Rule 17 on the tree: what can be seen of a parallel loop without knowing which cells it touches.
///
/// The loop is in OpenMP's canonical form (OpenMP 4.5, 2.6) with an iterator of its own; iterations end
/// at their end; a variable that is declared outside is not stored to; no parallel loop stands in
/// another.
struct ParallelRule {
  let function: Function
  /// Where the parallel loops begin.
  let loops: [Int]
  /// The byte of the text that was judged at a byte of the text that was parsed.
  let place: (Int) -> Int

  func check() throws(FormViolation) {
    var found: [Int: Loop] = [:]
    function.body.walk { statement in
      guard let loop = statement.asLoop, let range = range(statement),
        loops.contains(place(range.lowerBound))
      else { return }
      found[place(range.lowerBound)] = loop
    }
    for offset in loops {
      guard let loop = found[offset] else {
        throw FormViolation(.parallelLoops, "a parallel loop that is not found", at: offset)
      }
      if let reason = reason(loop) {
        throw FormViolation(.parallelLoops, "a parallel loop \(reason)", at: offset)
      }
    }
  }

  private func range(_ statement: Stmt) -> Range<Int>? {
    statement.origin.flatMap { function.origins[$0]?.range }
  }

  /// What stands against a loop; nil when nothing does.
  private func reason(_ loop: Loop) -> String? {
    guard let header = loop.counted, header.declares, let lower = header.lower else {
      return "that does not count with an iterator of its own"
    }
    guard ![.notEqual, .equal].contains(header.relation) else { return "that ends by '!='" }
    guard !lower.hasEffects, !header.bound.hasEffects, !header.bound.readsMemory else {
      return "whose bounds do more than compute"
    }
    guard let iterator = function[header.variable].type.integer, iterator.width >= 32,
      isHeld(header.bound, iterator), isHeld(lower, iterator)
    else { return "whose bounds have another type than its iterator" }
    if leaves(loop.body, inLoop: false, inSwitch: false) { return "that can be left early" }
    let isNested = loop.body.contains { statement in
      range(statement).map { statement.asLoop != nil && loops.contains(place($0.lowerBound)) }
        == true
    }
    if isNested { return "in a parallel loop" }
    if let name = sharedVariable(loop.body) {
      return "that stores to '\(name)', which all iterations share"
    }
    return nil
  }

  /// Whether the iterator's type has every value of a bound, and the comparison is one of numbers.
  private func isHeld(_ bound: Expr, _ iterator: IntegerType) -> Bool {
    if let value = bound.constantValue { return iterator.holds(value) }
    guard let own = bound.type.promoted.integer else { return false }
    if own.isSigned == iterator.isSigned { return own.width <= iterator.width }
    return iterator.isSigned && own.width < iterator.width
  }

  private func leaves(_ statement: Stmt, inLoop: Bool, inSwitch: Bool) -> Bool {
    switch statement.kind {
    case .returnValue, .opaque, .versioned: return true
    case .breakLoop: return !inLoop && !inSwitch
    default: break
    }
    let isLoop = statement.loopLabel != nil
    var isSwitch = inSwitch
    if case .switchOn = statement.kind { isSwitch = true }
    return statement.children.contains {
      leaves($0, inLoop: inLoop || isLoop, inSwitch: isSwitch && !isLoop)
    }
  }

  /// A variable that is declared outside and stored to inside. Elements of arrays are no variables: of
  /// these `IterationIndependence` speaks.
  private func sharedVariable(_ body: Stmt) -> String? {
    var stored = body.storedVariables
    body.walkExpressions { expr in
      switch expr.kind {
      case .assign(_, let target, _): if let root = Self.root(target) { stored.insert(root) }
      case .unary(let op, let target) where op.stores || op == .addressOf:
        if let root = Self.root(target) { stored.insert(root) }
      default: break
      }
    }
    let shared = stored.subtracting(body.declaredVariables).filter {
      if case .array = function[$0].type.canonical { false } else { true }
    }
    return shared.map { function[$0].name }.min()
  }

  /// The variable of which a target is a part: a member, or a lane.
  private static func root(_ target: Expr) -> VariableID? {
    switch target.kind {
    case .variable(let variable): variable
    case .member(let base, _, let isArrow): isArrow ? nil : root(base)
    case .subscriptOf(let base, _): base.type.isPointer ? nil : root(base)
    default: nil
    }
  }
}
