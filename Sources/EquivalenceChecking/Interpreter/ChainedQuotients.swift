import JudgeKernels

/// Quotients of quotients: `i / 800 / 800` and `x >> 30 >> 30` take a part of sizes alone that no number of
/// the text tells.
///
/// For each register, how many bits were taken off what it was made from, at most. Wherever an instruction
/// stands counts: no order of execution is followed.
struct ChainedQuotients {
  private let program: BytecodeProgram
  private let isSized: [UInt8]
  /// Bits that were taken off a register's value.
  private var cut: [UInt32]
  /// The most that one quotient of a quotient takes off in all.
  private(set) var most: UInt32 = 0

  private static let all: UInt32 = 64

  init(_ program: BytecodeProgram, isSized: [UInt8]) {
    self.program = program
    self.isSized = isSized
    cut = [UInt32](repeating: 0, count: program.registerCount)
    var before: [UInt32] = []
    // Cuts only grow, and end at the width of a word.
    while before != cut {
      before = cut
      for (index, code) in program.code.enumerated() where isSized[index] != 0 || moves(code) {
        read(code)
      }
    }
  }

  private func moves(_ code: rk_instruction) -> Bool { rk_opcode(UInt32(code.op)) == RK_MOV }

  private mutating func read(_ code: rk_instruction) {
    switch rk_opcode(UInt32(code.op)) {
    case RK_DIV: divide(code, by: constant(code.b).map(Self.bits))
    case RK_SHR: divide(code, by: constant(code.b).map { UInt32(min($0, 64)) })
    case RK_MUL: multiply(code, by: (constant(code.a) ?? constant(code.b)).map(Self.bits))
    case RK_SHL: multiply(code, by: constant(code.b).map { UInt32(min($0, 64)) })
    case RK_ADD, RK_SUB, RK_REM, RK_AND, RK_OR, RK_XOR: raise(code.d, max(own(code.a), own(code.b)))
    case RK_NEG, RK_COMPLEMENT, RK_CONVERT, RK_MOV: raise(code.d, own(code.a))
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

  private mutating func raise(_ register: UInt32, _ bits: UInt32) {
    cut[Int(register)] = max(cut[Int(register)], bits)
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
