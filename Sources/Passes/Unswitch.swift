public import ExperimentRecords
public import KernelModel

/// Decides once, before a loop, what every iteration would decide alike.
///
///     for i { A; if (c) { B; } else { C; } }
///       →
///     if (c) { for i { A; B; } } else { for i.else { A; C; } }
///
/// The first condition in the loop that keeps its value is taken, of an `if` or a `?:`; every other
/// mention of it as a condition is decided with it. Loops of the second version are labelled with the
/// suffix `.else`. A condition that may fault is tested only after the loop's own first test.
///
/// Legal iff: nothing in the loop stores to what the condition mentions or reads, it has no effect,
/// and it is evaluated in every first iteration or cannot fault.
///
/// Also called: loop unswitching.
///
/// Reference: Allen & Cocke, "A Catalogue of Optimizing Transformations", 1972; Muchnick, ch. 18.
public struct Unswitch: Pass {
  public static let name = "unswitch"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop before which the condition is decided")
  ]

  /// The loop before which the condition is decided.
  public var loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let target = kernel.function.body.loop(loop), let header = target.counted,
      let oracle = AliasOracle(kernel, loop: loop)
    else { throw refusal("there is no counted loop '\(loop)'") }
    guard !oracle.walk.touchesVolatile else {
      throw refusal("loop '\(loop)' accesses a volatile object")
    }
    let finder = ConditionFinder(oracle: oracle, loop: target)
    guard let found = finder.found else {
      throw refusal(
        finder.firstUnsafe == nil
          ? "no condition in loop '\(loop)' keeps its value"
          : "the condition that keeps its value in loop '\(loop)' may fault where it is not reached"
      )
    }
    var whole = found.condition
    if found.needsEntry {
      switch header.entry(in: kernel.function) {
      case .always: break
      case .never: throw refusal("loop '\(loop)' never runs")
      case .when(let entry):
        let isKnown = kernel.function.knownConditions(at: loop).contains(entry.key)
        if !isKnown { whole = .binary(.logicalAnd, entry, whole) }
      }
    }
    let key = found.condition.key
    guard kernel.build.contraction == .off || !target.body.decidesProducts(key) else {
      throw refusal("deciding a condition in loop '\(loop)' may fuse a product with a sum")
    }
    var copier = StatementCopier(kernel.function)
    let second = Stmt.loop(target).deciding(key, as: false)
    guard let otherwise = copier.copy(second, suffix: "else") else {
      throw refusal("the body of loop '\(loop)' cannot be copied")
    }
    var function = copier.function
    let body = function.body.replacingLoop(loop) { statement, _ in
      let then = statement.deciding(key, as: true)
      return [.branch(whole, .block([then]), else: .block([otherwise]))]
    }
    if let body { function.body = body }
    var result = kernel
    result.function = function
    return result
  }
}

/// Finds a condition that keeps its value in a loop.
struct ConditionFinder {
  let oracle: AliasOracle
  private(set) var found: (condition: Expr, needsEntry: Bool)?
  /// A condition that would do but may fault where the original does not evaluate it.
  private(set) var firstUnsafe: Expr?
  private var isCertain = true

  init(oracle: AliasOracle, loop: Loop) {
    self.oracle = oracle
    // What is called with effects need not return.
    isCertain = !oracle.walk.writesAnything
    visit(loop.body)
  }

  private mutating func visit(_ statement: Stmt) {
    if found != nil { return }
    if case .branch(let condition, _, _) = statement.kind { consider(condition) }
    for expr in statement.expressions { visit(expr) }
    let certain = isCertain
    switch statement.kind {
    case .block, .expression, .declaration: break
    case .loop(let loop):
      isCertain = isCertain && loop.counted?.alwaysEnters(in: oracle.function) == true
    default: isCertain = false
    }
    for child in statement.children { visit(child) }
    isCertain = certain
    if statement.mayExitEarly { isCertain = false }
  }

  private mutating func visit(_ expr: Expr) {
    if found != nil { return }
    let certain = isCertain
    defer { isCertain = certain }
    switch expr.kind {
    case .conditional(let condition, let then, let otherwise):
      consider(condition)
      visit(condition)
      isCertain = false
      visit(then)
      visit(otherwise)
    case .binary(let op, let left, let right) where op.isLogical:
      visit(left)
      isCertain = false
      visit(right)
    default: for child in expr.children { visit(child) }
    }
  }

  private mutating func consider(_ condition: Expr) {
    guard found == nil, condition.type.isScalar, condition.constantValue == nil,
      oracle.isInvariant(condition)
    else { return }
    let isSafe = condition.isSafeToSpeculate
    guard isSafe || isCertain else {
      firstUnsafe = firstUnsafe ?? condition
      return
    }
    found = (condition, !isSafe)
  }
}

extension Stmt {
  /// The statement with every test of the condition decided.
  fileprivate func deciding(_ key: String, as truth: Bool) -> Stmt {
    var copy = self
    if case .branch(let condition, let then, let otherwise) = kind, condition.key == key {
      let chosen = truth ? then : otherwise ?? .empty
      return chosen.deciding(key, as: truth)
    }
    copy = copy.mapExpressions { $0.deciding(key, as: truth) }
    if case .block(let statements) = copy.kind {
      var result: [Stmt] = []
      for statement in statements {
        let decided = statement.deciding(key, as: truth)
        // The chosen arm joins the block; one with declarations keeps its own scope.
        let joins = if case .branch = statement.kind { decided.declares == false } else { false }
        result += joins ? decided.statements : [decided]
      }
      copy.kind = .block(result)
      return copy
    }
    return copy.mapChildren { $0.deciding(key, as: truth) }
  }

  private var declares: Bool {
    statements.contains { if case .declaration = $0.kind { true } else { false } }
  }
}

extension Stmt {
  /// Whether a `?:` on the condition chooses a floating product, which stands apart from a sum that it
  /// feeds as long as it is chosen (C11 §6.5 ¶8: contraction is within one expression).
  fileprivate func decidesProducts(_ key: String) -> Bool {
    var found = false
    walkExpressions { node in
      guard case .conditional(let condition, let then, let otherwise) = node.kind,
        condition.key == key
      else { return }
      found = found || then.endsInFloatingProduct || otherwise.endsInFloatingProduct
    }
    return found
  }
}

extension Expr {
  /// Whether the value is a floating product, as far as signs and choices around it do not matter.
  var endsInFloatingProduct: Bool {
    switch kind {
    case .binary(.multiply, _, _): type.isFloating
    case .unary(.minus, let operand), .unary(.plus, let operand): operand.endsInFloatingProduct
    case .conditional(_, let then, let otherwise):
      then.endsInFloatingProduct || otherwise.endsInFloatingProduct
    default: false
    }
  }

  fileprivate func deciding(_ key: String, as truth: Bool) -> Expr {
    guard case .conditional(let condition, let then, let otherwise) = kind, condition.key == key
    else { return mapChildren { $0.deciding(key, as: truth) } }
    let chosen = (truth ? then : otherwise).deciding(key, as: truth)
    return chosen.type.canonical == type.canonical ? chosen : .cast(chosen, to: type)
  }
}
