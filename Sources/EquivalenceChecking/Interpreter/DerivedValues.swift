import JudgeKernels

/// Which registers of a program may hold what other sizes hide: a value that stays as it is over many
/// sizes and then changes, because it was divided, shifted, masked, cut, wrapped round, rounded, loaded
/// from memory, moved by a large number, moved again and again from what a parameter says, or is a
/// number that the text computes. Counters that begin at a constant are none, unless they are
/// compared with a number.
///
/// Every definition of a variable counts wherever it stands; a temporary has the last one before its
/// use, or all of them where it is moved to, as the two sides of a choice do.
struct DerivedValues {
  private let program: BytecodeProgram
  private var isDerived: [Bool]
  /// The variables that a register's value comes from.
  private var origins: [Set<UInt32>]
  private var counted: Set<UInt32> = []
  private let firstVariable: UInt32
  private let firstLocal: UInt32
  private let firstTemporary: UInt32
  /// The comparisons and truths of which an operand is such a value.
  private(set) var comparisons: Set<Int> = []

  init(_ program: BytecodeProgram) {
    self.program = program
    firstVariable = UInt32(program.constants.count)
    firstLocal = firstVariable + UInt32(program.parameters.count)
    firstTemporary = firstVariable + UInt32(program.variableTypes.count)
    isDerived = [Bool](repeating: false, count: program.registerCount)
    origins = [Set<UInt32>](repeating: [], count: program.registerCount)
    for parameter in firstVariable..<firstLocal { origins[Int(parameter)] = [parameter] }
    spread()
    // Once more with all counters known, which are no numbers that the text computes.
    isDerived = [Bool](repeating: false, count: program.registerCount)
    comparisons = []
    spread()
  }

  /// Variables only ever gain.
  private mutating func spread() {
    var before = -1
    while before != variableFacts {
      before = variableFacts
      for (index, instruction) in program.code.enumerated() { read(instruction, at: index) }
    }
  }

  private var variableFacts: Int {
    (firstVariable..<firstTemporary).reduce(0) {
      $0 + origins[Int($1)].count + (isDerived[Int($1)] ? 1 : 0)
    }
  }

  private mutating func read(_ code: rk_instruction, at index: Int) {
    switch rk_opcode(UInt32(code.op)) {
    case RK_EQ, RK_NE, RK_LT, RK_LE:
      compare([code.a, code.b], at: index)
      define(code.d, false, [])
    case RK_JUMP_COMPARED: compare([code.a, code.b], at: index)
    case RK_TRUTH, RK_NOT:
      compare([code.a], at: index)
      define(code.d, false, [])
    case RK_MOV: define(code.d, isWide(code.a), [code.a], isMove: true)
    case RK_NEG, RK_COMPLEMENT, RK_MAGNITUDE, RK_REINTERPRET:
      define(code.d, isDerived[Int(code.a)] || code.type >= RK_F32.rawValue, [code.a])
    case RK_ADD, RK_SUB, RK_MUL:
      // A number that the text computes: any product, and sums but those of counters.
      let sources = sources([code.a, code.b])
      let isComputed =
        !sources.contains { $0 < firstLocal }
        && (code.op == UInt16(RK_MUL.rawValue) || code.a == code.b
          || sources.isDisjoint(with: counted))
      define(
        code.d, isWide(code.a) || isWide(code.b) || wrapsRound(code) || isComputed,
        [code.a, code.b])
    case RK_CONVERT:
      let isWhole =
        code.type < RK_F32.rawValue && code.aux < RK_F32.rawValue
        && rk_type_width(rk_type(UInt32(code.type))) >= rk_type_width(rk_type(UInt32(code.aux)))
      define(code.d, isDerived[Int(code.a)] || !isWhole, [code.a])
    case RK_DIV, RK_REM, RK_AND, RK_OR, RK_XOR, RK_SHL, RK_SHR, RK_FUSED, RK_LOAD, RK_LOAD_AT,
      RK_CALL:
      define(code.d, true, [])
    case RK_ADDRESS, RK_ROW, RK_ALLOCATE: define(code.d, false, [])
    default: break
    }
  }

  private mutating func compare(_ operands: [UInt32], at index: Int) {
    let counts = operands.contains { $0 < firstVariable } && operands.contains(where: isCounted)
    if counts || operands.contains(where: { isDerived[Int($0)] }) { comparisons.insert(index) }
  }

  /// Whether a variable is made from itself.
  private func isCounted(_ register: UInt32) -> Bool { counted.contains(register) }

  private func sources(_ operands: [UInt32]) -> Set<UInt32> {
    operands.reduce(into: []) {
      $0.formUnion(origins[Int($1)])
      if isVariable($1) { $0.insert($1) }
    }
  }

  private mutating func define(
    _ target: UInt32, _ derived: Bool, _ operands: [UInt32], isMove: Bool = false
  ) {
    let place = Int(target)
    let sources = sources(operands)
    let outlives = isVariable(target)
    let isSelf = outlives && sources.contains(target)
    if isSelf { counted.insert(target) }
    if outlives || isMove {
      let moves = isSelf && sources.contains { $0 < firstLocal }
      isDerived[place] = isDerived[place] || derived || moves
      origins[place].formUnion(sources)
    } else {
      isDerived[place] = derived
      origins[place] = sources
    }
  }

  private func isVariable(_ register: UInt32) -> Bool {
    register >= firstVariable && register < firstTemporary
  }

  private func wrapsRound(_ code: rk_instruction) -> Bool {
    code.type >= RK_F32.rawValue || rk_is_signed(rk_type(UInt32(code.type))) == 0
  }

  private func isWide(_ register: UInt32) -> Bool {
    if register < firstVariable, case .bits(let bits) = program.constants[Int(register)] {
      return Int64(bitPattern: bits).magnitude > ConditionOutcomes.largestBlock
    }
    return isDerived[Int(register)]
  }
}
