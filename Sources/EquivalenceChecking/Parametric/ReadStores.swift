import KernelModel

/// What is stored to an object.
extension ProgramReader {
  func store(_ value: SymbolicValue, to place: Place) throws {
    switch place {
    case .variable(let slot), .lane(let slot, _): try refuseUnderCondition(slot)
    case .memory: break
    }
    switch (value, place) {
    case (.scalar(let scalar), .variable(let slot)): try store(scalar, to: slot)
    case (.lanes(let lanes, let count), .variable(let slot)):
      guard case .lanes(let object, let own) = variables[slot].kind, count == own else {
        throw Unproved("an assignment of a vector")
      }
      let copy = try copied(lanes.asNode(), count)
      try overLanes(count) { try store(copy, object, $0, slot) }
    case (.scalar(let scalar), .lane(let slot, let lane)):
      guard case .lanes(let object, _) = variables[slot].kind else { throw Unproved("a lane") }
      bindings[slot]?.definition = nil
      try storeCell(
        try scalar.asNode(),
        CellAccess(object: object, index: lane, domain: domain, isGuarded: false))
    case (.pointer(let pointer), .variable(let slot)):
      if guards.count > variables[slot].guardDepth {
        throw Unproved("data chooses where a pointer points")
      }
      guard case .pointer = variables[slot].kind else { throw Unproved("a pointer as a number") }
      bindings[slot] = Binding(pointer: try typed(pointer, variables[slot].type))
    case (.null, .variable(let slot)): bindings[slot] = Binding(isNull: true)
    case (.scalar(let scalar), .memory(let pointer, let type)):
      guard let cell = CellType(type) else { throw Unproved("a store of a type not read") }
      try refuseAccess(pointer, type)
      try store(scalar, at: pointer, plus: SymbolicIndex(space.constant(0)), as: cell)
    case (.lanes(let lanes, let count), .memory(let pointer, let type)):
      try refuseAccess(pointer, type)
      let copy = try copied(lanes.asNode(), count)
      try overLanes(count) {
        try store(ScalarValue(copy), at: pointer, plus: $0, as: lanes.type)
      }
    default: throw Unproved("an assignment that is not read")
    }
  }

  /// All lanes, there before one is overwritten (`v = (vec){v[1], v[0]}`), as a node that reads no
  /// cell which the stores of other lanes may change.
  private func copied(_ node: OperationNode, _ count: Int) throws -> OperationNode {
    guard node.readsCells else { return node }
    return try overLanes(count) { _ in try settled(node) }
  }

  /// The value kept in a cell of its own, and read from there.
  func settled(_ node: OperationNode) throws -> OperationNode {
    if case .definition = node.kind { return node }
    let object = newObject("a value", node.type)
    let isLane = counters.contains(lane)
    let zero = SymbolicIndex(try isLane ? space.input(lane) : space.constant(0))
    let number = try emit(
      CellAccess(object: object, index: zero, domain: domain, isGuarded: false), node)
    return OperationNode(.definition(number), node.type, range: node.range)
  }

  private func store(
    _ scalar: ScalarValue, at pointer: SymbolicPointer, plus offset: SymbolicIndex,
    as type: CellType
  ) throws {
    let object = try object(pointer, type)
    let value = type == object.type ? scalar : try reinterpret(scalar, as: object.type)
    guard type.kind != .boolean || object.type == type else { throw Unproved("a truth value") }
    effects += 1
    try storeCell(
      try value.asNode(),
      CellAccess(
        object: object, index: try pointer.offset.plus(offset), domain: domain, isGuarded: false))
  }

  /// Stores to a cell whatever guards stand around: what belongs to the text alone keeps its value
  /// by a choice, what does not is stored to under the conditions or not at all.
  private func storeCell(_ node: OperationNode, _ target: CellAccess) throws {
    let active = guards[target.object.guardDepth...]
    guard !active.isEmpty else {
      try emit(target, node)
      return
    }
    var value = try settled(node)
    var kept = target
    kept.isKept = true
    let old = OperationNode(.read(kept), target.object.type)
    for (condition, side) in active.reversed() {
      let operands = side ? [condition, value, old] : [condition, old, value]
      let op: GraphOperator = target.object.isExternal ? .storeIf : .select
      value = OperationNode(.operation(op, operands), target.object.type)
    }
    var guarded = target
    guarded.isGuarded = true
    try emit(guarded, value, isGuarded: true)
  }

  /// What an operand reads that C evaluates under a condition: it may store to nothing that was
  /// there before, whatever is known of the variable.
  func underCondition<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
    let before = firstStorable
    firstStorable = variables.count
    defer { firstStorable = before }
    return try body()
  }

  private func refuseUnderCondition(_ slot: Int) throws {
    if slot < firstStorable { throw Unproved("a store within '?:', '&&' or '||'") }
  }

  /// Stores to a scalar variable, and remembers what it holds.
  func store(_ scalar: ScalarValue, to slot: Int) throws {
    try refuseUnderCondition(slot)
    guard case .scalar(let object) = variables[slot].kind else {
      throw Unproved("an assignment of a number")
    }
    if bindings[slot]?.index == nil, slot < frame.firstSlot || frames.count == 1 { effects += 1 }
    try store(try scalar.asNode(), object, SymbolicIndex(space.constant(0)), slot)
    if guards.count == object.guardDepth { bindings[slot]?.index = scalar.index }
  }

  /// Stores a variable, or the lanes of one.
  private func store(
    _ node: OperationNode, _ object: MemoryObject, _ index: SymbolicIndex, _ slot: Int
  ) throws {
    var binding = bindings[slot] ?? Binding()
    let target = CellAccess(
      object: object, index: index, domain: domain, isGuarded: false)
    let active = Array(guards[object.guardDepth...])
    if active.isEmpty {
      binding.index = nil
      binding.definition = try emit(target, node)
      bindings[slot] = binding
      return
    }
    let value = try settled(node)
    let old = try kept(binding, object, index)
    var choice = value
    for (condition, side) in active.reversed() {
      // In the other branch of the same condition the choice is between both branches' values.
      let before = active.count == 1 ? other(old, condition, side) ?? old : old
      choice = make(
        .select, object.type, side ? [condition, choice, before] : [condition, before, choice])
    }
    binding.index = nil
    binding.definition = try emit(target, choice, isGuarded: true)
    bindings[slot] = binding
  }

  private func kept(_ binding: Binding, _ object: MemoryObject, _ index: SymbolicIndex) throws
    -> OperationNode
  {
    if let index = binding.index { return try ScalarValue(object.type, index).asNode() }
    return try cell(object, index, binding)
  }

  /// What the last statement stored where `condition` has its other value; nil when that is not
  /// what it chose by.
  private func other(_ old: OperationNode, _ condition: OperationNode, _ side: Bool)
    -> OperationNode?
  {
    guard case .definition(let number) = old.kind,
      program.statements.indices.contains(number),
      case .operation(.select, let operands) = program.statements[number].value.kind,
      case .definition(let own) = operands[0].kind, case .definition(let asked) = condition.kind,
      own == asked, case .definition = operands[side ? 2 : 1].kind
    else { return nil }
    return operands[side ? 2 : 1]
  }
}
