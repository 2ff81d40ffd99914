import JudgeKernels

/// Which registers of a program may hold what other sizes hide: a value that stays as it is over many
/// sizes and then changes, because it was divided, shifted, masked, cut, wrapped round, rounded, loaded
/// from memory, moved by a large number or multiplied by one, moved again and again from what a
/// parameter says, or is a number that the text computes. Counters that begin at a constant are none,
/// unless they are compared with a number; nor is what the call was given at a place that no counter
/// chooses, as a record's member is.
///
/// Every definition of a variable counts wherever it stands; a temporary has the last one before its
/// use, or all of them where it is moved to.
struct DerivedValues {
  /// What is known of a register's value.
  private struct Value {
    /// Whether it may hide sizes.
    var isDerived = false
    /// The variables that it comes from.
    var origins: Set<UInt32> = []
    /// Whether it is something else than a parameter, a constant or what the call was given.
    var isMade = false
    /// By how much what it comes from may be multiplied in it; no more than `largestScale`.
    var scale: UInt64 = 1
    /// In how many bits it is, whatever the sizes are; 0 of what only the text says.
    var width: UInt32 = 0
    /// Whether it may be a part of another value that was the whole of it on all calls, or nothing.
    var isCut = false
    /// Whether it may be another one on another call.
    var isOpen = false

    mutating func join(_ other: Value) {
      isDerived = isDerived || other.isDerived
      origins.formUnion(other.origins)
      isMade = isMade || other.isMade
      scale = max(scale, other.scale)
      width = max(width, other.width)
      isCut = isCut || other.isCut
      isOpen = isOpen || other.isOpen
    }

    /// Grows with every fact that is added.
    var weight: Int {
      origins.count + (isDerived ? 1 : 0) + (isMade ? 1 : 0) + Int(scale) + Int(width)
        + (isCut ? 1 : 0) + (isOpen ? 1 : 0)
    }
  }

  private let program: BytecodeProgram
  private var values: [Value]
  private var counted: Set<UInt32> = []
  /// What loads found on the calls that were compared.
  private let notes: [UInt8]
  private let firstVariable: UInt32
  private let firstLocal: UInt32
  private let firstTemporary: UInt32
  /// The comparisons and truths of which an operand is such a value.
  private(set) var comparisons: Set<Int> = []
  /// The conversions, quotients, remainders, shifts and masks that may take a part of a value where sizes
  /// are large, though they took all of it on every call, or nothing.
  private(set) var cuts: Set<Int> = []
  /// The addresses that are made of what they leave.
  private(set) var cutPlaces: Set<Int> = []

  /// An origin before all parameters, for what the call was given in memory.
  private static let given: UInt32 = 0
  private static let largestScale = ConditionOutcomes.largestBlock + 1

  /// - Parameter notes: For each instruction what `rk_machine.notes` gathered of it.
  init(_ program: BytecodeProgram, notes: [UInt8]) {
    self.program = program
    self.notes = notes
    firstVariable = UInt32(program.constants.count)
    firstLocal = firstVariable + UInt32(program.parameters.count)
    firstTemporary = firstVariable + UInt32(program.variableTypes.count)
    values = [Value](repeating: Value(), count: program.registerCount)
    for (index, parameter) in (firstVariable..<firstLocal).enumerated() {
      values[Int(parameter)].origins = [parameter]
      values[Int(parameter)].isOpen = true
      values[Int(parameter)].width = rk_type_width(program.parameters[index].code)
    }
    spread()
    // Once more with all counters known, which are no numbers that the text computes.
    for register in values.indices { values[register].isDerived = false }
    (comparisons, cuts, cutPlaces) = ([], [], [])
    spread()
  }

  /// Variables only ever gain.
  private mutating func spread() {
    var before = -1
    while before != weight {
      before = weight
      for (index, instruction) in program.code.enumerated() { read(instruction, at: index) }
    }
  }

  private var weight: Int {
    (firstVariable..<firstTemporary).reduce(0) { $0 + values[Int($1)].weight }
  }

  private mutating func read(_ code: rk_instruction, at index: Int) {
    switch rk_opcode(UInt32(code.op)) {
    case RK_EQ, RK_NE, RK_LT, RK_LE:
      compare([code.a, code.b], at: index)
      define(code.d, made(isOpen: isAnyOpen(code)))
    case RK_JUMP_COMPARED: compare([code.a, code.b], at: index)
    case RK_TRUTH, RK_NOT:
      compare([code.a], at: index)
      define(code.d, made(isOpen: values[Int(code.a)].isOpen))
    case RK_MOV:
      var value = value(code.a)
      value.isDerived = isWide(code.a)
      define(code.d, value, isMove: true)
    case RK_NEG, RK_COMPLEMENT, RK_MAGNITUDE, RK_REINTERPRET:
      var value = value(code.a)
      value.isDerived = value.isDerived || code.type >= RK_F32.rawValue
      value.isMade = true
      define(code.d, value)
    case RK_CONVERT:
      let isWhole =
        code.type < RK_F32.rawValue && code.aux < RK_F32.rawValue
        && rk_type_width(rk_type(UInt32(code.type))) >= rk_type_width(rk_type(UInt32(code.aux)))
      var value = value(code.a)
      if code.type < RK_F32.rawValue, code.aux < RK_F32.rawValue {
        let width = rk_type_width(rk_type(UInt32(code.type)))
        if width < value.width, notes[index] & 3 == 1 {
          cuts.insert(index)
          value.isCut = true
        }
        value.width = min(value.width, width)
      }
      value.isDerived = value.isDerived || !isWhole
      value.isMade = value.isMade || !isWhole
      define(code.d, value)
    case RK_ADD, RK_SUB, RK_MUL: define(code.d, computed(code))
    case RK_DIV, RK_REM, RK_AND, RK_OR, RK_XOR, RK_SHL, RK_SHR:
      var value = made(isDerived: true)
      value.width = width(of: code)
      value.isOpen = isAnyOpen(code)
      value.isCut = values[Int(code.a)].isCut || values[Int(code.b)].isCut
      if value.isOpen, code.type < RK_F32.rawValue, tookNoPart(code, notes[index]) {
        cuts.insert(index)
        value.isCut = true
      }
      define(code.d, value)
    case RK_FUSED, RK_CALL: define(code.d, made(isDerived: true, isOpen: true))
    case RK_LOAD: define(code.d, loaded(code, [code.a], at: index))
    case RK_LOAD_AT:
      place([code.a, code.b], at: index)
      define(code.d, loaded(code, [code.a, code.b], at: index))
    // Where addresses point says nothing of sizes, and their order is taken for granted.
    case RK_ADDRESS:
      place([code.a, code.b], at: index)
      define(code.d, Value(isMade: isAnyMade([code.a, code.b])))
    case RK_ROW:
      place([code.a, code.b, code.c], at: index)
      define(code.d, Value(isMade: isAnyMade([code.a, code.b, code.c])))
    case RK_ALLOCATE: define(code.d, made(isOpen: true))
    default: break
    }
  }

  // MARK: values

  private func made(isDerived: Bool = false, isOpen: Bool = false) -> Value {
    Value(isDerived: isDerived, isMade: true, isOpen: isOpen)
  }

  private func isAnyOpen(_ code: rk_instruction) -> Bool {
    values[Int(code.a)].isOpen || values[Int(code.b)].isOpen
  }

  /// Whether a quotient or a shift was zero on all calls, or a remainder or a mask all of a number or
  /// nothing.
  private func tookNoPart(_ code: rk_instruction, _ notes: UInt8) -> Bool {
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
  private func computed(_ code: rk_instruction) -> Value {
    let origins = sources(code.a).union(sources(code.b))
    let scale = scale(of: code)
    // A number that the text computes: any product, and sums but those of counters.
    let isNumber =
      !origins.contains { $0 < firstLocal }
      && (code.op == UInt16(RK_MUL.rawValue) || code.a == code.b
        || origins.isDisjoint(with: counted))
    let isDerived =
      isWide(code.a) || isWide(code.b) || wrapsRound(code) || isNumber || scale == Self.largestScale
    return Value(
      isDerived: isDerived, origins: origins, isMade: true, scale: scale, width: width(of: code),
      isCut: values[Int(code.a)].isCut || values[Int(code.b)].isCut, isOpen: isAnyOpen(code))
  }

  /// What a call was given says as much as a parameter does.
  private func loaded(_ code: rk_instruction, _ place: [UInt32], at index: Int) -> Value {
    let width = rk_type_width(rk_type(UInt32(code.type)))
    guard notes[index] == 1, code.type < RK_F32.rawValue, !isAnyMade(place) else {
      return Value(isDerived: true, isMade: true, width: width, isOpen: true)
    }
    return Value(origins: [Self.given], width: width, isOpen: true)
  }

  /// Sums and differences of what is in 32 bits are taken to be in 32 bits too, but those of counters.
  private func width(of code: rk_instruction) -> UInt32 {
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

  private func width(_ register: UInt32) -> UInt32 {
    number(register).map { UInt32(65 - $0.magnitude.leadingZeroBitCount) }
      ?? values[Int(register)].width
  }

  private func scale(of code: rk_instruction) -> UInt64 {
    if code.op == UInt16(RK_MUL.rawValue) {
      return [code.a, code.b].reduce(1) { min($0 * scale($1), Self.largestScale) }
    }
    // A number is added once, however large it is.
    let moving = [code.a, code.b].filter { $0 >= firstVariable }
    if isVariable(code.d), moving.contains(code.d) { return moving.map(scale).max() ?? 1 }
    return min(max(moving.reduce(0) { $0 + scale($1) }, 1), Self.largestScale)
  }

  private func scale(_ register: UInt32) -> UInt64 {
    number(register).map { min($0.magnitude, Self.largestScale) } ?? values[Int(register)].scale
  }

  /// The value of a register that is read: of a variable, the variable is an origin too.
  private func value(_ register: UInt32) -> Value {
    var value = values[Int(register)]
    value.origins = sources(register)
    value.scale = scale(register)
    value.width = width(register)
    return value
  }

  private func sources(_ register: UInt32) -> Set<UInt32> {
    let origins = values[Int(register)].origins
    return isVariable(register) ? origins.union([register]) : origins
  }

  private func isAnyMade(_ registers: [UInt32]) -> Bool {
    registers.contains { values[Int($0)].isMade }
  }

  private func isWide(_ register: UInt32) -> Bool {
    number(register).map { $0.magnitude > ConditionOutcomes.largestBlock }
      ?? values[Int(register)].isDerived
  }

  private func wrapsRound(_ code: rk_instruction) -> Bool {
    code.type >= RK_F32.rawValue || rk_is_signed(rk_type(UInt32(code.type))) == 0
  }

  /// The value of a constant.
  private func number(_ register: UInt32) -> Int64? {
    guard register < firstVariable, case .bits(let bits) = program.constants[Int(register)] else {
      return nil
    }
    return Int64(bitPattern: bits)
  }

  private func isVariable(_ register: UInt32) -> Bool {
    register >= firstVariable && register < firstTemporary
  }

  // MARK: definitions and comparisons

  private mutating func define(_ target: UInt32, _ value: Value, isMove: Bool = false) {
    var value = value
    let outlives = isVariable(target)
    guard outlives || isMove else {
      values[Int(target)] = value
      return
    }
    // A variable that is made from itself.
    if outlives, value.origins.contains(target) {
      counted.insert(target)
      value.isOpen = true
      if value.origins.contains(where: { $0 < firstLocal }) { value.isDerived = true }
    }
    values[Int(target)].join(value)
  }

  private mutating func place(_ operands: [UInt32], at index: Int) {
    if operands.contains(where: { values[Int($0)].isCut }) { cutPlaces.insert(index) }
  }

  private mutating func compare(_ operands: [UInt32], at index: Int) {
    let counts =
      operands.contains { $0 < firstVariable } && operands.contains(where: counted.contains)
    if counts || operands.contains(where: { values[Int($0)].isDerived }) {
      comparisons.insert(index)
    }
  }
}
