import JudgeKernels
import KernelModel

/// Calls: functions of the file in place, the builtins that move memory, and everything else that
/// depends on its arguments alone as an operation that is not looked into.
extension BytecodeCompiler {
  mutating func call(_ name: String, _ arguments: [Expr], _ purity: Purity, _ type: CType)
    throws(Uninterpreted) -> Operand
  {
    if let function = unit.function(name) { return try inline(function, arguments) }
    let stem = Vocabulary.stem(name)
    if let known = try builtin(stem, arguments, type) { return known }
    guard purity == .const || Vocabulary.pureFunctions.contains(name) else {
      throw unsupported("the call of '\(name)'")
    }
    guard !Vocabulary.beyondScalars.contains(stem), arguments.count <= 16 else {
      throw unsupported("the call of '\(name)'")
    }
    return try opaqueCall(stem, arguments, type)
  }

  private mutating func opaqueCall(_ stem: String, _ arguments: [Expr], _ type: CType)
    throws(Uninterpreted) -> Operand
  {
    let result = try machineType(type)
    var values: [(Register, MachineType)] = []
    for argument in arguments {
      guard !argument.type.isPointer, case .scalar(let register, let own) = try value(argument)
      else { throw unsupported("an argument of '\(stem)'") }
      values.append((register, own))
    }
    // The arguments stand side by side, as nodes.
    var first: Register?
    for (register, own) in values {
      let place = emit(RK_ARGUMENT, own, register)
      first = first ?? place
    }
    let d = buffer.temporary()
    let number = callees.number(stem)
    buffer.emit(
      .init(
        op: RK_CALL, type: result.raw, d: d, a: first ?? constant(0),
        immediate: Int32(bitPattern: number), count: UInt32(values.count)))
    return .scalar(d, result)
  }

  /// The body of a function of the file, with its own variables.
  private mutating func inline(_ function: Function, _ arguments: [Expr]) throws(Uninterpreted)
    -> Operand
  {
    guard function.parameters.count == arguments.count, buffer.count < 1 << 20 else {
      throw unsupported("the call of '\(function.name)'")
    }
    var values: [Operand] = []
    for (parameter, argument) in zip(function.parameters, arguments) {
      values.append(keep(try convert(argument, to: function[parameter].type)))
    }
    let offset = buffer.offset
    try enter(function)
    defer {
      scopes.removeLast()
      buffer.offset = offset
    }
    for (parameter, value) in zip(function.parameters, values) {
      try declare(parameter)
      try store(value, to: try place(of: parameter))
    }
    try keepRowSizes()
    try body()
    guard let type = scope.resultType else {
      guard function.result.canonical == .void else {
        throw unsupported("the result of '\(function.name)'")
      }
      return .none
    }
    if function.result.isVector { return keep(.vector(scope.result, type)) }
    return keep(.scalar(scope.result[0], type))
  }

  /// What is modelled itself; nil for other names.
  private mutating func builtin(_ stem: String, _ arguments: [Expr], _ type: CType)
    throws(Uninterpreted) -> Operand?
  {
    switch stem {
    case "expect", "expect_with_probability", "assume_aligned":
      // The others are not evaluated, or may not be.
      guard let first = arguments.first, arguments.dropFirst().allSatisfy(\.isConstantExpression)
      else { throw unsupported("an argument of '\(stem)' that is no constant") }
      return try convert(first, to: type)
    case "prefetch":
      return try prefetch(arguments)
    case "unreachable", "trap", "abort":
      buffer.emit(.init(op: RK_UNREACHABLE))
      return Operand.none
    case "memcpy", "memmove", "memset": return try memory(stem, arguments)
    case "aligned_alloc", "malloc":
      guard let size = arguments.last else { return nil }
      let bytes = try scalar(size, as: .long)
      return .scalar(emit(RK_ALLOCATE, .address, bytes), .address)
    case "free":
      guard let pointer = arguments.first else { return nil }
      buffer.emit(.init(op: RK_RELEASE, a: try scalar(pointer)))
      return Operand.none
    case "fabs", "fabsf":
      guard let first = arguments.first,
        case .scalar(let x, let machine) = try convert(first, to: type)
      else { return nil }
      return .scalar(emit(RK_MAGNITUDE, machine, x), machine)
    case "fma", "fmaf": return try fma(arguments, type)
    case "abs", "labs", "llabs": return try magnitude(arguments, type)
    case "popcount": return try population(arguments, .word)
    case "popcountl", "popcountll": return try population(arguments, .address)
    case "isnan":
      guard let first = arguments.first, case .scalar(let x, let machine) = try value(first) else {
        return nil
      }
      return .scalar(emit(RK_NE, machine, x, x), .int)
    case "inf", "huge_val": return number(Double.infinity.bitPattern, .double)
    case "inff", "huge_valf": return number(UInt64(Float.infinity.bitPattern), .float)
    case "convertvector":
      guard let first = arguments.first, case .vector(let x, let own) = try value(first),
        case .vector(let element, _) = type.canonical
      else { return nil }
      let machine = try machineType(element)
      return .vector(x.map { convert($0, own, to: machine) }, machine)
    case "shufflevector": return try shuffle(arguments)
    default: return nil
    }
  }

  /// A hint does nothing, but its address is computed like any other: what it reads is read, and it
  /// points into an object. Where the original hints beyond its arrays, as programs do, nothing is held
  /// against either text.
  private mutating func prefetch(_ arguments: [Expr]) throws(Uninterpreted) -> Operand {
    guard let address = arguments.first, !arguments.contains(where: \.hasEffects) else {
      throw unsupported("a prefetch with effects")
    }
    guard arguments.dropFirst().allSatisfy(\.isConstantExpression) else {
      throw unsupported("an argument of 'prefetch' that is no constant")
    }
    let pointer = try scalar(address)
    if !unit.originalPrefetches { buffer.emit(.init(op: RK_POINTS, a: pointer)) }
    return .none
  }

  private mutating func number(_ bits: UInt64, _ type: CType) -> Operand? {
    MachineType(type).map { .scalar(buffer.constant(.bits(bits)), $0) }
  }

  private mutating func memory(_ stem: String, _ arguments: [Expr]) throws(Uninterpreted)
    -> Operand?
  {
    guard arguments.count == 3 else { return nil }
    let target = try scalar(arguments[0])
    let source =
      stem == "memset"
      ? try scalar(arguments[1], as: .int) : try scalar(arguments[1])
    let count = try scalar(arguments[2], as: .long)
    buffer.emit(
      .init(
        op: stem == "memset" ? RK_FILL : RK_COPY, aux: stem == "memmove" ? 1 : 0, a: target,
        b: source, c: count))
    return .scalar(target, .address)
  }

  private mutating func fma(_ arguments: [Expr], _ type: CType) throws(Uninterpreted) -> Operand? {
    guard arguments.count == 3 else { return nil }
    let machine = try machineType(type)
    let a = try scalar(arguments[0], as: machine)
    let b = try scalar(arguments[1], as: machine)
    let c = try scalar(arguments[2], as: machine)
    return .scalar(fuse(a, b, c, machine, 0), machine)
  }

  /// The number of bits set, as the sum of all bits.
  private mutating func population(_ arguments: [Expr], _ machine: MachineType)
    throws(Uninterpreted) -> Operand?
  {
    guard let first = arguments.first, arguments.count == 1 else { return nil }
    let x = try scalar(first, as: machine)
    var sum: Register?
    for bit in 0..<(8 * machine.bytes) {
      let moved = bit == 0 ? x : emit(RK_SHR, machine, x, constant(bit))
      let one = emit(RK_AND, machine, moved, constant(1))
      sum = sum.map { emit(RK_ADD, machine, $0, one) } ?? one
    }
    return sum.map { .scalar(convert($0, machine, to: .int), .int) }
  }

  /// `x < 0 ? -x : x`.
  private mutating func magnitude(_ arguments: [Expr], _ type: CType) throws(Uninterpreted)
    -> Operand?
  {
    guard arguments.count == 1 else { return nil }
    let machine = try machineType(type)
    let x = try scalar(arguments[0], as: machine)
    let result = buffer.variable(machine)
    let isNegative = emit(RK_LT, machine, x, constant(0))
    let branch = openBranch(isNegative)
    move(emit(RK_NEG, machine, x), to: result, machine)
    otherwise(branch)
    move(x, to: result, machine)
    closeBranch(branch)
    return .scalar(result, machine)
  }

  private mutating func shuffle(_ arguments: [Expr]) throws(Uninterpreted) -> Operand? {
    guard arguments.count > 2, case .vector(let a, let type) = try value(arguments[0]),
      case .vector(let b, _) = try value(arguments[1])
    else { return nil }
    let both = a + b
    var lanes: [Register] = []
    for argument in arguments.dropFirst(2) {
      guard let index = argument.constantValue, index < both.count else { return nil }
      // -1 leaves the lane open; the first is as good as any.
      lanes.append(both[max(0, index)])
    }
    return .vector(lanes, type)
  }
}
