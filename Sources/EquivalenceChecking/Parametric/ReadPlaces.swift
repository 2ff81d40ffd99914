import IslBindings
import KernelModel

/// Objects: where they are, what they hold, and what is stored to them.
extension ProgramReader {
  enum Place {
    case variable(Int)
    case lane(Int, SymbolicIndex)
    case memory(SymbolicPointer, CType)
  }

  func place(_ expr: Expr) throws -> Place {
    switch expr.kind {
    case .variable(let variable):
      let symbol = function[variable]
      try refuseVolatile(symbol.type)
      if frame.slots[variable] == nil, symbol.storage == .global {
        if let known = try table(symbol) { return known }
        let base = try memory.global(symbol, layout)
        let zero = SymbolicIndex(try space.constant(0))
        return .memory(SymbolicPointer(base: base, offset: zero), symbol.type)
      }
      let slot = try slot(variable)
      if case .array(let base) = variables[slot].kind {
        let zero = SymbolicIndex(try space.constant(0))
        return .memory(SymbolicPointer(base: base, offset: zero), symbol.type)
      }
      return .variable(slot)
    case .unary(.dereference, let pointer):
      return .memory(try self.pointer(pointer), expr.type)
    case .subscriptOf(let base, let index): return try element(base, index, expr.type)
    case .member(let base, let field, let isArrow):
      let start: SymbolicPointer
      if isArrow {
        start = try pointer(base)
      } else {
        guard case .memory(let pointer, _) = try place(base) else {
          throw Unproved("a member of a local record")
        }
        start = pointer
      }
      guard start.member.isEmpty, start.base.objects[field] != nil else {
        throw Unproved("the member '\(field)'")
      }
      return .memory(
        SymbolicPointer(base: start.base, offset: start.offset, member: field), expr.type)
    default: throw Unproved("an object that is not read")
    }
  }

  /// A constant table of the file; nil when the object is none.
  private func table(_ symbol: Symbol) throws -> Place? {
    guard let table = unit.table(symbol.name) else { return nil }
    guard table.initializer.mentionedVariables.isEmpty else {
      throw Unproved("the table '\(symbol.name)'")
    }
    let slot = try fixedTable(symbol.name, table.type, table.initializer)
    guard case .array(let base) = variables[slot].kind else { return .variable(slot) }
    let zero = SymbolicIndex(try space.constant(0))
    return .memory(SymbolicPointer(base: base, offset: zero), table.type)
  }

  func pointer(_ expr: Expr) throws -> SymbolicPointer {
    guard case .pointer(let pointer) = try value(expr) else {
      throw Unproved("a pointer whose object is not known")
    }
    return pointer
  }

  private func element(_ base: Expr, _ index: Expr, _ type: CType) throws -> Place {
    if base.type.isVector {
      guard case .variable(let slot) = try place(base) else {
        throw Unproved("a lane of a vector in memory")
      }
      guard let lane = try scalar(index).index else { throw Unproved("a lane that data chooses") }
      return .lane(slot, lane)
    }
    let start = try pointer(base)
    return .memory(try moved(start, base.type, try scalar(index)), type)
  }

  /// The pointer `index` elements further, in units of what `type` points to.
  func moved(
    _ pointer: SymbolicPointer, _ type: CType, _ index: ScalarValue, isForward: Bool = true
  ) throws -> SymbolicPointer {
    guard let pointee = type.element, let index = index.index else {
      throw Unproved("a subscript that depends on data")
    }
    guard pointer.member.isEmpty, let distance = try scaled(index, pointee, pointer.base) else {
      throw Unproved("a subscript that is no polynomial of sizes")
    }
    var moved = pointer
    moved.offset = try isForward ? pointer.offset.plus(distance) : pointer.offset.minus(distance)
    return moved
  }

  /// `index` objects of a type as elements of a base.
  private func scaled(_ index: SymbolicIndex, _ type: CType, _ base: MemoryBase) throws
    -> SymbolicIndex?
  {
    if type.canonical == .void { throw Unproved("arithmetic on 'void *'") }
    if let size = layout.size(of: type)?.size {
      guard size % base.elementSize == 0 else {
        throw Unproved("an access of parts of '\(base.title)'")
      }
      return try index.times(size / base.elementSize)
    }
    guard case .array(let array) = type.canonical, case .variable(let bound) = array.bound,
      bound.mentionedVariables.isDisjoint(with: function.body.storedVariables),
      let count = try scalar(bound).index, let rows = try index.times(count)
    else { return nil }
    return try scaled(rows, array.element, base)
  }

  func address(of operand: Expr) throws -> SymbolicValue {
    guard case .memory(let pointer, _) = try place(operand) else {
      throw Unproved("the address of a variable")
    }
    return .pointer(pointer)
  }

  /// Pointers into one object by their distance; others may compare either way.
  func comparePointers(_ op: BinaryOperator, _ left: Typed, _ right: Typed) throws -> ScalarValue {
    switch (left.value, right.value) {
    case (.pointer(let a), .pointer(let b)):
      guard a.base === b.base, a.member == b.member else {
        guard op.isComparison else { throw Unproved("a difference of pointers to two objects") }
        let key = "\(a.base.title) \(a.offset.text) \(op.rawValue) \(b.base.title) \(b.offset.text)"
        guard try !a.offset.minus(b.offset).involvesCounters(allCounters) else {
          throw Unproved("a comparison of pointers to two objects in a loop")
        }
        return try flagged(key)
      }
      if op == .subtract {
        let difference = try a.offset.minus(b.offset)
        guard let size = left.type.element.flatMap({ layout.size(of: $0)?.size }),
          size == a.base.elementSize
        else { throw Unproved("a difference of pointers to parts") }
        return ScalarValue(.long, difference)
      }
      if let known = try compare(op, a.offset, b.offset) { return known }
    case (.pointer(let a), .null), (.null, .pointer(let a)):
      guard op == .equal || op == .notEqual else { break }
      if let failure = a.base.failure {
        let flag = ScalarValue(.int, SymbolicIndex(try space.input(failure)))
        return op == .equal ? flag : try negated(flag)
      }
      let isNull = try flagged("'\(a.base.title)' is null")
      return op == .equal ? isNull : try negated(isNull)
    default: break
    }
    throw Unproved("a comparison of pointers that is not read")
  }

  private func negated(_ scalar: ScalarValue) throws -> ScalarValue {
    guard let set = try truth(scalar) else { throw Unproved("a condition") }
    return ScalarValue(.int, SymbolicIndex(try set.complement().indicator()))
  }

  // MARK: values in and out

  func load(_ place: Place) throws -> SymbolicValue {
    switch place {
    case .variable(let slot):
      let binding = bindings[slot]
      switch variables[slot].kind {
      case .scalar(let object):
        guard let type = CellType(variables[slot].type) else { throw Unproved("a variable") }
        if let index = binding?.index { return .scalar(ScalarValue(type, index)) }
        return .scalar(ScalarValue(try cell(object, SymbolicIndex(space.constant(0)), binding)))
      case .lanes(let object, let count):
        let index = SymbolicIndex(try space.input(lane))
        return .lanes(ScalarValue(try cell(object, index, binding)), count)
      case .pointer:
        if binding?.isNull == true { return .null }
        guard let pointer = binding?.pointer else {
          throw Unproved("'\(variables[slot].name)' points to something that is not known")
        }
        return .pointer(pointer)
      case .array: throw Unproved("an array as a value")
      }
    case .lane(let slot, let lane):
      guard case .lanes(let object, _) = variables[slot].kind else { throw Unproved("a lane") }
      return .scalar(ScalarValue(read(object, lane)))
    case .memory(let pointer, let type):
      try refuseVolatile(type)
      switch type.canonical {
      case .array, .function: return .pointer(pointer)
      case .vector(let element, let lanes):
        guard let cell = CellType(element) else { throw Unproved("a vector of a type not read") }
        let index = SymbolicIndex(try space.input(lane))
        return .lanes(try self.element(at: pointer, plus: index, as: cell), lanes)
      case .pointer: throw Unproved("a pointer that is read from memory")
      default:
        guard let cell = CellType(type) else { throw Unproved("an access of a type not read") }
        return .scalar(try element(at: pointer, plus: SymbolicIndex(space.constant(0)), as: cell))
      }
    }
  }

  private func cell(_ object: MemoryObject, _ index: SymbolicIndex, _ binding: Binding?) throws
    -> OperationNode
  {
    if let number = binding?.definition {
      let range = number >= 0 ? program.statements[number].value.range : nil
      return OperationNode(.definition(number), object.type, range: range)
    }
    return read(object, index)
  }

  private func read(_ object: MemoryObject, _ index: SymbolicIndex) -> OperationNode {
    OperationNode(
      .read(CellAccess(object: object, index: index, domain: domain, isGuarded: !guards.isEmpty)),
      object.type)
  }

  private func object(_ pointer: SymbolicPointer, _ type: CellType) throws -> MemoryObject {
    for (base, reached) in released where base === pointer.base {
      guard try space.isImpossible(reached.intersection(domain)) else {
        throw Unproved("an access of memory given back")
      }
    }
    if let failure = pointer.base.failure {
      let failed = try space.input(failure).nonZero()
      guard try space.isImpossible(failed.intersection(domain)) else {
        throw Unproved("an access of an allocation that may have failed")
      }
    }
    guard let object = pointer.base.objects[pointer.member] else {
      throw Unproved("an access of a part of '\(pointer.base.title)'")
    }
    guard object.type.bits == type.bits else {
      throw Unproved("'\(object.title)' is accessed in parts of another size")
    }
    return object
  }

  private func element(at pointer: SymbolicPointer, plus offset: SymbolicIndex, as type: CellType)
    throws -> ScalarValue
  {
    let object = try object(pointer, type)
    let node = read(object, try pointer.offset.plus(offset))
    if node.type == type { return ScalarValue(node) }
    guard node.type.kind != .boolean, type.kind != .boolean else {
      throw Unproved("a truth value under another type")
    }
    return try reinterpret(ScalarValue(node), as: type)
  }

  func store(_ value: SymbolicValue, to place: Place) throws {
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
      try refuseVolatile(type)
      try store(scalar, at: pointer, plus: SymbolicIndex(space.constant(0)), as: cell)
    case (.lanes(let lanes, let count), .memory(let pointer, _)):
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

  /// Stores to a scalar variable, and remembers what it holds.
  func store(_ scalar: ScalarValue, to slot: Int) throws {
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
      choice = try make(
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
