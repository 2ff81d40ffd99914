import JudgeKernels
import KernelModel

/// Which instructions of a program compute with sizes: with what a size was made into, with counters that
/// are compared with one or choose a place, and with differences of addresses that one moved.
///
/// Wherever an instruction stands counts: no order of execution is followed.
struct SizedValues {
  private struct Facts: Equatable {
    var isSized = false
    /// Whether it is a pointer that the call was given, as it was given.
    var isGivenPointer = false
    /// The variables that it comes from.
    var origins: Set<UInt32> = []

    mutating func join(_ other: Facts) {
      isSized = isSized || other.isSized
      isGivenPointer = isGivenPointer || other.isGivenPointer
      origins.formUnion(other.origins)
    }
  }

  /// For each instruction whether it computes with sizes.
  private(set) var isSized: [UInt8]
  private let program: BytecodeProgram
  private var facts: [Facts]
  /// Variables that are moved by steps.
  private var counted: Set<UInt32> = []
  private let firstVariable: UInt32
  private let firstTemporary: UInt32
  /// Whether sizes stand in memory.
  private let holdsSizes: Bool

  init(_ program: BytecodeProgram, _ shape: InputShape) {
    self.program = program
    isSized = [UInt8](repeating: 0, count: program.code.count)
    facts = [Facts](repeating: Facts(), count: program.registerCount)
    firstVariable = UInt32(program.constants.count)
    firstTemporary = firstVariable + UInt32(program.variableTypes.count)
    holdsSizes = shape.scalars.contains { $0.isSize && !Self.isParameter($0, shape) }
    let sizes = Set(shape.scalars.filter(\.isSize).map(\.path))
    for (index, parameter) in shape.function.parameters.enumerated()
    where index < program.parameters.count {
      let register = Int(firstVariable) + index
      facts[register].isSized = sizes.contains(ObjectPath(parameter))
      facts[register].isGivenPointer = shape.function[parameter].type.isPointer
    }
    for (index, constant) in program.constants.enumerated() {
      if case .globalAddress = constant { facts[index].isGivenPointer = true }
    }
    // Facts of variables are only ever added, and there are finitely many.
    var before: [Facts] = []
    while before != variables {
      before = variables
      for (index, instruction) in program.code.enumerated() { read(instruction, at: index) }
    }
  }

  private static func isParameter(_ scalar: InputShape.Scalar, _ shape: InputShape) -> Bool {
    scalar.path.fields.isEmpty && shape.function.parameters.contains(scalar.path.base)
  }

  private var variables: [Facts] {
    Array(facts[Int(firstVariable)..<Int(firstTemporary)])
  }

  private mutating func read(_ code: rk_instruction, at index: Int) {
    isSized[index] = computes(code) ? 1 : 0
    switch rk_opcode(UInt32(code.op)) {
    case RK_ADD, RK_SUB:
      let sum = made(of: [code.a, code.b])
      if sum.origins.contains(code.d) { counted.insert(code.d) }
      define(code.d, sum)
    case RK_MUL, RK_DIV, RK_REM, RK_AND, RK_OR, RK_XOR, RK_SHL, RK_SHR:
      define(code.d, made(of: [code.a, code.b]))
    case RK_ADDRESS:
      place(code.b)
      define(code.d, made(of: [code.a, code.b]))
    case RK_ROW:
      place(code.b)
      define(code.d, made(of: [code.a, code.b, code.c]))
    case RK_FUSED: define(code.d, made(of: [code.a, code.b, code.c]))
    case RK_NEG, RK_COMPLEMENT, RK_MAGNITUDE, RK_CONVERT, RK_REINTERPRET:
      define(code.d, made(of: [code.a]))
    case RK_MOV:
      var moved = facts[Int(code.a)]
      moved.origins = origins(code.a)
      facts[Int(code.d)].join(moved)
    case RK_EQ, RK_NE, RK_LT, RK_LE:
      compare(code)
      define(code.d, Facts())
    case RK_JUMP_COMPARED: compare(code)
    case RK_LOAD:
      // A record's member; what else is loaded is data.
      let isSize =
        holdsSizes && code.type < RK_F32.rawValue && facts[Int(code.a)].isGivenPointer
      define(code.d, Facts(isSized: isSize))
    case RK_LOAD_AT:
      place(code.b)
      define(code.d, Facts())
    case RK_CALL, RK_ALLOCATE, RK_TRUTH, RK_NOT: define(code.d, Facts())
    default: break
    }
  }

  private func made(of operands: [UInt32]) -> Facts {
    var made = Facts()
    for operand in operands {
      made.isSized = made.isSized || facts[Int(operand)].isSized
      made.origins.formUnion(origins(operand))
    }
    return made
  }

  /// A temporary has the last definition before its use, a variable any of them.
  private mutating func define(_ target: UInt32, _ value: Facts) {
    if target >= firstTemporary {
      facts[Int(target)] = value
    } else {
      facts[Int(target)].join(value)
    }
  }

  /// A counter that chooses a place.
  private mutating func place(_ index: UInt32) {
    for origin in origins(index) where counted.contains(origin) {
      facts[Int(origin)].isSized = true
    }
  }

  /// What is compared with a size is one, or counts up to it.
  private mutating func compare(_ code: rk_instruction) {
    for (one, other) in [(code.a, code.b), (code.b, code.a)] where facts[Int(one)].isSized {
      for origin in origins(other) { facts[Int(origin)].isSized = true }
    }
  }

  private func origins(_ register: UInt32) -> Set<UInt32> {
    let own = facts[Int(register)].origins
    return register >= firstVariable && register < firstTemporary ? own.union([register]) : own
  }

  private func computes(_ code: rk_instruction) -> Bool {
    switch rk_opcode(UInt32(code.op)) {
    case RK_NEG, RK_COMPLEMENT, RK_CONVERT: facts[Int(code.a)].isSized
    case RK_ADD, RK_SUB, RK_MUL, RK_DIV, RK_REM, RK_AND, RK_OR, RK_XOR, RK_SHL, RK_SHR, RK_EQ,
      RK_NE, RK_LT, RK_LE, RK_JUMP_COMPARED:
      facts[Int(code.a)].isSized || facts[Int(code.b)].isSized
    default: false
    }
  }
}
