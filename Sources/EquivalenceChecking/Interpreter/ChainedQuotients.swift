import JudgeKernels

/// Quotients of quotients: `i / 800 / 800` and `x >> 30 >> 30` take a part of sizes alone that no number of
/// the text tells.
///
/// For each register, how many bits were taken off what it was made from, at most. Every definition of a
/// variable counts wherever it stands; a temporary has the last one before its use, or all of them where it
/// is moved to (as in `DerivedValues`): temporaries are used again and again, and what two of them divide is
/// no quotient of a quotient.
struct ChainedQuotients {
  private let program: BytecodeProgram
  /// Bits that were taken off a register's value.
  private var cut: [UInt32]
  private let variables: Range<UInt32>
  /// The most that one quotient of a quotient takes off in all.
  private(set) var most: UInt32 = 0

  private static let all: UInt32 = 64

  init(_ program: BytecodeProgram, isSized: [UInt8]) {
    self.program = program
    cut = [UInt32](repeating: 0, count: program.registerCount)
    let first = UInt32(program.constants.count)
    variables = first..<(first + UInt32(program.variableTypes.count))
    var before: [UInt32]
    // Cuts of variables only grow, and end at the width of a word.
    repeat {
      before = own
      for index in program.code.indices { read(program.code[index], isSized: isSized[index] != 0) }
    } while before != own
  }

  /// Those of the variables.
  private var own: [UInt32] { Array(cut[Int(variables.lowerBound)..<Int(variables.upperBound)]) }

  private mutating func read(_ code: rk_instruction, isSized: Bool) {
    let op = rk_opcode(UInt32(code.op))
    guard isSized || op == RK_MOV else {
      // What is not computed with sizes is nothing that was taken off one.
      if Self.computing.contains(op), !variables.contains(code.d) { cut[Int(code.d)] = 0 }
      return
    }
    switch op {
    case RK_DIV: divide(code, by: constant(code.b).map(Self.bits))
    case RK_SHR: divide(code, by: constant(code.b).map { UInt32(min($0, 64)) })
    case RK_MUL: multiply(code, by: (constant(code.a) ?? constant(code.b)).map(Self.bits))
    case RK_SHL: multiply(code, by: constant(code.b).map { UInt32(min($0, 64)) })
    case RK_ADD, RK_SUB, RK_REM, RK_AND, RK_OR, RK_XOR: raise(code.d, max(own(code.a), own(code.b)))
    case RK_NEG, RK_COMPLEMENT, RK_CONVERT: raise(code.d, own(code.a))
    case RK_MOV: cut[Int(code.d)] = max(cut[Int(code.d)], own(code.a))
    default: break
    }
  }

  private mutating func divide(_ code: rk_instruction, by bits: UInt32?) {
    // By what no number tells it may be anything.
    guard let bits else { return raise(code.d, own(code.a)) }
    let sum = min(Self.all, own(code.a) + bits)
    if own(code.a) > 0 { most = max(most, sum) }
    raise(code.d, sum)
  }

  private mutating func multiply(_ code: rk_instruction, by bits: UInt32?) {
    let most = max(own(code.a), own(code.b))
    raise(code.d, most - min(most, bits ?? 0))
  }

  private static let computing = [
    RK_DIV, RK_SHR, RK_MUL, RK_SHL, RK_ADD, RK_SUB, RK_REM, RK_AND, RK_OR, RK_XOR, RK_NEG,
    RK_COMPLEMENT, RK_CONVERT,
  ]

  private mutating func raise(_ register: UInt32, _ bits: UInt32) {
    cut[Int(register)] =
      variables.contains(register) ? max(cut[Int(register)], bits) : bits
  }

  private func own(_ register: UInt32) -> UInt32 { cut[Int(register)] }

  /// The whole logarithm of a divisor.
  private static func bits(_ number: UInt64) -> UInt32 {
    number < 2 ? 0 : UInt32(63 - number.leadingZeroBitCount)
  }

  /// The value of a register that holds a number above zero.
  private func constant(_ register: UInt32) -> UInt64? {
    guard Int(register) < program.constants.count,
      case .bits(let bits) = program.constants[Int(register)], Int64(bitPattern: bits) > 0
    else { return nil }
    return bits
  }
}
