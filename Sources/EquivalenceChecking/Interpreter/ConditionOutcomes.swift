import JudgeKernels

/// How each comparison of concrete integers in a program came out, over all calls that were compared.
///
/// Sizes steer by comparisons. One with a number of the text that came out one way alone on all of them
/// says that the calls do not show what the program does at other sizes: behind a threshold too large
/// to be run, or at one size alone. Condition coverage: G. Myers, "The Art of Software Testing", 1979.
final class ConditionOutcomes {
  /// Where a machine notes the outcomes of one call.
  let notes: UnsafeMutablePointer<UInt8>
  /// Where it notes what data decided.
  let decisions: UnsafeMutablePointer<rk_decision>
  private let program: BytecodeProgram
  /// The program's code with the comparison that a jump asks in the jump's place.
  private let code: [rk_instruction]
  /// For each comparison of a condition that stands twice, where its twin is.
  private let twin: [Int: Int]
  private var seen: [UInt8]
  /// The comparisons that may be asked, whatever loads find.
  private var asked: Set<Int> = []
  /// How often a solver was asked about data.
  private var questions = 0

  init(_ program: BytecodeProgram) {
    self.program = program
    code = program.code.map(Self.comparing)
    twin = Self.twins(program, code)
    seen = [UInt8](repeating: 0, count: program.code.count)
    notes = .allocate(capacity: program.code.count)
    notes.initialize(repeating: 0, count: program.code.count)
    decisions = .allocate(capacity: program.code.count)
    decisions.initialize(repeating: rk_decision(), count: program.code.count)
    let derived = DerivedValues(program, notes: [UInt8](repeating: 2, count: seen.count))
    asked = Set(code.indices.filter { derived.comparisons.contains($0) || compares(code[$0]) })
  }

  deinit {
    notes.deallocate()
    decisions.deallocate()
  }

  /// Both, as a machine takes them.
  var places: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<rk_decision>?) {
    (notes, decisions)
  }

  /// Forgets the last call.
  func forget() {
    for index in seen.indices { notes[index] = 0 }
  }

  /// Takes the last call in. Where data decide, they may do so one way alone at the call's sizes: there
  /// it counts what contents are known to do.
  ///
  /// - Parameters:
  ///   - isBusy: whether the call does something. Where it does not, whatever a comparison decides is
  ///     right: how it comes out there says nothing of other calls.
  ///   - happens: whether contents are known for which a decision comes out as it says.
  func take(isBusy: Bool, _ happens: (rk_decision, Bool) -> Bool) {
    for index in seen.indices where notes[index] != 0 {
      if !isBusy, isQuestion(code[index]) {
        seen[index] |= Self.idle
        notes[index] = 0
        continue
      }
      if notes[index] & 8 != 0 {
        for (truth, bit) in [(false, UInt8(1)), (true, 2)] where seen[index] & bit == 0 {
          if !asked.contains(index) || isKnown(at: index, truth, happens) { seen[index] |= bit }
        }
      }
      seen[index] |= notes[index] & 7
      notes[index] = 0
    }
  }

  private func isKnown(
    at index: Int, _ truth: Bool, _ happens: (rk_decision, Bool) -> Bool
  ) -> Bool {
    guard questions < Self.mostQuestions else { return false }
    questions += 1
    return happens(decisions[index], truth)
  }

  private static let mostQuestions = 600

  /// Of what came out on calls alone that do nothing.
  private static let idle: UInt8 = 16

  /// Whether the instruction is one whose outcomes count.
  private func isQuestion(_ instruction: rk_instruction) -> Bool {
    [RK_EQ, RK_NE, RK_LT, RK_LE, RK_TRUTH, RK_NOT, RK_CONVERT]
      .contains(rk_opcode(UInt32(instruction.op)))
  }

  /// Whether the call that is noted shows what a comparison that has not come out both ways lacks.
  var areMore: Bool { gaps.contains { notes[$0.at] & ~seen[$0.at] & 3 != 0 } }

  /// A comparison that has not come out both ways, unless the original has its like.
  func gap(beyond original: ConditionOutcomes) -> String? {
    var known = Dictionary(original.gaps.map { ($0.kind, 1) }, uniquingKeysWith: +)
    for gap in gaps {
      if gap.kind.isCut {
        if known[gap.kind] != nil { continue }
        return "on no call that could be compared does the conversion at \(program.place(gap.at)) "
          + "cut a value"
      }
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
    /// What it is compared with, where that is a number of the text.
    var number: Int64?
    /// 1 when it was false, 2 when it was true.
    var seen: UInt8

    /// Whether it is a conversion, or an address that is made of one's value.
    var isCut: Bool { [RK_CONVERT, RK_ADDRESS].contains(rk_opcode(UInt32(op))) }
  }

  private var gaps: [(kind: Kind, at: Int)] {
    let values = DerivedValues(program, notes: seen)
    let derived = values.comparisons
    return code.indices.compactMap { index in
      // A value that was never cut on a call is cut at sizes that no call has.
      if values.cuts.contains(index) {
        let code = code[index]
        return (Kind(op: code.op, type: code.type, number: Int64(code.aux), seen: 1), index)
      }
      if values.cutPlaces.contains(index) {
        return (Kind(op: UInt16(RK_ADDRESS.rawValue), type: 0, seen: 1), index)
      }
      guard compares(code[index], at: index, derived) else { return nil }
      let all = seen[index] | (twin[index].map { seen[$0] } ?? 0)
      // 4: of addresses, which says nothing of what was made to look like one.
      let isGranted = all & 4 != 0 && !derived.contains(index)
      let outcomes = isGranted ? 3 : all & 3
      guard outcomes != 3, outcomes != 0 || all & Self.idle == 0 else { return nil }
      let code = code[index]
      let kind = Kind(
        op: code.op, type: code.type, number: number(code.a) ?? number(code.b), seen: outcomes)
      return (kind, index)
    }
  }

  private static func twins(_ program: BytecodeProgram, _ code: [rk_instruction]) -> [Int: Int] {
    func comparisons(_ range: Range<Int>) -> [Int] {
      range.filter { (RK_EQ.rawValue...RK_LE.rawValue).contains(UInt32(code[$0].op)) }
    }
    var result: [Int: Int] = [:]
    for twins in program.twins {
      let (first, second) = (comparisons(twins.first), comparisons(twins.second))
      guard first.count == second.count else { continue }
      for (one, other) in zip(first, second) { (result[one], result[other]) = (other, one) }
    }
    return result
  }

  /// The comparison that a jump asks by itself.
  private static func comparing(_ instruction: rk_instruction) -> rk_instruction {
    guard rk_opcode(UInt32(instruction.op)) == RK_JUMP_COMPARED else { return instruction }
    var comparison = instruction
    comparison.op = UInt16(instruction.aux & UInt8(RK_UNLESS - 1))
    comparison.aux = 0
    return comparison
  }

  /// Whether a size, or what was made from it, is compared with something that other sizes may hide
  /// behind: a number that is more than a block has, or anything that it must be equal to; or whether
  /// what is compared was made in a way that hides sizes itself (`DerivedValues`).
  private func compares(_ instruction: rk_instruction, at index: Int, _ derived: Set<Int>) -> Bool {
    // What leads to a place that no call reaches is a condition itself, and asked.
    (derived.contains(index) && seen[index] & ~Self.idle != 0) || compares(instruction)
  }

  private func compares(_ instruction: rk_instruction) -> Bool {
    let op = rk_opcode(UInt32(instruction.op))
    guard [RK_EQ, RK_NE, RK_LT, RK_LE].contains(op) else { return false }
    if instruction.type >= RK_F32.rawValue { return true }
    let isEquality = op == RK_EQ || op == RK_NE
    let numbers = [instruction.a, instruction.b].compactMap { number($0) }
    guard let number = numbers.first else { return isEquality }
    return numbers.count == 1 && number.magnitude > (isEquality ? 1 : Self.largestBlock)
  }

  /// The value of a register that holds a constant.
  private func number(_ register: UInt32) -> Int64? {
    guard Int(register) < program.constants.count,
      case .bits(let bits) = program.constants[Int(register)]
    else { return nil }
    return Int64(bitPattern: bits)
  }

  /// Sizes reach beyond two blocks of up to this anyway (`BoundedPoints`).
  static let largestBlock: UInt64 = 64
}
