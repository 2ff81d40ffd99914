import KernelModel

// Inside the region: one polyhedral statement per leaf, or per piece that is not static control.
extension Extractor {
  func enterRegion(_ statement: Stmt) {
    isInside = true
    firstLoopOfRegion = loops.count
    firstUnknownOfRegion = nextUnknown
    contextConditions = activeConditions
    stores = StoreSummary(statement, in: function, shared: shared)
    // A pointer that the region does not store to holds one value throughout, whatever it is.
    for (variable, value) in values.sorted(by: { $0.key < $1.key }) {
      if case .pointer(let location) = value, case .unknown = location.object,
        !stores.variables.contains(variable), !shared.contains(variable)
      {
        values[variable] = .pointer(
          Location(object: .reassigned(ObjectPath(variable)), components: location.components))
      }
    }
    valuesAtRegion = values
    activeConditions = []
    walk(statement)
  }

  private var nextPosition: Int {
    get { positionStack[positionStack.count - 1] }
    set { positionStack[positionStack.count - 1] = newValue }
  }

  func walk(_ statement: Stmt) {
    switch statement.kind {
    case .empty, .typeAlias: break
    case .block(let statements): walk(statements)
    case .expression, .declaration, .returnValue: leaf(statement)
    case .branch(let condition, let then, let otherwise):
      branch(statement, condition, then, otherwise)
    case .loop(let loop): walk(loop, statement)
    case .whileLoop, .doLoop: compound(statement, "a loop without a known trip count")
    case .switchOn, .caseLabel, .defaultLabel: compound(statement, "a switch")
    case .breakLoop, .continueLoop: compound(statement, "a jump")
    case .versioned: compound(statement, "a run-time choice between versions")
    case .opaque(let opaque): compound(statement, opaque.reason)
    }
  }

  /// A block; behind `if (c) return;` outside all loops, the rest runs where `c` is false.
  private func walk(_ block: [Stmt]) {
    let conditions = activeConditions.count
    let depth = conditionalDepth
    for statement in block {
      guard activeLoops.count == firstLoopOfRegion, let test = statement.exitGuard else {
        walk(statement)
        continue
      }
      let mark = snapshot()
      let stated = condition(test)
      restore(mark)
      compound(statement, "a jump")
      values = mark.values
      if let stated, isAffine(stated) {
        activeConditions.append(stated.negated)
      } else if !test.isNullTest {
        conditionalDepth += 1
      }
    }
    activeConditions.removeSubrange(conditions...)
    conditionalDepth = depth
  }

  private func branch(_ statement: Stmt, _ test: Expr, _ then: Stmt, _ otherwise: Stmt?) {
    if statement.mayExitEarly { return compound(statement, "a jump") }
    let mark = snapshot()
    sink = []
    guard !test.hasEffects, let condition = condition(test), isAffine(condition) else {
      restore(mark)
      return compound(statement, "a condition that is not affine")
    }
    let readByTest = sink
    sink = []
    let guards = guardAccesses
    guardAccesses += readByTest
    let before = values
    activeConditions.append(condition)
    walk(then)
    activeConditions[activeConditions.count - 1] = condition.negated
    let afterThen = values
    values = before
    if let otherwise { walk(otherwise) }
    activeConditions.removeLast()
    join(afterThen)
    guardAccesses = guards
  }

  private func walk(_ loop: Loop, _ statement: Stmt) {
    if loop.body.leavesLoop { return compound(statement, "a loop that may be left early") }
    let mark = snapshot()
    sink = []
    guard let instance = counted(loop, statement, given: loop.body),
      isAffine(.all(instance.conditions)), isAffine(.nonNegative(instance.value))
    else {
      restore(mark)
      return compound(statement, "a loop without affine bounds")
    }
    let guards = guardAccesses
    guardAccesses += sink
    sink = []
    let conditions = activeConditions.count
    begin(instance, loop)
    nextPosition += 1
    positionStack.append(0)
    if loop.body.mayExitEarly {
      compound(loop.body, "a body that may be left early")
    } else {
      walk(loop.body)
    }
    positionStack.removeLast()
    end(instance, loop, conditions: conditions)
    guardAccesses = guards
  }

  /// Leaves the body of a counted loop again.
  func end(_ instance: LoopInstance, _ loop: Loop, conditions: Int) {
    activeLoops.removeLast()
    activeConditions.removeSubrange(conditions...)
    structuralIterators.remove(instance.variable)
    forget(loop.body.storedVariables)
    leave(instance, loop)
  }

  private struct Mark {
    let values: [VariableID: Value]
    let sink: [Access]
  }
  private func snapshot() -> Mark { Mark(values: values, sink: sink) }
  private func restore(_ mark: Mark) {
    values = mark.values
    sink = mark.sink
  }

  // MARK: Statements

  private func leaf(_ statement: Stmt) {
    sink = guardAccesses
    var update: ReductionUpdate?
    switch statement.kind {
    case .expression(let expr):
      update = reduction(expr)
      evaluate(expr)
    case .declaration(let declarators):
      for declarator in declarators { declare(declarator) }
      if declarators.allSatisfy({ $0.initializer == nil }) {
        sink = []
        return
      }
    case .returnValue(let value): if let value { evaluate(value) }
    default: break
    }
    add(statement, reason: nil, update)
  }

  private func add(_ statement: Stmt, reason: String?, _ update: ReductionUpdate? = nil) {
    let own = activeLoops.filter { $0 >= firstLoopOfRegion }
    // A read and its duplicates tell the same; order within a statement does not matter.
    var seen: Set<Access> = []
    let accesses = sink.filter { seen.insert($0).inserted }
    statements.append(
      PolyhedralStatement(
        index: statements.count, source: statement, loops: own, conditions: activeConditions,
        positions: positionStack, accesses: accesses, opaqueReason: reason, reduction: update))
    nextPosition += 1
    sink = []
  }

  // MARK: Statements taken as one

  private func compound(_ statement: Stmt, _ reason: String) {
    sink = guardAccesses
    isAbsorbing = true
    if statement.mayExitEarly {
      perhaps { absorb(statement) }
    } else {
      absorb(statement)
    }
    isAbsorbing = false
    declaredWhileAbsorbing = []
    add(statement, reason: reason)
  }

  /// Marks the accesses of code that may not run.
  private func perhaps(_ body: () -> Void) {
    conditionalDepth += 1
    body()
    conditionalDepth -= 1
  }

  /// Collects everything that a statement may read or store.
  private func absorb(_ statement: Stmt) {
    switch statement.kind {
    case .empty, .typeAlias, .breakLoop, .continueLoop: break
    case .block(let statements): for inner in statements { absorb(inner) }
    case .expression(let expr): evaluate(expr)
    case .declaration(let declarators): for declarator in declarators { declare(declarator) }
    case .returnValue(let value): if let value { evaluate(value) }
    case .branch(let condition, let then, let otherwise):
      let stated = self.condition(condition)
      let before = values
      let count = innerConditions.count
      if let stated, isAffine(stated) { innerConditions.append(stated) }
      perhaps { absorb(then) }
      innerConditions.removeSubrange(count...)
      let afterThen = values
      values = before
      if let stated, isAffine(stated) { innerConditions.append(stated.negated) }
      if let otherwise { perhaps { absorb(otherwise) } }
      innerConditions.removeSubrange(count...)
      join(afterThen)
    case .loop(let loop): absorb(loop, statement)
    case .whileLoop(_, let condition, let body), .doLoop(_, let body, let condition):
      forget(statement.storedVariables)
      evaluate(condition)
      perhaps { absorb(body) }
      forget(statement.storedVariables)
    case .switchOn(let value, let body):
      evaluate(value)
      // A label is reached with the values on entry or after what stands above it.
      let outer = storedInSwitch
      storedInSwitch = statement.storedVariables
      perhaps { absorb(body) }
      storedInSwitch = outer
      forget(statement.storedVariables)
    case .caseLabel(_, let inner), .defaultLabel(let inner):
      forget(storedInSwitch)
      absorb(inner)
    case .versioned(let versioned):
      let before = values
      perhaps { absorb(versioned.fast) }
      let afterFast = values
      values = before
      perhaps { absorb(versioned.fallback) }
      join(afterFast)
    case .opaque(let opaque): absorb(opaque)
    }
  }

  private func absorb(_ loop: Loop, _ statement: Stmt) {
    guard let instance = counted(loop, statement, given: loop.body),
      isAffine(.all(instance.conditions))
    else {
      if case .general(let initial, let condition, let increment) = loop.header {
        if let initial { absorb(initial) }
        forget(statement.storedVariables)
        if let condition { evaluate(condition) }
        perhaps {
          absorb(loop.body)
          if let increment { evaluate(increment) }
        }
      } else {
        forget(statement.storedVariables)
        if let variable = loop.counted?.variable { structuralIterators.insert(variable) }
        perhaps { absorb(loop.body) }
        if let variable = loop.counted?.variable { structuralIterators.remove(variable) }
      }
      return forget(statement.storedVariables)
    }
    let conditions = activeConditions.count
    let inner = innerConditions.count
    begin(instance, loop)
    activeLoops.removeLast()
    activeConditions.removeSubrange(conditions...)
    innerLoops.append(instance.id)
    innerConditions += instance.conditions
    if loop.body.mayExitEarly {
      perhaps { absorb(loop.body) }
    } else {
      absorb(loop.body)
    }
    innerConditions.removeSubrange(inner...)
    innerLoops.removeLast()
    structuralIterators.remove(instance.variable)
    forget(loop.body.storedVariables)
    if loop.body.mayExitEarly {
      forget([instance.variable])
    } else {
      leave(instance, loop)
    }
  }

  private func absorb(_ opaque: OpaqueStatement) {
    for variable in opaque.reads + opaque.writes {
      let type = function[variable].type
      let isScalar = !type.isArray && !type.isRecord
      let location = Location(object: .variable(variable))
      if isScalar {
        recordScalar(variable, isWrite: false)
      } else {
        record(location, type, isWrite: false)
      }
      guard opaque.writes.contains(variable) else { continue }
      if isScalar {
        recordScalar(variable, isWrite: true)
      } else {
        record(location, type, isWrite: true)
      }
    }
    if opaque.touchesMemory { touchEverything(writes: true) }
    forget(Set(opaque.writes))
  }

  // MARK: Affinity

  func isAffine(_ condition: Condition) -> Bool {
    condition.polynomials.allSatisfy(isAffine)
  }

  /// Whether every term is a constant multiple of one varying quantity, or free of them.
  func isAffine(_ polynomial: Polynomial) -> Bool {
    polynomial.terms.lazy.map(\.monomial).allSatisfy { monomial in
      let varying = monomial.factors.filter { !isParameter(Polynomial($0)) }
      guard let atom = varying.first else { return true }
      guard varying.count == 1, monomial.factors.count == 1 else { return false }
      switch atom {
      case .iterator: return true
      case .minimum, .maximum, .quotient, .remainder: return atom.arguments.allSatisfy(isAffine)
      default: return false
      }
    }
  }
}

extension Expr {
  /// Whether the expression only asks whether pointers are null, which those of a contract are not.
  fileprivate var isNullTest: Bool {
    switch kind {
    case .unary(.not, let operand): operand.type.isPointer || operand.isNullTest
    case .binary(.equal, let left, let right), .binary(.notEqual, let left, let right):
      left.type.isPointer || right.type.isPointer
    case .binary(.logicalOr, let left, let right), .binary(.logicalAnd, let left, let right):
      left.isNullTest && right.isNullTest
    default: false
    }
  }
}

extension Stmt {
  /// The condition under which `if (c) return …;` leaves the function.
  fileprivate var exitGuard: Expr? {
    guard case .branch(let test, let then, nil) = kind, !test.hasEffects else { return nil }
    guard case .returnValue? = then.statements.last?.kind else { return nil }
    return test
  }

  /// Whether a jump inside a loop's body may end the loop itself.
  var leavesLoop: Bool { leaves(insideLoop: false, insideSwitch: false) }

  private func leaves(insideLoop: Bool, insideSwitch: Bool) -> Bool {
    switch kind {
    case .returnValue: true
    case .breakLoop: !insideLoop && !insideSwitch
    case .opaque(let opaque): opaque.mayJump
    case .loop, .whileLoop, .doLoop:
      children.contains { $0.leaves(insideLoop: true, insideSwitch: insideSwitch) }
    case .switchOn: children.contains { $0.leaves(insideLoop: insideLoop, insideSwitch: true) }
    default:
      children.contains { $0.leaves(insideLoop: insideLoop, insideSwitch: insideSwitch) }
    }
  }
}
