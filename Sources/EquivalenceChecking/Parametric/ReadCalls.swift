import IslBindings
import KernelModel

/// Calls: functions of the file in place, the builtins that move memory, and everything else that
/// depends on its arguments alone as an operation that is not looked into.
extension ProgramReader {
  func call(_ name: String, _ arguments: [Expr], _ purity: Purity, _ type: CType) throws
    -> SymbolicValue
  {
    if let function = unit.function(name) { return try inline(function, arguments) }
    let stem = Vocabulary.stem(name)
    switch stem {
    case "expect", "expect_with_probability":
      guard let first = arguments.first, arguments.dropFirst().allSatisfy(\.isConstantExpression)
      else { throw Unproved("an expectation that is no constant") }
      return try value(first, as: type)
    case "assume_aligned": throw Unproved("an alignment that is promised")
    case "prefetch": throw Unproved("a prefetch")
    case "memcpy", "memset", "memmove": return try moveMemory(stem, arguments)
    case "aligned_alloc", "malloc":
      if let size = arguments.last { return try allocate(size) }
    case "free":
      if let first = arguments.first { return try release(first) }
    case "fabs", "fabsf":
      if let first = arguments.first, case .scalar(let x) = try value(first, as: type) {
        return .scalar(ScalarValue(make(.magnitude, x.type, [try x.asNode()])))
      }
    case "convertvector":
      if let first = arguments.first, case .lanes(let lanes, let count) = try value(first),
        case .vector(let element, _) = type.canonical, let cell = CellType(element)
      {
        return .lanes(try withLanes(count) { try convert(lanes, to: cell) }, count)
      }
    default: break
    }
    guard purity == .const || Vocabulary.pureFunctions.contains(name),
      !Self.opaque.contains(stem), let cell = CellType(type)
    else { throw Unproved("the call of '\(name)'") }
    let before = effects
    var operands: [OperationNode] = []
    for argument in arguments {
      guard !argument.type.isPointer else { throw Unproved("a pointer passed to '\(name)'") }
      operands.append(try scalar(argument).asNode())
    }
    if effects != before, operands.contains(where: \.readsCells) {
      throw Unproved("an argument beside one with effects")
    }
    if stem == "fma" || stem == "fmaf" {
      // A contracted sum rounds once only where the target can (decision 30).
      let fused =
        build.targetFuses
        ? GraphOperator.fused(negatesProduct: false, negatesAddend: false, isMarked: false)
        : .explicitFused
      return .scalar(ScalarValue(make(fused, cell, operands)))
    }
    // What a call does with some arguments (a domain error) it does only where it is made.
    return .scalar(
      ScalarValue(
        OperationNode(.operation(.call(stem), operands), cell, guards: guards)))
  }

  /// Calls that are no function of their scalar arguments, or are undefined for some.
  private static let opaque = Vocabulary.beyondScalars.union([
    "shufflevector", "unreachable", "trap", "abort", "abs", "labs", "llabs", "clz", "clzl", "clzll",
    "ctz", "ctzl", "ctzll",
  ])

  /// The body of a function of the file, with its own variables.
  private func inline(_ callee: Function, _ arguments: [Expr]) throws -> SymbolicValue {
    guard callee.parameters.count == arguments.count, frames.count < 8,
      !frames.contains(where: { $0.function.name == callee.name })
    else { throw Unproved("the call of '\(callee.name)'") }
    guard !isProbing else { throw Unproved("a call of '\(callee.name)' in a condition") }
    let before = effects
    var values: [SymbolicValue] = []
    for (parameter, argument) in zip(callee.parameters, arguments) {
      values.append(try value(argument, as: callee[parameter].type))
    }
    if effects != before { throw Unproved("an argument with effects") }
    let reached = domain
    frames.append(
      Frame(function: callee, firstSlot: variables.count, depth: counters.count))
    defer { frames.removeLast() }
    for (parameter, value) in zip(callee.parameters, values) {
      let symbol = callee[parameter]
      try refuseVolatile(symbol.type)
      if symbol.type.qualifiers.contains(.restrict) {
        throw Unproved("a helper's 'restrict' is not checked")
      }
      let slot = try parameterSlot(symbol)
      frame.slots[parameter] = slot
      try store(value, to: .variable(slot))
    }
    if callee.result.canonical != .void {
      guard let type = CellType(callee.result) else {
        throw Unproved("the result of '\(callee.name)'")
      }
      let result = newScalar(type, callee.result, "the result of \(callee.name)")
      frame.result = result
      try begin(result, nil)
    }
    try statement(callee.body, isTail: true)
    domain = reached
    guard let result = frame.result else { return .none }
    return try load(.variable(result))
  }

  private func parameterSlot(_ symbol: Symbol) throws -> Int {
    switch symbol.type.canonical {
    case .pointer, .array: return newVariable(.pointer, symbol.type, symbol.name)
    case .vector(let element, let lanes):
      guard let type = CellType(element) else { throw Unproved("a vector of a type not read") }
      return newVariable(.lanes(newObject(symbol.name, type), lanes), symbol.type, symbol.name)
    default:
      guard let type = CellType(symbol.type) else {
        throw Unproved("the parameter '\(symbol.name)'")
      }
      return newScalar(type, symbol.type, symbol.name)
    }
  }

  // MARK: memory

  /// `memcpy` and `memset` of whole elements, as a loop over them.
  private func moveMemory(_ stem: String, _ arguments: [Expr]) throws -> SymbolicValue {
    guard arguments.count == 3, stem != "memmove", guards.isEmpty else {
      throw Unproved("the call of '\(stem)'")
    }
    let target = try pointer(arguments[0])
    guard let object = target.base.objects[target.member],
      let bytes = try convert(try scalar(arguments[2]), to: .unsignedLong).index,
      let length = bytes.affine
    else { throw Unproved("the length of '\(stem)'") }
    let size = object.type.bytes
    let count = try length.floorDivided(by: size)
    guard
      try domain.subtracting(count.times(size).isSame(as: length))
        .intersection(space.known).isEmpty()
    else { throw Unproved("'\(stem)' of parts of elements") }
    var source: SymbolicPointer?
    var filling: OperationNode?
    if stem == "memset" {
      guard let byte = try scalar(arguments[1]).index?.constantValue(), byte == 0 else {
        throw Unproved("'memset' with another value than zero")
      }
      filling = try zero(of: object.type)
    } else {
      let from = try pointer(arguments[1])
      guard from.base.objects[from.member]?.type == object.type else {
        throw Unproved("'memcpy' between types")
      }
      guard from.base !== target.base else { throw Unproved("'memcpy' that may overlap") }
      source = from
    }
    effects += 1
    try repeated(count) { element in
      let index = SymbolicIndex(element)
      var node = filling
      if let source, let from = source.base.objects[source.member] {
        node = OperationNode(
          .read(
            CellAccess(
              object: from, index: try source.offset.plus(index), domain: domain, isGuarded: false)),
          from.type)
      }
      if let node {
        let access = CellAccess(
          object: object, index: try target.offset.plus(index), domain: domain, isGuarded: false)
        try emit(access, node)
      }
    }
    return .pointer(target)
  }

  /// Runs `body` for every number from zero up to `count`.
  func repeated(_ count: PiecewiseAffine, _ body: (PiecewiseAffine) throws -> Void) throws {
    let whole = domain
    try nested { counter in
      let element = try space.input(counter)
      let started = try space.constant(0).isAtMost(element)
      domain = try whole.intersection(started).intersection(element.isLess(than: count))
      try body(element)
    }
    domain = whole
  }

  /// A fresh object; its type is that of the pointer that takes it.
  private func allocate(_ size: Expr) throws -> SymbolicValue {
    guard let bytes = try convert(try scalar(size), to: .unsignedLong).index, counters.isEmpty,
      guards.isEmpty, !isProbing
    else {
      throw Unproved("an allocation in a loop")
    }
    names += 1
    let base = MemoryBase("an allocation", elementSize: 1, objects: [:])
    base.failure = try space.flag(for: "allocation \(prefix)\(names) fails")
    pendingSizes[ObjectIdentifier(base)] = bytes
    let zero = SymbolicIndex(try space.constant(0))
    return .pointer(SymbolicPointer(base: base, offset: zero))
  }

  /// The allocation as elements of the type that its pointer has.
  func typed(_ pointer: SymbolicPointer, _ type: CType) throws -> SymbolicPointer {
    guard let bytes = pendingSizes[ObjectIdentifier(pointer.base)], let element = type.element,
      element.canonical != .void
    else { return pointer }
    guard let cell = CellType(element.scalarElement), let length = bytes.affine else {
      throw Unproved("an allocation of a size or type that is not read")
    }
    let object = newObject("an allocation", cell, .allocated)
    object.note(element.scalarElement)
    object.extent = SymbolicIndex(try length.floorDivided(by: cell.bytes))
    let base = MemoryBase("an allocation", elementSize: cell.bytes, objects: ["": object])
    base.failure = pointer.base.failure
    return SymbolicPointer(base: base, offset: pointer.offset)
  }

  private func release(_ argument: Expr) throws -> SymbolicValue {
    guard case .pointer(let pointer) = try value(argument) else { return .none }
    guard let object = pointer.base.objects[""], object.lifetime == .allocated, counters.isEmpty,
      guards.isEmpty
    else { throw Unproved("a call of 'free' that is not read") }
    released.append((pointer.base, domain))
    return .none
  }
}
