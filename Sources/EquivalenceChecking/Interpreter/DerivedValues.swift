import JudgeKernels

/// Which registers of a program may hold what other sizes hide: a value that stays as it is over many
/// sizes and then changes, because it was divided, shifted, masked, cut, wrapped round, rounded, loaded
/// from memory, moved by a large number or multiplied by one, moved again and again from what a parameter says, or is a
/// number that the text computes. Counters that begin at a constant are none, unless they are
/// compared with a number; nor is what the call was given at a place that no counter chooses, as a
/// record's member is.
///
/// Every definition of a variable counts wherever it stands; a temporary has the last one before its
/// use, or all of them where it is moved to, as the two sides of a choice do.
struct DerivedValues {
  private let program: BytecodeProgram
  private var isDerived: [Bool]
  /// The variables that a register's value comes from.
  private var origins: [Set<UInt32>]
  private var counted: Set<UInt32> = []
  /// By how much what a register comes from may be multiplied in it; no more than one above what a block
  /// has.
  private var scales: [UInt64]
  /// Whether a register holds something else than a parameter, a constant or what the call was given.
  private var isMade: [Bool]
  /// What loads found on the calls that were compared.
  private let notes: [UInt8]
  private let firstVariable: UInt32
  private let firstLocal: UInt32
  private let firstTemporary: UInt32
  /// The comparisons and truths of which an operand is such a value.
  private(set) var comparisons: Set<Int> = []

  /// - Parameter notes: For each instruction what `rk_machine.notes` gathered of it.
  init(_ program: BytecodeProgram, notes: [UInt8]) {
    self.program = program
    self.notes = notes
    firstVariable = UInt32(program.constants.count)
    firstLocal = firstVariable + UInt32(program.parameters.count)
    firstTemporary = firstVariable + UInt32(program.variableTypes.count)
    isDerived = [Bool](repeating: false, count: program.registerCount)
    isMade = isDerived
    scales = [UInt64](repeating: 1, count: program.registerCount)
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
      $0 + origins[Int($1)].count + (isDerived[Int($1)] ? 1 : 0) + (isMade[Int($1)] ? 1 : 0)
        + Int(scales[Int($1)])
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
    case RK_MOV:
      define(
        code.d, isWide(code.a), [code.a], isMade: isMade[Int(code.a)], scale: scale(code.a),
        isMove: true)
    case RK_NEG, RK_COMPLEMENT, RK_MAGNITUDE, RK_REINTERPRET:
      define(
        code.d, isDerived[Int(code.a)] || code.type >= RK_F32.rawValue, [code.a],
        scale: scale(code.a))
    case RK_ADD, RK_SUB, RK_MUL:
      // A number that the text computes: any product, and sums but those of counters.
      let sources = sources([code.a, code.b])
      let isComputed =
        !sources.contains { $0 < firstLocal }
        && (code.op == UInt16(RK_MUL.rawValue) || code.a == code.b
          || sources.isDisjoint(with: counted))
      let scale = self.scale(of: code)
      define(
        code.d,
        isWide(code.a) || isWide(code.b) || wrapsRound(code) || isComputed
          || scale > ConditionOutcomes.largestBlock, [code.a, code.b], scale: scale)
    case RK_CONVERT:
      let isWhole =
        code.type < RK_F32.rawValue && code.aux < RK_F32.rawValue
        && rk_type_width(rk_type(UInt32(code.type))) >= rk_type_width(rk_type(UInt32(code.aux)))
      define(
        code.d, isDerived[Int(code.a)] || !isWhole, [code.a],
        isMade: isMade[Int(code.a)] || !isWhole, scale: scale(code.a))
    case RK_DIV, RK_REM, RK_AND, RK_OR, RK_XOR, RK_SHL, RK_SHR, RK_FUSED, RK_CALL:
      define(code.d, true, [])
    case RK_LOAD: load(code, [code.a], at: index)
    case RK_LOAD_AT: load(code, [code.a, code.b], at: index)
    case RK_ADDRESS: define(code.d, false, [], isMade: isAnyMade([code.a, code.b]))
    case RK_ROW: define(code.d, false, [], isMade: isAnyMade([code.a, code.b, code.c]))
    case RK_ALLOCATE: define(code.d, false, [])
    default: break
    }
  }

  /// What a call was given says as much as a parameter does.
  private mutating func load(_ code: rk_instruction, _ place: [UInt32], at index: Int) {
    let isGiven = notes[index] == 1 && code.type < RK_F32.rawValue && !isAnyMade(place)
    define(code.d, !isGiven, [], from: isGiven ? [Self.given] : [], isMade: !isGiven)
  }

  /// An origin before all parameters.
  private static let given: UInt32 = 0

  private func isAnyMade(_ registers: [UInt32]) -> Bool {
    registers.contains { isMade[Int($0)] }
  }

  /// Of a sum, a difference or a product.
  private func scale(of code: rk_instruction) -> UInt64 {
    let operands = [code.a, code.b]
    if code.op == UInt16(RK_MUL.rawValue) {
      return operands.reduce(1) { min($0 * scale($1), ConditionOutcomes.largestBlock + 1) }
    }
    // A number is added once, however large it is.
    let moving = operands.filter { $0 >= firstVariable }
    let isSelf = isVariable(code.d) && moving.contains(code.d)
    let sum = isSelf ? moving.map(scale).max() ?? 1 : moving.reduce(0) { $0 + scale($1) }
    return min(max(sum, 1), ConditionOutcomes.largestBlock + 1)
  }

  private func scale(_ register: UInt32) -> UInt64 {
    if register < firstVariable, case .bits(let bits) = program.constants[Int(register)] {
      return min(Int64(bitPattern: bits).magnitude, ConditionOutcomes.largestBlock + 1)
    }
    return scales[Int(register)]
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
    _ target: UInt32, _ derived: Bool, _ operands: [UInt32], from more: Set<UInt32> = [],
    isMade made: Bool = true, scale: UInt64 = 1, isMove: Bool = false
  ) {
    let place = Int(target)
    let sources = sources(operands).union(more)
    let outlives = isVariable(target)
    let isSelf = outlives && sources.contains(target)
    if isSelf { counted.insert(target) }
    if outlives || isMove {
      let moves = isSelf && sources.contains { $0 < firstLocal }
      isDerived[place] = isDerived[place] || derived || moves
      isMade[place] = isMade[place] || made
      scales[place] = max(scales[place], scale)
      origins[place].formUnion(sources)
    } else {
      isDerived[place] = derived
      isMade[place] = made
      scales[place] = scale
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
