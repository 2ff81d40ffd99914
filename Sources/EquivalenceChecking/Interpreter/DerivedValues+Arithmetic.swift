import JudgeKernels

/// What follows for the result of an instruction from what is known of its operands.
extension DerivedValues {
  func made(isDerived: Bool = false, isOpen: Bool = false) -> RegisterFacts {
    RegisterFacts(isDerived: isDerived, isMade: true, isOpen: isOpen)
  }

  func isAnyOpen(_ code: rk_instruction) -> Bool {
    values[Int(code.a)].isOpen || values[Int(code.b)].isOpen
  }

  /// Whether a quotient or a shift was zero on all calls, or a remainder or a mask all of a number or
  /// nothing.
  func tookNoPart(_ code: rk_instruction, _ notes: UInt8) -> Bool {
    guard notes != 0 else { return false }
    switch rk_opcode(UInt32(code.op)) {
    case RK_DIV, RK_SHR: return notes & 4 == 0
    case RK_REM: return notes & 3 == 1
    case RK_AND:
      // What the mask is applied to is the operand that is no number.
      let (kept, changed): (UInt8, UInt8) = number(code.a) == nil ? (1, 2) : (32, 64)
      return notes & 4 == 0 || (notes & kept != 0 && notes & changed == 0)
    default: return false
    }
  }

  /// A sum, a difference or a product.
  func computed(_ code: rk_instruction) -> RegisterFacts {
    let origins = sources(code.a).union(sources(code.b))
    let scale = scale(of: code)
    // A number that the text computes: any product, and sums but those of counters.
    let isNumber =
      !origins.contains { $0 < firstLocal }
      && (code.op == UInt16(RK_MUL.rawValue) || code.a == code.b
        || origins.isDisjoint(with: counted))
    let isDerived =
      isWide(code.a) || isWide(code.b) || wrapsRound(code) || isNumber || scale == Self.largestScale
    return RegisterFacts(
      isDerived: isDerived, origins: origins, isMade: true, scale: scale, width: width(of: code),
      isCut: values[Int(code.a)].isCut || values[Int(code.b)].isCut, isOpen: isAnyOpen(code))
  }

  /// What a call was given says as much as a parameter does.
  func loaded(_ code: rk_instruction, _ place: [UInt32], at index: Int) -> RegisterFacts {
    let width = rk_type_width(rk_type(UInt32(code.type)))
    guard notes[index] == 1, code.type < RK_F32.rawValue, !isAnyMade(place) else {
      return RegisterFacts(isDerived: true, isMade: true, width: width, isOpen: true)
    }
    return RegisterFacts(origins: [Self.given], width: width, isOpen: true)
  }

  /// Sums and differences of what is in 32 bits are taken to be in 32 bits too, but those of counters.
  func width(of code: rk_instruction) -> UInt32 {
    let (a, b) = (width(code.a), width(code.b))
    let whole = rk_type_width(rk_type(UInt32(code.type)))
    switch rk_opcode(UInt32(code.op)) {
    case RK_ADD, RK_SUB:
      let isSelf = isVariable(code.d) && sources(code.a).union(sources(code.b)).contains(code.d)
      return isSelf ? whole : min(max(a, b), whole)
    case RK_REM, RK_AND: return min(a, b)
    case RK_DIV, RK_SHR: return a
    case RK_OR, RK_XOR: return max(a, b)
    case RK_MUL: return min(a + b, whole)
    default: return whole
    }
  }

  func width(_ register: UInt32) -> UInt32 {
    number(register).map { UInt32(65 - $0.magnitude.leadingZeroBitCount) }
      ?? values[Int(register)].width
  }

  func scale(of code: rk_instruction) -> UInt64 {
    if code.op == UInt16(RK_MUL.rawValue) {
      return [code.a, code.b].reduce(1) { min($0 * scale($1), Self.largestScale) }
    }
    // A number is added once, however large it is.
    let moving = [code.a, code.b].filter { $0 >= firstVariable }
    if isVariable(code.d), moving.contains(code.d) { return moving.map(scale).max() ?? 1 }
    return min(max(moving.reduce(0) { $0 + scale($1) }, 1), Self.largestScale)
  }

  func scale(_ register: UInt32) -> UInt64 {
    number(register).map { min($0.magnitude, Self.largestScale) } ?? values[Int(register)].scale
  }

  /// The value of a register that is read: of a variable, the variable is an origin too.
  func value(_ register: UInt32) -> RegisterFacts {
    var value = values[Int(register)]
    value.origins = sources(register)
    value.scale = scale(register)
    value.width = width(register)
    return value
  }

  func sources(_ register: UInt32) -> Set<UInt32> {
    let origins = values[Int(register)].origins
    return isVariable(register) ? origins.union([register]) : origins
  }

  func isAnyMade(_ registers: [UInt32]) -> Bool {
    registers.contains { values[Int($0)].isMade }
  }

  func isWide(_ register: UInt32) -> Bool {
    number(register).map { $0.magnitude > ConditionOutcomes.largestBlock }
      ?? values[Int(register)].isDerived
  }

  func wrapsRound(_ code: rk_instruction) -> Bool {
    code.type >= RK_F32.rawValue || rk_is_signed(rk_type(UInt32(code.type))) == 0
  }

  /// The value of a constant.
  func number(_ register: UInt32) -> Int64? {
    guard register < firstVariable, case .bits(let bits) = program.constants[Int(register)] else {
      return nil
    }
    return Int64(bitPattern: bits)
  }

  func isVariable(_ register: UInt32) -> Bool {
    register >= firstVariable && register < firstTemporary
  }
}
