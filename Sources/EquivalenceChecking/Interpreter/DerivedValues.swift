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
  let program: BytecodeProgram
  private(set) var values: [RegisterFacts]
  private(set) var counted: Set<UInt32> = []
  /// What loads found on the calls that were compared.
  let notes: [UInt8]
  let firstVariable: UInt32
  let firstLocal: UInt32
  let firstTemporary: UInt32
  /// The comparisons and truths of which an operand is such a value.
  private(set) var comparisons: Set<Int> = []
  /// The conversions, quotients, remainders, shifts and masks that may take a part of a value where sizes
  /// are large, though they took all of it on every call, or nothing.
  private(set) var cuts: Set<Int> = []
  /// The addresses that are made of what they leave.
  private(set) var cutPlaces: Set<Int> = []

  /// An origin before all parameters, for what the call was given in memory.
  static let given: UInt32 = 0
  static let largestScale = ConditionOutcomes.largestBlock + 1

  /// - Parameter notes: For each instruction what `rk_machine.notes` gathered of it.
  init(_ program: BytecodeProgram, notes: [UInt8]) {
    self.program = program
    self.notes = notes
    firstVariable = UInt32(program.constants.count)
    firstLocal = firstVariable + UInt32(program.parameters.count)
    firstTemporary = firstVariable + UInt32(program.variableTypes.count)
    values = [RegisterFacts](repeating: RegisterFacts(), count: program.registerCount)
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
      define(code.d, RegisterFacts(isMade: isAnyMade([code.a, code.b])))
    case RK_ROW:
      place([code.a, code.b, code.c], at: index)
      define(code.d, RegisterFacts(isMade: isAnyMade([code.a, code.b, code.c])))
    case RK_ALLOCATE: define(code.d, made(isOpen: true))
    default: break
    }
  }

  // MARK: definitions and comparisons

  private mutating func define(_ target: UInt32, _ value: RegisterFacts, isMove: Bool = false) {
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
