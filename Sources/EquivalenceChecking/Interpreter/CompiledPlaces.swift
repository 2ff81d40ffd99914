import JudgeKernels
import KernelModel

/// Lvalues: where objects are, and how values get there and back.
extension BytecodeCompiler {
  enum Place {
    case register(Register, MachineType, isBoolean: Bool)
    case vector([Register], MachineType)
    /// A byte address and the type of what stands there.
    case memory(Register, offset: Int, CType)
  }

  func place(of variable: VariableID) throws(Uninterpreted) -> Place {
    let type = scope.function[variable].type
    guard let storage = scope.storage[variable] else {
      throw unsupported("'\(scope.function[variable].name)' before its declaration")
    }
    switch storage {
    case .register(let register, let machine):
      return .register(register, machine, isBoolean: type.isBoolean)
    case .vector(let registers, let machine): return .vector(registers, machine)
    case .memory(let address): return .memory(address, offset: 0, type)
    }
  }

  /// Gives a parameter or local variable its storage.
  mutating func declare(_ variable: VariableID) throws(Uninterpreted) {
    let symbol = scope.function[variable]
    try refuseVolatile(symbol.type)
    if !scope.inMemory.contains(variable) {
      if symbol.type.isScalar, let type = MachineType(symbol.type) {
        if case .register = scope.storage[variable] { return }
        scope.storage[variable] = .register(buffer.variable(type), type)
        return
      }
      if case .vector(let element, let lanes) = symbol.type.canonical {
        if case .vector = scope.storage[variable] { return }
        let type = try machineType(element)
        var registers: [Register] = []
        for _ in 0..<lanes { registers.append(buffer.variable(type)) }
        scope.storage[variable] = .vector(registers, type)
        return
      }
    }
    let index = object(try size(symbol.type), symbol.name)
    scope.storage[variable] = .memory(buffer.constant(.localAddress(index)))
    let number = buffer.constant(.localIndex(index))
    buffer.emit(.init(op: RK_BEGIN, a: number))
  }

  func refuseVolatile(_ type: CType) throws(Uninterpreted) {
    if type.qualifiers.contains(.volatile) || type.qualifiers.contains(.atomic) {
      throw unsupported("a volatile access")
    }
  }

  mutating func place(_ expr: Expr) throws(Uninterpreted) -> Place {
    try refuseVolatile(expr.type)
    switch expr.kind {
    case .variable(let variable):
      let symbol = scope.function[variable]
      if scope.storage[variable] == nil {
        guard symbol.storage == .global else { return try place(of: variable) }
        scope.storage[variable] = .memory(try global(symbol))
      }
      return try place(of: variable)
    case .unary(.dereference, let pointer):
      return .memory(try scalar(pointer), offset: 0, expr.type)
    case .subscriptOf(let base, let index): return try element(base, index, expr.type)
    case .member(let base, let field, let isArrow): return try member(base, field, isArrow)
    case .compoundLiteral(let elements):
      let index = object(try size(expr.type), "a compound literal")
      let address = buffer.constant(.localAddress(index))
      buffer.emit(.init(op: RK_BEGIN, a: buffer.constant(.localIndex(index))))
      try initialize(.memory(address, offset: 0, expr.type), elements, expr.type)
      return .memory(address, offset: 0, expr.type)
    case .string: throw unsupported("a string")
    default: throw unsupported("this expression as an object")
    }
  }

  /// A file-scope object: an input, or a constant table of the file.
  private mutating func global(_ symbol: Symbol) throws(Uninterpreted) -> Register {
    if let input = globals[symbol.name] { return buffer.constant(.globalAddress(input)) }
    if let known = tables[symbol.name] { return buffer.constant(.localAddress(known)) }
    // What a table's initialiser names belongs to another function's symbols.
    guard let table = unit.table(symbol.name), table.initializer.mentionedVariables.isEmpty else {
      throw unsupported("the file-scope object '\(symbol.name)'")
    }
    let index = object(try size(table.type), symbol.name)
    tables[symbol.name] = index
    try fillTable(index, table.type, table.initializer)
    return buffer.constant(.localAddress(index))
  }

  /// Stores the contents of a constant object before everything else.
  mutating func fillTable(_ index: Int, _ type: CType, _ value: Expr) throws(Uninterpreted) {
    let wasInPrologue = buffer.isInPrologue
    buffer.isInPrologue = true
    defer { buffer.isInPrologue = wasInPrologue }
    let address = buffer.constant(.localAddress(index))
    try initialize(.memory(address, offset: 0, type), with: value, type)
  }

  private mutating func element(_ base: Expr, _ index: Expr, _ type: CType)
    throws(Uninterpreted) -> Place
  {
    if base.type.isVector {
      let place = try place(base)
      switch place {
      case .vector(let lanes, let machine):
        guard let lane = index.constantValue, lanes.indices.contains(lane) else {
          throw unsupported("a lane that is no constant")
        }
        return .register(lanes[lane], machine, isBoolean: false)
      case .memory(let address, let offset, _):
        let start = try moved(address, plus: offset)
        return .memory(
          try moved(start, index, of: try size(type)), offset: 0, type)
      case .register: throw unsupported("a lane of a scalar")
      }
    }
    let start = try scalar(base)
    guard let pointee = base.type.element else { throw unsupported("this subscript") }
    if let size = scope.layout.size(pointee) {
      if let constant = index.constantValue, abs(constant) < 1 << 20, size < 1 << 10 {
        return .memory(start, offset: constant * size, pointee)
      }
      return .memory(try moved(start, index, of: size), offset: 0, pointee)
    }
    let bytes = try dynamicSize(pointee)
    let (register, type) = try distance(index)
    return .memory(row(start, register, type, bytes), offset: 0, pointee)
  }

  /// The address of an element, `size` bytes each, behind `start`.
  mutating func moved(_ start: Register, _ index: Expr, of size: Int) throws(Uninterpreted)
    -> Register
  {
    let (register, type) = try distance(index)
    return add(start, register, type, scale: size)
  }

  /// An index of any integer type: registers hold their values extended to addresses' width.
  mutating func distance(_ index: Expr) throws(Uninterpreted) -> (Register, MachineType) {
    guard case .scalar(let register, let type) = try value(index), !type.isFloating else {
      return (try scalar(index, as: .long), .long)
    }
    return (register, type)
  }

  /// `start + index * size` in bytes, of registers.
  mutating func row(
    _ start: Register, _ index: Register, _ type: MachineType, _ size: Register
  ) -> Register {
    let d = buffer.temporary()
    buffer.emit(
      .init(op: RK_ROW, aux: UInt8(type.code.rawValue), d: d, a: start, b: index, c: size))
    return d
  }

  mutating func moved(_ start: Register, plus offset: Int) throws(Uninterpreted) -> Register {
    offset == 0 ? start : add(start, constant(offset), scale: 1)
  }

  /// `start + index * scale` in bytes.
  mutating func add(
    _ start: Register, _ index: Register, _ type: MachineType = .long, scale: Int
  ) -> Register {
    let d = buffer.temporary()
    buffer.emit(
      .init(
        op: RK_ADDRESS, aux: UInt8(type.code.rawValue), d: d, a: start, b: index,
        immediate: Int32(truncatingIfNeeded: scale)))
    return d
  }

  /// The size in bytes of a type with variable lengths.
  mutating func dynamicSize(_ type: CType) throws(Uninterpreted) -> Register {
    if let size = scope.layout.size(type) { return constant(size) }
    if let known = scope.rowSizes[type] { return known }
    guard case .array(let array) = type.canonical, case .variable(let bound) = array.bound else {
      throw unsupported("a type of unknown size")
    }
    // The length counts from where the type was declared; it may not have changed since.
    let stored = scope.function.body.storedVariables
    guard bound.mentionedVariables.isDisjoint(with: stored), !bound.hasEffects else {
      throw unsupported("an array length that changes")
    }
    let count = try scalar(bound, as: .long)
    return emit(RK_MUL, .long, count, try dynamicSize(array.element))
  }

  /// Computes the sizes of what parameters point to once, where they depend on parameters that keep
  /// their values.
  mutating func keepRowSizes() throws(Uninterpreted) {
    let parameters = Set(scope.function.parameters)
    let stored = scope.function.body.storedVariables
    for parameter in scope.function.parameters {
      var type = scope.function[parameter].type.element
      while let level = type, case .array(let array) = level.canonical {
        if case .variable(let bound) = array.bound, scope.rowSizes[level] == nil,
          !bound.hasEffects, bound.mentionedVariables.isSubset(of: parameters),
          bound.mentionedVariables.isDisjoint(with: stored)
        {
          let size = buffer.variable(.long)
          move(try dynamicSize(level), to: size, .long)
          scope.rowSizes[level] = size
        }
        type = array.element
      }
    }
  }

  /// Variable lengths of what a parameter points to are above zero (§6.7.6.2 ¶5).
  mutating func checkLengths(_ type: CType) throws(Uninterpreted) {
    guard var element = type.element else { return }
    while case .array(let array) = element.canonical {
      if case .variable(let bound) = array.bound {
        let branch = openBranch(emit(RK_LE, .long, try scalar(bound, as: .long), constant(0)))
        buffer.emit(.init(op: RK_UNREACHABLE, aux: 1))
        otherwise(branch)
        closeBranch(branch)
      }
      element = array.element
    }
  }

  private mutating func member(_ base: Expr, _ name: String, _ isArrow: Bool)
    throws(Uninterpreted) -> Place
  {
    let address: Register
    var start = 0
    let type: CType
    if isArrow {
      address = try scalar(base)
      type = base.type.element ?? .void
    } else if case .call = base.kind {
      // A record that a call returns has no place of its own.
      guard case .record(let register, let record) = try value(base) else {
        throw unsupported("this member")
      }
      (address, type) = (register, record)
    } else {
      guard case .memory(let register, let offset, let record) = try place(base) else {
        throw unsupported("this member")
      }
      (address, start, type) = (register, offset, record)
    }
    guard let (field, offset) = self.field(name, of: type) else {
      throw unsupported("the member '\(name)'")
    }
    return .memory(address, offset: start + offset, field)
  }

  /// A member's type and offset, through members without a name.
  func field(_ name: String, of type: CType) -> (CType, Int)? {
    guard let record = scope.layout.record(type) else { return nil }
    for field in record.fields {
      if field.name == name { return field.bitWidth == nil ? (field.type, field.offset) : nil }
      if field.name.isEmpty, let inner = self.field(name, of: field.type) {
        return (inner.0, inner.1 + field.offset)
      }
    }
    return nil
  }

  // MARK: values in and out

  mutating func load(_ place: Place) throws(Uninterpreted) -> Operand {
    switch place {
    case .register(let register, let type, _): return .scalar(register, type)
    case .vector(let registers, let type): return .vector(registers, type)
    case .memory(let address, let offset, let type):
      try refuseVolatile(type)
      switch type.canonical {
      case .array, .function: return .scalar(try moved(address, plus: offset), .address)
      case .record: return .record(try moved(address, plus: offset), type)
      case .vector(let element, let lanes):
        let machine = try machineType(element)
        var registers: [Register] = []
        for lane in 0..<lanes {
          registers.append(load(address, offset + lane * machine.bytes, machine))
        }
        return .vector(registers, machine)
      default:
        let machine = try machineType(type)
        return .scalar(load(address, offset, machine), machine)
      }
    }
  }

  mutating func load(_ address: Register, _ offset: Int, _ type: MachineType) -> Register {
    let d = buffer.temporary()
    buffer.emit(
      .init(
        op: RK_LOAD, type: type.raw, d: d, a: address,
        immediate: Int32(truncatingIfNeeded: offset)))
    return d
  }

  /// Stores a value that already has the place's type.
  mutating func store(_ operand: Operand, to place: Place) throws(Uninterpreted) {
    switch (operand, place) {
    case (.scalar(let value, _), .register(let register, let type, _)):
      move(value, to: register, type)
    case (.vector(let values, _), .vector(let registers, let type)):
      // All lanes are there before one is overwritten: `v = (vec){v[1], v[0]}`.
      let copies = values.map { emit(RK_MOV, type, $0) }
      for (copy, register) in zip(copies, registers) { move(copy, to: register, type) }
    case (.scalar(let value, let type), .memory(let address, let offset, _)):
      store(value, address, offset, type)
    case (.vector(let values, let type), .memory(let address, let offset, _)):
      for (lane, value) in values.enumerated() {
        store(value, address, offset + lane * type.bytes, type)
      }
    case (.record(let from, let type), .memory(let address, let offset, _)):
      let target = try moved(address, plus: offset)
      let count = constant(try size(type))
      buffer.emit(.init(op: RK_COPY, aux: 1, a: target, b: from, c: count))
    default: throw unsupported("this assignment")
    }
  }

  mutating func store(_ value: Register, _ address: Register, _ offset: Int, _ type: MachineType) {
    buffer.emit(
      .init(
        op: RK_STORE, type: type.raw, a: address, b: value,
        immediate: Int32(truncatingIfNeeded: offset)))
  }
}
