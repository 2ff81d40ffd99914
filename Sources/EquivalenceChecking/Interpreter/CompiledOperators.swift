import JudgeKernels
import KernelModel

/// Operators (§6.5).
extension BytecodeCompiler {
  mutating func unary(_ op: UnaryOperator, _ operand: Expr, _ expr: Expr)
    throws(Uninterpreted) -> Operand
  {
    switch op {
    case .dereference: return try load(place(expr))
    case .addressOf: return try address(of: operand)
    case .not:
      guard case .scalar(let register, let type) = try value(operand) else {
        throw unsupported("'!' of a vector")
      }
      return .scalar(emit(RK_NOT, .int, register, aux: type.raw), .int)
    case .plus: return try convert(operand, to: expr.type)
    case .minus, .complement:
      let code = op == .minus ? RK_NEG : RK_COMPLEMENT
      switch try convert(operand, to: expr.type) {
      case .scalar(let register, let type):
        return .scalar(emit(code, type, register), type)
      case .vector(let registers, let type):
        return .vector(registers.map { emit(code, type, $0) }, type)
      default: throw unsupported("this operand")
      }
    case .preIncrement, .postIncrement: return try step(operand, RK_ADD, op == .postIncrement)
    case .preDecrement, .postDecrement: return try step(operand, RK_SUB, op == .postDecrement)
    }
  }

  private mutating func address(of operand: Expr) throws(Uninterpreted) -> Operand {
    // `&a[i]` and `&*p` do not touch what they name.
    guard case .memory(let address, let offset, _) = try place(operand) else {
      throw unsupported("the address of a register")
    }
    return .scalar(try moved(address, plus: offset), .address)
  }

  private mutating func step(_ target: Expr, _ code: rk_opcode, _ isPostfix: Bool)
    throws(Uninterpreted) -> Operand
  {
    let place = try place(target)
    guard case .scalar(let current, let type) = try load(place) else {
      throw unsupported("a step of a vector")
    }
    let old = isPostfix ? emit(RK_MOV, type, current) : current
    let next: Register
    if target.type.isPointer {
      let size = try size(target.type.element ?? .void)
      next = add(current, constant(code == RK_ADD ? 1 : -1), scale: size)
    } else if type.isFloating {
      let one = convert(constant(1), .long, to: type)
      next = emit(code, type, current, one)
    } else {
      // `x++` is `x = x + 1` in the promoted type.
      let promoted = try machineType(target.type.promoted)
      let wide = convert(current, type, to: promoted)
      let stepped = emit(code, promoted, wide, constant(1))
      if target.type.isBoolean { throw unsupported("a step of a truth value") }
      next = convert(stepped, promoted, to: type)
    }
    try store(.scalar(next, type), to: place)
    return .scalar(isPostfix ? old : next, type)
  }

  mutating func binary(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ expr: Expr)
    throws(Uninterpreted) -> Operand
  {
    if op.isLogical { return try logical(op, left, right) }
    if let fused = try fused(op, left, right, expr.type) { return fused }
    let a = try value(left)
    // A variable's register may change while the other side is evaluated.
    let kept = right.hasEffects ? keep(a) : a
    let b = try value(right)
    return try arithmetic(op, (kept, left.type), (b, right.type), expr.type)
  }

  mutating func keep(_ operand: Operand) -> Operand {
    switch operand {
    case .scalar(let register, let type): .scalar(emit(RK_MOV, type, register), type)
    case .vector(let registers, let type):
      .vector(registers.map { emit(RK_MOV, type, $0) }, type)
    default: operand
    }
  }

  /// `target op= source`.
  mutating func compound(_ op: BinaryOperator, _ target: Expr, _ source: Expr)
    throws(Uninterpreted) -> Operand
  {
    let place = try place(target)
    let common =
      op == .shiftLeft || op == .shiftRight
      ? target.type.promoted : Expr.binary(op, target, source).type
    let result: Operand
    if let fused = try fused(op, target: place, target.type, source, common) {
      result = fused
    } else {
      let right = try value(source)
      let current = try load(place)
      result = try arithmetic(op, (current, target.type), (right, source.type), common)
    }
    let converted = try convert(result, to: target.type)
    try store(converted, to: place)
    return converted
  }

  typealias Typed = (operand: Operand, type: CType)

  mutating func arithmetic(_ op: BinaryOperator, _ left: Typed, _ right: Typed, _ type: CType)
    throws(Uninterpreted) -> Operand
  {
    if left.type.isVector || right.type.isVector {
      return try lanewise(op, left, right, type)
    }
    guard case .scalar(let a, let own) = left.operand,
      case .scalar(let b, let other) = right.operand
    else { throw unsupported("this operand") }
    let isAddress = (left.type.isAddress, right.type.isAddress)
    switch (op, isAddress) {
    case (.add, (true, false)), (.subtract, (true, false)):
      let size = try pointeeSize(left.type)
      return .scalar(moved(a, b, other, size, isForward: op == .add), .address)
    case (.add, (false, true)):
      let size = try pointeeSize(right.type)
      return .scalar(moved(b, a, own, size, isForward: true), .address)
    case (.subtract, (true, true)):
      let bytes = emit(RK_SUB, .long, a, b)
      return .scalar(emit(RK_DIV, .long, bytes, try pointeeSize(left.type)), .long)
    case (_, (true, _)), (_, (_, true)):
      guard op.isComparison else { throw unsupported("this operator on pointers") }
      let (x, y) = (convert(a, own, to: .address), convert(b, other, to: .address))
      return .scalar(compare(op, .address, x, y), .int)
    default: break
    }
    if op == .shiftLeft || op == .shiftRight {
      let machine = try machineType(left.type.promoted)
      let (x, y) = (convert(a, own, to: machine), convert(b, other, to: machine))
      return .scalar(emit(op == .shiftLeft ? RK_SHL : RK_SHR, machine, x, y), machine)
    }
    guard let common = CType.usualArithmeticConversion(left.type, right.type) else {
      throw unsupported("this operator")
    }
    let machine = try machineType(common)
    let (x, y) = (convert(a, own, to: machine), convert(b, other, to: machine))
    if op.isComparison { return .scalar(compare(op, machine, x, y), .int) }
    guard let code = op.code else { throw unsupported("this operator") }
    return .scalar(emit(code, machine, x, y), machine)
  }

  private mutating func pointeeSize(_ type: CType) throws(Uninterpreted) -> Register {
    let pointee = type.element ?? .void
    if pointee.canonical == .void { return constant(1) }
    return try dynamicSize(pointee)
  }

  private mutating func moved(
    _ start: Register, _ index: Register, _ type: MachineType, _ size: Register, isForward: Bool
  ) -> Register {
    if size.kind == .constant, case .bits(let bits) = buffer.constants[size.index],
      bits < 1 << 30
    {
      return add(start, index, type, scale: isForward ? Int(bits) : -Int(bits))
    }
    if isForward { return row(start, index, type, size) }
    let distance = emit(RK_MUL, .long, convert(index, type, to: .long), size)
    return add(start, distance, scale: -1)
  }

  /// `int` 0 or 1.
  private mutating func compare(
    _ op: BinaryOperator, _ type: MachineType, _ a: Register, _ b: Register
  ) -> Register {
    switch op {
    case .less: emit(RK_LT, type, a, b)
    case .lessOrEqual: emit(RK_LE, type, a, b)
    case .greater: emit(RK_LT, type, b, a)
    case .greaterOrEqual: emit(RK_LE, type, b, a)
    case .equal: emit(RK_EQ, type, a, b)
    default: emit(RK_NE, type, a, b)
    }
  }

  /// Vector operators work lane by lane; comparisons give 0 or -1.
  private mutating func lanewise(
    _ op: BinaryOperator, _ left: Typed, _ right: Typed, _ type: CType
  ) throws(Uninterpreted) -> Operand {
    let shape = left.type.isVector ? left.type : right.type
    let isShift = op == .shiftLeft || op == .shiftRight
    guard case .vector(let x, let lane) = try convert(left.operand, to: shape),
      case .vector(let y, let other) = try convert(
        right.operand, to: isShift && right.type.isVector ? right.type : shape),
      x.count == y.count
    else { throw unsupported("this operator on vectors") }
    if op.isComparison {
      guard case .vector(let element, _) = type.canonical else {
        throw unsupported("this comparison of vectors")
      }
      let result = try machineType(element)
      var lanes: [Register] = []
      for (a, b) in zip(x, y) {
        let truth = emit(RK_NEG, .int, compare(op, lane, a, b))
        lanes.append(convert(truth, .int, to: result))
      }
      return .vector(lanes, result)
    }
    guard let code = isShift ? (op == .shiftLeft ? RK_SHL : RK_SHR) : op.code else {
      throw unsupported("this operator on vectors")
    }
    // Lanes are not promoted. clang lets signed lanes wrap and GCC does not: they must not.
    var lanes: [Register] = []
    for (a, b) in zip(x, y) {
      lanes.append(emit(code, lane, a, isShift ? convert(b, other, to: lane) : b))
    }
    return .vector(lanes, lane)
  }
}

extension BinaryOperator {
  fileprivate var code: rk_opcode? {
    switch self {
    case .add: RK_ADD
    case .subtract: RK_SUB
    case .multiply: RK_MUL
    case .divide: RK_DIV
    case .remainder: RK_REM
    case .bitAnd: RK_AND
    case .bitOr: RK_OR
    case .bitXor: RK_XOR
    default: nil
    }
  }
}
