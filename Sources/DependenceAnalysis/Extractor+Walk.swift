import KernelModel

// The walk to the region: children indices lead from the function's body down to it.
extension Extractor {
  /// Follows values from the function's entry to the statement at `path` and takes it apart.
  func extract(at path: [Int]) {
    descend(function.body, path[...])
  }

  private func descend(_ statement: Stmt, _ path: ArraySlice<Int>) {
    guard let next = path.first else { return enterRegion(statement) }
    let children = statement.children
    let rest = path.dropFirst()
    switch statement.kind {
    case .block:
      for earlier in children[..<next] { follow(earlier) }
    case .branch(let condition, _, _):
      if let stated = self.condition(condition) {
        activeConditions.append(next == 0 ? stated : stated.negated)
      }
    case .loop(let loop):
      if next == children.count - 1 { enterOuter(loop, statement) }
    case .whileLoop, .doLoop, .switchOn:
      forget(statement.storedVariables)
    case .versioned(let versioned):
      if next == 0 { adopt(versioned.checks, storedInside: children[0].storedVariables) }
    default: break
    }
    descend(children[next], rest)
  }

  private func enterOuter(_ loop: Loop, _ statement: Stmt) {
    guard let instance = counted(loop, statement, given: loop.body) else {
      if case .general(let initial?, _, _) = loop.header { follow(initial) }
      return forget(statement.storedVariables)
    }
    begin(instance, loop)
  }

  /// Applies the stores of a statement outside the region.
  private func follow(_ statement: Stmt) {
    switch statement.kind {
    case .block(let statements): for inner in statements { follow(inner) }
    case .expression(let expr): evaluate(expr)
    case .declaration(let declarators): for declarator in declarators { declare(declarator) }
    case .branch(let condition, let then, let otherwise):
      _ = self.condition(condition)
      let before = values
      follow(then)
      let afterThen = values
      values = before
      if let otherwise { follow(otherwise) }
      // What leaves the function or loop does not reach the end of the branch.
      if then.alwaysLeaves { assumeNot(condition) } else { join(afterThen) }
    case .loop(let loop):
      let instance = counted(loop, statement, given: loop.body)
      forget(statement.storedVariables)
      if let instance, !loop.body.mayExitEarly { leave(instance, loop) }
    default: forget(statement.storedVariables)
    }
  }

  /// After `if (c) return;` the condition is false.
  private func assumeNot(_ condition: Expr) {
    if !condition.hasEffects, let stated = self.condition(condition) {
      activeConditions.append(stated.negated)
    }
  }

  func declare(_ declarator: Declarator) {
    let variable = declarator.variable
    let type = function[variable].type
    noteLengths(of: type)
    if isAbsorbing { declaredWhileAbsorbing.insert(variable) }
    if isInside {
      declaredUnder[variable] = activeLoops.filter { $0 >= firstLoopOfRegion }
    }
    guard let initializer = declarator.initializer else {
      values[variable] = freshValue(of: type)
      return
    }
    let value = converted(evaluate(initializer), from: initializer.type, to: type)
    if type.isArray || type.isRecord {
      record(
        Location(object: .variable(variable), components: scope(of: variable)), type, isWrite: true)
      return
    }
    recordScalar(variable, isWrite: true)
    values[variable] = ownObject(of: variable, initializer) ?? kept(value, of: type)
  }

  private func scope(of variable: VariableID) -> [Location.Component] {
    (declaredUnder[variable] ?? []).map { .index(Polynomial(.iterator($0)), extent: nil) }
  }

  /// Memory that nothing else points to: fresh from the allocator, or promised by `restrict`.
  private func ownObject(of variable: VariableID, _ initializer: Expr) -> Value? {
    let start: [Location.Component] = [.index(Polynomial(), extent: nil)]
    if initializer.isAllocation {
      return .pointer(Location(object: .allocation(variable), components: start))
    }
    return nil
  }

  private func adopt(_ checks: [RuntimeCheck], storedInside: Set<VariableID>) {
    for check in checks {
      switch check.fact {
      case .disjoint(let a, let b):
        guard !storedInside.contains(a.base), !storedInside.contains(b.base) else { continue }
        disjointObjects.append((currentObject(a), currentObject(b)))
      case .holds(let expr):
        guard expr.mentionedVariables.isDisjoint(with: storedInside),
          let stated = condition(expr)
        else { continue }
        activeConditions.append(stated)
      }
    }
  }

  /// The object that a path leads to here, seen through what is known of a local pointer.
  func currentObject(_ path: ObjectPath) -> MemoryObject {
    if path.fields.isEmpty, case .pointer(let location)? = values[path.base] {
      return location.object
    }
    return entryObject(path)
  }
}

extension Expr {
  /// Whether the value comes straight from an allocating function.
  var isAllocation: Bool {
    switch kind {
    case .call(let name, _, _):
      ["malloc", "calloc", "aligned_alloc", "alloca", "__builtin_alloca"].contains(name)
    case .cast(let operand): operand.isAllocation
    default: false
    }
  }
}

extension Stmt {
  /// Whether control never reaches the end of the statement.
  var alwaysLeaves: Bool {
    switch kind {
    case .returnValue, .breakLoop, .continueLoop: true
    case .block(let statements): statements.contains(where: \.alwaysLeaves)
    case .branch(_, let then, let otherwise): then.alwaysLeaves && otherwise?.alwaysLeaves == true
    default: false
    }
  }
}
