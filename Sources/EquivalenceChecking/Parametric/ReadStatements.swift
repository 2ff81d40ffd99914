import IslBindings
import KernelModel

/// Statements (§6.8). What follows `if (c) return;` is read under the other condition.
extension ProgramReader {
  /// - Parameter isTail: whether the function ends behind the statement.
  func statement(_ statement: Stmt, isTail: Bool) throws {
    if try space.isImpossible(domain) { return }
    switch statement.kind {
    case .empty: break
    case .typeAlias: break
    case .expression(let expr): try discard(try value(expr), of: expr)
    case .declaration(let declarators):
      for declarator in declarators { try declare(declarator) }
    case .block(let statements): try block(statements, isTail: isTail)
    case .branch(let condition, let then, let otherwise):
      try branch(
        try scalar(condition), { try self.statement(then, isTail: isTail) },
        { if let otherwise { try self.statement(otherwise, isTail: isTail) } })
    case .loop(let loop): try scope { try self.loop(loop, parallelAt: parallelPlace(statement)) }
    case .whileLoop(_, let condition, let body): try loop(condition, body, step: nil)
    case .doLoop(_, let body, let condition):
      guard condition.constantValue == 0 else { throw Unproved("a 'do' loop") }
      try self.statement(body, isTail: false)
    case .switchOn(let value, let body): try choose(value, body, isTail: isTail)
    case .returnValue(let value): try leave(value, isTail: isTail)
    case .breakLoop, .continueLoop: throw Unproved("a jump out of an iteration")
    case .opaque: throw Unproved("a statement that cannot be read")
    case .caseLabel, .defaultLabel, .versioned: throw Unproved("a statement that is not read")
    }
  }

  /// A value that nobody takes is computed all the same.
  func discard(_ value: SymbolicValue, of expr: Expr) throws {
    switch expr.kind {
    case .assign, .unary(.preIncrement, _), .unary(.preDecrement, _): return
    default: break
    }
    switch value {
    case .scalar(let scalar):
      if let node = scalar.node, node.readsCells || node.holdsRisk { _ = try settled(node) }
    case .lanes(let lanes, let count):
      try overLanes(count) { _ in _ = try settled(lanes.asNode()) }
    default: break
    }
  }

  /// Ends the life of the objects that `body` declares (§6.2.4 ¶6).
  func scope<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
    let first = variables.count
    defer {
      for variable in variables[first...] where !variable.isStatic {
        if case .array(let base) = variable.kind { ended.insert(ObjectIdentifier(base)) }
      }
    }
    return try body()
  }

  func block(_ statements: [Stmt], isTail: Bool) throws {
    try scope { try sequence(statements, isTail: isTail) }
  }

  private func sequence(_ statements: [Stmt], isTail: Bool) throws {
    for (index, statement) in statements.enumerated() {
      let rest = Array(statements[(index + 1)...])
      if rest.isEmpty || statement.endsFunction {
        try self.statement(statement, isTail: isTail)
        return
      }
      if isTail, case .branch(let condition, let then, let otherwise) = statement.kind,
        then.endsFunction || otherwise?.endsFunction == true
      {
        // What stands behind moves into the side that goes on.
        let side = (otherwise.map { [$0] } ?? [])
        try branch(
          try scalar(condition),
          { try self.block(then.endsFunction ? [then] : [then] + rest, isTail: true) },
          {
            try self.block(
              otherwise?.endsFunction == true ? side : side + rest, isTail: true)
          })
        return
      }
      try self.statement(statement, isTail: false)
    }
  }

  /// Both branches. Under an affine condition each has its part of the domain; under a condition of
  /// data both are read, and what they store becomes a choice.
  func branch(_ condition: ScalarValue, _ then: () throws -> Void, _ otherwise: () throws -> Void)
    throws
  {
    guard let set = try truth(condition) else {
      let node = try settled(try conditionNode(condition))
      let whole = domain
      // A return under a condition of data stands at the end of the function.
      guards.append((node, true))
      try then()
      domain = whole
      guards[guards.count - 1].1 = false
      try otherwise()
      guards.removeLast()
      domain = whole
      return
    }
    let whole = domain
    let before = bindings
    domain = try whole.intersection(set).coalesced()
    try then()
    let (first, firstBindings) = (domain, bindings)
    bindings = before
    domain = try whole.subtracting(set).coalesced()
    try otherwise()
    let (second, secondBindings) = (domain, bindings)
    try merge(first, firstBindings, second, secondBindings)
  }

  /// What holds behind both branches.
  private func merge(
    _ first: IntegerSet, _ a: [Int: Binding], _ second: IntegerSet, _ b: [Int: Binding]
  ) throws {
    domain = try first.union(second).coalesced()
    if try space.isImpossible(second) {
      bindings = a
      return
    }
    if try space.isImpossible(first) {
      bindings = b
      return
    }
    var merged: [Int: Binding] = [:]
    for slot in Set(a.keys).union(b.keys) {
      guard let x = a[slot], let y = b[slot] else { continue }
      merged[slot] = try merge(x, first, y, second)
    }
    bindings = merged
  }

  private func merge(_ x: Binding, _ first: IntegerSet, _ y: Binding, _ second: IntegerSet) throws
    -> Binding
  {
    var result = Binding()
    if let i = x.index, let j = y.index {
      result.index = i.text == j.text ? i : try i.joined(in: first, with: j, in: second)
    }
    if let p = x.pointer, let q = y.pointer, p.base === q.base, p.member == q.member {
      let isSame = p.offset.text == q.offset.text
      let offset = isSame ? p.offset : try p.offset.joined(in: first, with: q.offset, in: second)
      result.pointer = SymbolicPointer(base: p.base, offset: offset, member: p.member)
    }
    result.isNull = x.isNull && y.isNull
    if x.definition == y.definition { result.definition = x.definition }
    return result
  }

  private func leave(_ result: Expr?, isTail: Bool) throws {
    if counters.count > frame.depth { throw Unproved("a return out of a loop") }
    if !guards.isEmpty, !isTail { throw Unproved("data decides where the function ends") }
    if let result, let slot = frame.result {
      let value = try value(result, as: function.result)
      try store(value, to: .variable(slot))
    } else if let result {
      _ = try value(result)
    }
    domain = try space.universe().complement()
  }

  /// `switch` on a value that inputs determine, every case ended by `break` or `return`.
  private func choose(_ value: Expr, _ body: Stmt, isTail: Bool) throws {
    let scalar = try scalar(value)
    guard let chosen = scalar.index?.affine else {
      throw Unproved("a 'switch' on data")
    }
    var rest = domain
    var fallthroughs: [(IntegerSet, [Int: Binding])] = []
    let before = bindings
    var groups = try AffineCases.all(in: body)
    groups.sort { !$0.isDefault && $1.isDefault }
    for group in groups {
      var set = rest
      if !group.isDefault {
        set = try space.universe().complement()
        for label in group.labels {
          set = try set.union(chosen.isSame(as: space.constant(label)))
        }
      }
      bindings = before
      domain = try rest.intersection(set)
      rest = try rest.subtracting(set)
      try block(group.statements, isTail: isTail)
      fallthroughs.append((domain, bindings))
    }
    (domain, bindings) = (rest, before)
    for (set, own) in fallthroughs { try merge(domain, bindings, set, own) }
  }

  private func declare(_ declarator: Declarator) throws {
    let variable = declarator.variable
    let symbol = function[variable]
    try refuseVolatile(symbol.type)
    if symbol.storage == .staticLocal {
      guard let value = declarator.initializer,
        symbol.type.scalarElement.qualifiers.contains(.const)
      else { throw Unproved("'\(symbol.name)', which lives between calls") }
      frame.slots[variable] = try fixedTable(
        "\(function.name).\(symbol.name)", symbol.type, value)
      return
    }
    if symbol.type.qualifiers.contains(.restrict), !isOriginal {
      throw Unproved("'\(symbol.name)' promises by 'restrict' what is not checked")
    }
    // The object is a new one in every iteration.
    let value = try declarator.initializer.flatMap { initializer -> SymbolicValue? in
      if case .initializer = initializer.kind { return nil }
      if case .string = initializer.kind { return nil }
      return try self.value(initializer, as: symbol.type)
    }
    let slot = try newVariable(symbol)
    frame.slots[variable] = slot
    if let value {
      try store(value, to: .variable(slot))
    } else {
      try begin(slot, declarator.initializer)
    }
    if case .array(let base) = variables[slot].kind, symbol.type.isConstObject {
      for object in base.objects.values { object.isReadOnly = true }
    }
  }

  private func newVariable(_ symbol: Symbol) throws -> Int {
    switch symbol.type.canonical {
    case .vector(let element, let lanes):
      guard let type = CellType(element) else { throw Unproved("a vector of a type not read") }
      let object = newObject(symbol.name, type)
      object.extent = SymbolicIndex(try space.constant(lanes))
      return newVariable(.lanes(object, lanes), symbol.type, symbol.name)
    case .array:
      guard let type = CellType(symbol.type.scalarElement),
        let size = layout.size(of: symbol.type)?.size
      else { throw Unproved("the local array '\(symbol.name)'") }
      let object = newObject(symbol.name, type)
      object.extent = SymbolicIndex(try space.constant(size / type.bytes))
      object.note(symbol.type.scalarElement)
      let base = MemoryBase(symbol.name, elementSize: type.bytes, objects: ["": object])
      return newVariable(.array(base), symbol.type, symbol.name)
    case .pointer: return newVariable(.pointer, symbol.type, symbol.name)
    default:
      guard let type = CellType(symbol.type) else {
        throw Unproved("the local variable '\(symbol.name)'")
      }
      return newScalar(type, symbol.type, symbol.name)
    }
  }
}

extension Stmt {
  /// Whether the function ends in the statement whatever happens.
  fileprivate var endsFunction: Bool {
    switch kind {
    case .returnValue: true
    case .block(let statements): statements.contains(where: \.endsFunction)
    case .branch(_, let then, let otherwise?): then.endsFunction && otherwise.endsFunction
    default: false
    }
  }
}
