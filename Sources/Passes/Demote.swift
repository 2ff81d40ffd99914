public import ExperimentRecords
public import KernelModel

/// Computes a scalar in the array element that it is stored to in the end.
///
///     for j { s = 0; for k { s += a[k] * b[k][j]; } c[j] = s; }
///       →
///     for j { c[j] = 0; for k { c[j] += a[k] * b[k][j]; } }
///
/// The scalar is set before the loop and stored right after it, whole or as a part of a value
/// (`c[j] = s / d`). What it held in between the element holds; other passes may then distribute the
/// loops around, interchange and tile them.
///
/// Legal iff: the scalar has the element's type, no other use of it sees its value, and its address is
/// not taken; the element's address is the same throughout; nothing in
/// between may overlap the element or touches memory that is not seen; and the loop is left at its
/// end alone, so that the element is stored in any case.
///
/// Also called: register demotion, accumulating in memory, the inverse of scalar replacement.
///
/// Reference: Allen & Kennedy, ch. 5.3 (scalar expansion), of which it is the case where the array is
/// there.
public struct Demote: Pass {
  public static let name = "demote"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop between the scalar's first value and its store")
  ]

  /// The loop between the scalar's first value and its store.
  public var loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    loop = try ArgumentReader(step, for: Self.parameters).loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  /// A scalar's life, in the block that holds the loop.
  private struct Life {
    var scalar: VariableID
    /// What it holds first.
    var value: Expr
    /// Where it gets it, and where the element is stored.
    var positions: ClosedRange<Int>
    var element: Expr
    /// What is stored behind the loop.
    var stored: Expr
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let around = kernel.function.body.enclosingLoops(of: loop) else {
      throw refusal("there is no loop '\(loop)'")
    }
    // The loop right around; the list may end with the loop itself.
    let outer = around.last { $0 != loop }
    let kernel = outer.map { PrivateScalars.localized(in: $0, of: kernel) } ?? kernel
    let function = kernel.function
    guard let statements = function.body.block(holding: loop),
      let position = statements.firstIndex(where: { $0.loopLabel == loop })
    else { throw refusal("loop '\(loop)' stands alone: nothing is set before it and stored after") }
    let life = try life(in: statements, around: position, function)
    try requireOwnStorage(of: life, in: statements, kernel)
    var region = Array(statements[life.positions].dropLast())
    let first = region.removeFirst()
    var rewritten: [Stmt] = []
    for statement in region {
      guard let new = statement.replacing(life.scalar, with: life.element, in: function) else {
        throw refusal("'\(function[life.scalar].name)' cannot be replaced everywhere")
      }
      rewritten.append(new)
    }
    if life.stored.kind != .variable(life.scalar) {
      let value = life.stored.replacingTopDown { expr in
        expr.kind == .variable(life.scalar) ? life.element : nil
      }
      rewritten.append(.expression(.assign(life.element, value)))
    }
    if life.value.key != life.element.key {
      var start = first
      start.kind = .expression(.assign(life.element, life.value))
      rewritten.insert(start, at: 0)
    }
    var result = kernel
    result.function.body = function.body.replacingBlock(holding: loop) { old in
      Array(old[..<life.positions.lowerBound]) + rewritten
        + Array(old[(life.positions.upperBound + 1)...])
    }
    result.function.dropUnusedLocals([life.scalar])
    return result
  }

  /// Finds the scalar by the store behind the loop.
  private func life(in statements: [Stmt], around position: Int, _ function: Function)
    throws(Refusal) -> Life
  {
    guard position + 1 < statements.count,
      case .expression(let store) = statements[position + 1].kind,
      case .assign(nil, let element, let value) = store.kind,
      let scalar = statements[position].asLoop.flatMap({ scalar(of: value, in: $0) })
    else { throw refusal("no scalar is stored right behind loop '\(loop)'") }
    switch element.kind {
    case .subscriptOf, .unary(.dereference, _): break
    default: throw refusal("what is stored to behind loop '\(loop)' is no element of an array")
    }
    let symbol = function[scalar]
    guard symbol.storage == .local || symbol.storage == .introduced,
      symbol.type.qualifiers.isDisjoint(with: [.volatile, .atomic]),
      !function.body.takesAddress(of: scalar)
    else { throw refusal("'\(symbol.name)' is no local scalar") }
    guard symbol.type.isArithmetic, symbol.type.canonical == element.type.canonical else {
      throw refusal("'\(symbol.name)' and the element that it is stored to have different types")
    }
    guard
      let start = statements[..<position].lastIndex(where: {
        $0.mentionedVariables.contains(scalar) || $0.declaredVariables.contains(scalar)
      }), let initial = Self.value(of: scalar, in: statements[start])
    else { throw refusal("'\(symbol.name)' is not set beside loop '\(loop)'") }
    return Life(
      scalar: scalar, value: initial, positions: start...position + 1, element: element,
      stored: value)
  }

  /// The one variable of the value that the loop stores to.
  private func scalar(of value: Expr, in loop: Loop) -> VariableID? {
    let changed = value.mentionedVariables.intersection(loop.body.storedVariables)
    return changed.count == 1 && !value.hasEffects ? changed.first : nil
  }

  /// What the statement sets the scalar to, if that is all it does.
  private static func value(of scalar: VariableID, in statement: Stmt) -> Expr? {
    let value: Expr
    switch statement.kind {
    case .declaration(let declarators):
      guard declarators.count == 1, declarators[0].variable == scalar,
        let initializer = declarators[0].initializer
      else { return nil }
      value = initializer
    case .expression(let expr):
      guard case .assign(nil, let target, let assigned) = expr.kind,
        target.kind == .variable(scalar)
      else { return nil }
      value = assigned
    default: return nil
    }
    return value.mentionedVariables.contains(scalar) || value.hasEffects ? nil : value
  }

  private func requireOwnStorage(of life: Life, in statements: [Stmt], _ kernel: Kernel)
    throws(Refusal)
  {
    let function = kernel.function
    let name = function[life.scalar].name
    let region = Stmt.block(Array(statements[life.positions]))
    guard region.mentions(of: life.scalar) == function.body.mentions(of: life.scalar) else {
      throw refusal("the value of '\(name)' is used beside loop '\(loop)' as well")
    }
    guard !region.mayExitEarly else {
      throw refusal("control may leave between the first value of '\(name)' and its store")
    }
    let found = function.body.find { $0.loopLabel == loop }
    let facts = found?.facts ?? []
    let oracle = AliasOracle(kernel, region: region, facts: facts, at: loop)
    let text = CPrinter(function: function, source: kernel.source).text(life.element)
    let walk = oracle.walk
    if walk.touchesVolatile { throw refusal("loop '\(loop)' accesses a volatile object") }
    if walk.readsAnything || walk.writesAnything {
      throw refusal("a call or opaque statement beside '\(text)' may touch it")
    }
    guard oracle.isAddressInvariant(life.element) else {
      throw refusal("the address of '\(text)' may change before it is stored")
    }
    let key = life.element.key
    let own = walk.accesses.filter { $0.lvalue.key == key }
    let reads = life.value.key == key ? 1 : 0
    guard own.count(where: \.isWrite) == 1, own.count(where: \.isRead) == reads else {
      throw refusal("'\(text)' is used before '\(name)' is stored to it")
    }
    // What holds in the loop is known of its accesses alone.
    var overlapping: [Expr] = []
    for statement in statements[life.positions] {
      let isLoop = statement.loopLabel == loop
      let own = AliasOracle(
        kernel, region: isLoop ? statement : .block([statement]), facts: facts, at: loop)
      overlapping += own.walk.accesses.map(\.lvalue).filter {
        $0.key != key && (isLoop ? own : oracle).mayOverlap($0, life.element)
      }
    }
    for lvalue in overlapping.prefix(1) {
      let other = CPrinter(function: function, source: kernel.source).text(lvalue)
      throw refusal("'\(text)' may overlap '\(other)'")
    }
  }
}

extension AliasOracle {
  /// Whether an lvalue designates one object throughout the region.
  func isAddressInvariant(_ lvalue: Expr) -> Bool {
    switch lvalue.kind {
    case .variable: true
    case .subscriptOf(let base, let index):
      isInvariant(index) && (base.type.isArray ? isAddressInvariant(base) : isInvariant(base))
    case .member(let base, _, let isArrow):
      isArrow ? isInvariant(base) : isAddressInvariant(base)
    case .unary(.dereference, let pointer): isInvariant(pointer)
    default: false
    }
  }
}
