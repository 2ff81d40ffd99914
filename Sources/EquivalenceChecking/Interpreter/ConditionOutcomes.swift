import JudgeKernels

/// How each comparison of concrete integers in a program came out, over all calls that were compared.
///
/// Sizes steer by comparisons. One that came out one way alone on all of them says that the calls do
/// not show what the program does at other sizes: a threshold too large to be run, a distance of two
/// arrays that no call has. Condition coverage: G. Myers, "The Art of Software Testing", 1979.
final class ConditionOutcomes {
  let pointer: UnsafeMutablePointer<UInt8>
  private let program: BytecodeProgram

  init(_ program: BytecodeProgram) {
    self.program = program
    pointer = .allocate(capacity: program.code.count)
    pointer.initialize(repeating: 0, count: program.code.count)
  }

  deinit { pointer.deallocate() }

  /// A comparison that has not come out both ways, unless the original has its like.
  func gap(beyond original: ConditionOutcomes) -> String? {
    var known = Dictionary(original.gaps.map { ($0.kind, 1) }, uniquingKeysWith: +)
    for gap in gaps {
      if let left = known[gap.kind], left > 0 {
        known[gap.kind] = left - 1
        continue
      }
      let outcome = ["compared", "true", "false", "compared"][Int(gap.kind.seen)]
      return "on no call that could be compared is the condition at \(program.place(gap.at)) "
        + outcome
    }
    return nil
  }

  private struct Kind: Hashable {
    var op: UInt16
    var type: UInt8
    /// 1 when it was false, 2 when it was true.
    var seen: UInt8
  }

  private var gaps: [(kind: Kind, at: Int)] {
    program.code.indices.compactMap { index in
      var instruction = program.code[index]
      if rk_opcode(UInt32(instruction.op)) == RK_JUMP_COMPARED {
        instruction.op = UInt16(instruction.aux & UInt8(RK_UNLESS - 1))
      }
      guard pointer[index] != 3, compares(instruction) else { return nil }
      return (Kind(op: instruction.op, type: instruction.type, seen: pointer[index]), index)
    }
  }

  /// Constants are compared to no purpose; floating values are data.
  private func compares(_ instruction: rk_instruction) -> Bool {
    let constants = UInt32(program.constants.count)
    switch rk_opcode(UInt32(instruction.op)) {
    case RK_EQ, RK_NE, RK_LT, RK_LE:
      return instruction.type < RK_F32.rawValue
        && (instruction.a >= constants || instruction.b >= constants)
    case RK_TRUTH, RK_NOT: return instruction.aux < RK_F32.rawValue && instruction.a >= constants
    default: return false
    }
  }
}
