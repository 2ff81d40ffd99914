import JudgeKernels
import KernelModel

/// Values of expressions, and conversions between types (§6.3).
extension BytecodeCompiler {
  /// A value as its expression has it, arrays decayed.
  mutating func value(_ expr: Expr) throws(Uninterpreted) -> Operand {
    switch expr.kind {
    case .integer(let value, _): return try integer(value, expr.type)
    case .sizeOf(let value?, _): return try integer(value, expr.type)
    case .floating(let text): return try floating(text, expr.type)
    case .variable, .subscriptOf, .member: return try loaded(expr)
    case .unary(let op, let operand): return try unary(op, operand, expr)
    case .binary(let op, let left, let right): return try binary(op, left, right, expr)
    case .assign(nil, let target, let source):
      let place = try place(target)
      let converted = try convert(source, to: target.type)
      try store(converted, to: place)
      return converted
    case .assign(let op?, let target, let source): return try compound(op, target, source)
    case .conditional(let condition, let then, let otherwise):
      return try conditional(condition, then, otherwise, expr.type)
    case .call(let name, let arguments, let purity):
      return try call(name, arguments, purity, expr.type)
    case .cast(let operand):
      if expr.type.canonical == .void {
        _ = try value(operand)
        return .none
      }
      return try convert(operand, to: expr.type)
    case .comma(let first, let second):
      _ = try value(first)
      return try value(second)
    case .compoundLiteral(let elements) where expr.type.isVector:
      return try vectorLiteral(elements, expr.type)
    case .compoundLiteral: return try load(place(expr))
    case .opaque(let text, _): return try opaque(text, expr)
    case .sizeOf: throw unsupported("a size that is no constant")
    case .string: throw unsupported("a string")
    case .function: throw unsupported("a function as a value")
    case .indirectCall: throw unsupported("a call through a pointer")
    case .initializer: throw unsupported("this initialiser")
    }
  }

  /// A vector that stands in no object has lanes all the same: `(a + b)[0]`.
  private mutating func loaded(_ expr: Expr) throws(Uninterpreted) -> Operand {
    if case .subscriptOf(let base, let index) = expr.kind, base.type.isVector,
      !base.isVectorObject
    {
      guard case .vector(let lanes, let type) = try value(base), let lane = index.constantValue,
        lanes.indices.contains(lane)
      else { throw unsupported("a lane that is no constant") }
      return .scalar(lanes[lane], type)
    }
    return try load(place(expr))
  }

  private mutating func integer(_ value: Int, _ type: CType) throws(Uninterpreted) -> Operand {
    let machine = try machineType(type)
    let bits = rk_extend(UInt64(bitPattern: Int64(value)), machine.code)
    return .scalar(buffer.constant(.bits(bits)), machine)
  }

  private mutating func floating(_ text: String, _ type: CType) throws(Uninterpreted) -> Operand {
    let machine = try machineType(type)
    var digits = Substring(text.lowercased())
    let isHexadecimal = digits.hasPrefix("0x")
    while let last = digits.last,
      last == "l" || (last == "f" && (!isHexadecimal || machine.bytes == 4))
    {
      digits.removeLast()
    }
    if machine.bytes == 4 {
      guard let number = Float(digits) else { throw unsupported("the constant '\(text)'") }
      return .scalar(buffer.constant(.bits(UInt64(number.bitPattern))), machine)
    }
    guard let number = Double(digits) else { throw unsupported("the constant '\(text)'") }
    return .scalar(buffer.constant(.bits(number.bitPattern)), machine)
  }

  private func opaque(_ text: String, _ expr: Expr) throws(Uninterpreted) -> Operand {
    throw unsupported("'\(text.prefix(40))'")
  }

  /// The register of a scalar value.
  mutating func scalar(_ expr: Expr) throws(Uninterpreted) -> Register {
    guard case .scalar(let register, _) = try value(expr) else {
      throw unsupported("a value that is no scalar")
    }
    return register
  }

  /// The value as a C type has it.
  mutating func convert(_ expr: Expr, to type: CType) throws(Uninterpreted) -> Operand {
    let operand = try value(expr)
    return try convert(operand, to: type)
  }

  mutating func scalar(_ expr: Expr, as type: MachineType) throws(Uninterpreted) -> Register {
    guard case .scalar(let register, let own) = try value(expr) else {
      throw unsupported("a value that is no scalar")
    }
    return convert(register, own, to: type)
  }

  mutating func convert(_ register: Register, _ own: MachineType, to type: MachineType)
    -> Register
  {
    if own == type { return register }
    if let known = constantConversion(register, own, to: type) { return known }
    return emit(RK_CONVERT, type, register, aux: own.raw)
  }

  private mutating func constantConversion(
    _ register: Register, _ own: MachineType, to type: MachineType
  ) -> Register? {
    guard register.kind == .constant, case .bits(let bits) = buffer.constants[register.index]
    else { return nil }
    return buffer.constant(.bits(rk_fold_convert(bits, own.code, type.code)))
  }

  mutating func convert(_ operand: Operand, to type: CType) throws(Uninterpreted) -> Operand {
    switch operand {
    case .scalar(let register, let own):
      if case .vector(let element, let lanes) = type.canonical {
        // A scalar of the vector's size would be its bits; one of an element's type is spread.
        let machine = try machineType(element)
        let one = convert(register, own, to: machine)
        return .vector(Array(repeating: one, count: lanes), machine)
      }
      if type.isBoolean {
        let truth = emit(RK_TRUTH, .int, register, aux: own.raw)
        let machine = try machineType(type)
        return .scalar(convert(truth, .int, to: machine), machine)
      }
      let machine = try machineType(type)
      return .scalar(convert(register, own, to: machine), machine)
    case .vector(let registers, let own):
      guard case .vector(let element, let lanes) = type.canonical else {
        throw unsupported("a vector as a scalar")
      }
      return try reinterpret(registers, own, as: try machineType(element), lanes)
    case .record: return operand
    case .none:
      guard type.canonical == .void else { throw unsupported("a missing value") }
      return operand
    }
  }

  /// The bits of a vector under another vector type of the same size.
  private mutating func reinterpret(
    _ registers: [Register], _ own: MachineType, as type: MachineType, _ lanes: Int
  ) throws(Uninterpreted) -> Operand {
    if own == type { return .vector(registers, type) }
    guard own.bytes * registers.count == type.bytes * lanes else {
      throw unsupported("a vector conversion that changes the size")
    }
    if own.bytes == type.bytes {
      return .vector(registers.map { emit(RK_REINTERPRET, type, $0) }, type)
    }
    let index = object(own.bytes * registers.count, "a vector")
    let address = buffer.constant(.localAddress(index))
    for (lane, register) in registers.enumerated() {
      store(register, address, lane * own.bytes, own)
    }
    return .vector((0..<lanes).map { load(address, $0 * type.bytes, type) }, type)
  }

  /// 0 or 1, of a scalar.
  mutating func truth(_ expr: Expr) throws(Uninterpreted) -> Register {
    guard case .scalar(let register, let type) = try value(expr) else {
      throw unsupported("a condition that is no scalar")
    }
    if expr.isTruth { return register }
    return emit(RK_TRUTH, .int, register, aux: type.raw)
  }
}

extension Expr {
  /// Whether the value is 0 or 1 by its form.
  var isTruth: Bool {
    switch kind {
    case .binary(let op, _, _): (op.isComparison || op.isLogical) && type.isInteger
    case .unary(.not, _): true
    default: false
    }
  }

  /// Whether a vector expression names an object.
  var isVectorObject: Bool {
    switch kind {
    case .variable, .subscriptOf, .member, .unary(.dereference, _), .compoundLiteral: true
    default: false
    }
  }
}
