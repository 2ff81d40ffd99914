import KernelModel

/// Sorts the variables that a loop's body stores to by what vectorizing makes of them.
struct LaneClasses {
  /// Locals whose value differs between lanes.
  var varying: Set<VariableID> = []
  /// Varying variables of an outer scope that each iteration sets before it reads them.
  var privates: [VariableID] = []
  /// Accumulators, with the operation of all updates.
  var reductions: [(variable: VariableID, operation: ScalarReduction.Operation)] = []

  /// `mayReorder`: whether floating-point sums are accumulators too.
  init(_ kernel: Kernel, _ loop: Loop, iterator: VariableID, mayReorder: Bool)
    throws(VectorObstacle)
  {
    let function = kernel.function
    let inside = loop.body.declaredVariables
    var accumulators: Set<VariableID> = []
    for variable in loop.body.storedVariables.subtracting(inside).sorted() {
      if loop.body.firstUse(of: variable) != .read { continue }
      let type = function[variable].type
      // Elements are memory, of which the dependences tell.
      if type.isArray { continue }
      guard let operation = Self.reduction(of: variable, over: loop, function) else {
        throw VectorObstacle(
          reason: "'\(function[variable].name)' carries a value from iteration to iteration")
      }
      guard type.isInteger || mayReorder else {
        throw VectorObstacle(
          reason: "the result '\(function[variable].name)' of floating-point operations depends on "
            + "their order, and 'order: free' is not given")
      }
      accumulators.insert(variable)
      reductions.append((variable, operation))
    }
    varying = accumulators
    // The set only grows and is bounded by the variables of the function.
    while true {
      let before = varying
      spread(loop.body, iterator, isUnderLanes: false)
      if varying == before { break }
    }
    for variable in varying.subtracting(inside).subtracting(accumulators).sorted() {
      guard !function.mentions(variable, outside: loop.label) else {
        throw VectorObstacle(
          reason: "'\(function[variable].name)' may be read after the loop")
      }
      privates.append(variable)
    }
  }

  /// The operation by which the loop brings values into a scalar of a type that vectors have.
  private static func reduction(of variable: VariableID, over loop: Loop, _ function: Function)
    -> ScalarReduction.Operation?
  {
    let type = function[variable].type
    guard type.byteSize != nil, !function.body.takesAddress(of: variable) else { return nil }
    if let op = loop.body.reductionOperator(of: variable, type) {
      return ScalarReduction.Operation(op)
    }
    let found = ScalarReduction(of: variable, in: loop.body, function)?.operation
    let isChoice = found == .minimum || found == .maximum
    return isChoice && function.isSet(variable, before: loop.label) ? found : nil
  }

  private func isVarying(_ expr: Expr, _ iterator: VariableID) -> Bool {
    let mentioned = expr.mentionedVariables
    return mentioned.contains(iterator) || !mentioned.isDisjoint(with: varying)
  }

  private mutating func spread(_ statement: Stmt, _ iterator: VariableID, isUnderLanes: Bool) {
    var underLanes = isUnderLanes
    if case .branch(let condition, _, _) = statement.kind {
      underLanes = underLanes || isVarying(condition, iterator)
    }
    if case .declaration(let declarators) = statement.kind {
      for declarator in declarators {
        if let value = declarator.initializer, isVarying(value, iterator) {
          varying.insert(declarator.variable)
        }
      }
    }
    for expr in statement.expressions {
      expr.walk { node in
        switch node.kind {
        case .assign(_, let target, let value):
          if case .variable(let variable) = target.kind,
            underLanes || isVarying(value, iterator)
          {
            varying.insert(variable)
          }
        case .unary(let op, let target) where op.stores:
          if case .variable(let variable) = target.kind, underLanes { varying.insert(variable) }
        default: break
        }
      }
    }
    for child in statement.children { spread(child, iterator, isUnderLanes: underLanes) }
  }
}

/// What a statement does first with a variable.
enum FirstUse {
  case none
  /// It stores in any case.
  case store
  /// Wherever it reads, it has stored before; it may do neither.
  case storeOrNothing
  /// It may read the value from before.
  case read
}

extension Stmt {
  func firstUse(of variable: VariableID) -> FirstUse {
    switch kind {
    case .block(let statements):
      var state = FirstUse.none
      for statement in statements {
        switch statement.firstUse(of: variable) {
        case .none: break
        case .store: return .store
        case .storeOrNothing: state = .storeOrNothing
        case .read: return .read
        }
      }
      return state
    case .expression(let expr):
      if case .assign(nil, let target, let value) = expr.kind, target.kind == .variable(variable),
        !value.mentionedVariables.contains(variable)
      {
        return .store
      }
    case .branch(let condition, let then, let otherwise):
      if condition.mentionedVariables.contains(variable) { return .read }
      let a = then.firstUse(of: variable)
      let b = otherwise?.firstUse(of: variable) ?? FirstUse.none
      if a == .read || b == .read { return .read }
      if a == .store && b == .store { return .store }
      return a == .none && b == .none ? .none : .storeOrNothing
    case .loop(let loop):
      if let header = loop.counted {
        if header.bound.mentionedVariables.contains(variable)
          || header.lower?.mentionedVariables.contains(variable) == true
        {
          return .read
        }
        if header.variable == variable { return header.lower == nil ? .read : .store }
        let inner = loop.body.firstUse(of: variable)
        return inner == .store ? .storeOrNothing : inner
      }
    default: break
    }
    return mentionedVariables.contains(variable) ? .read : .none
  }

  /// The operator of all updates `v op= e`, when the statement mentions the variable, which is of this
  /// type, only in such; sums and differences count as sums.
  func reductionOperator(of variable: VariableID, _ type: CType) -> BinaryOperator? {
    var op: BinaryOperator?
    var isUniform = true
    var updates = 0
    func note(_ next: BinaryOperator) {
      let family = next == .subtract ? BinaryOperator.add : next
      updates += 1
      if ![.add, .bitAnd, .bitOr, .bitXor].contains(family) || (op != nil && op != family) {
        isUniform = false
      }
      op = family
    }
    var mentions = 0
    walk { statement in
      if case .opaque = statement.kind { isUniform = false }
      if case .expression(let expr) = statement.kind {
        switch expr.kind {
        case .assign(let next?, let target, let value)
        where target.kind == .variable(variable)
          && (value.type.isInteger || type.isFloating):
          note(next)
        case .unary(let step, let target) where step.stores && target.kind == .variable(variable):
          note(.add)
        default: break
        }
      }
    }
    walkExpressions { if $0.kind == .variable(variable) { mentions += 1 } }
    return isUniform && updates > 0 && mentions == updates ? op : nil
  }
}

extension Function {
  /// Whether anything outside the loop mentions the variable, other than its declaration.
  func mentions(_ variable: VariableID, outside label: LoopLabel) -> Bool {
    func visit(_ statement: Stmt) -> Bool {
      if statement.loopLabel == label { return false }
      if case .opaque(let opaque) = statement.kind {
        return (opaque.reads + opaque.writes).contains(variable)
      }
      if let header = statement.asLoop?.counted, header.variable == variable { return true }
      return statement.expressions.contains { $0.mentionedVariables.contains(variable) }
        || statement.children.contains(where: visit)
    }
    return visit(body)
  }
}
