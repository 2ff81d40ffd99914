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
  private let asksParts: Bool
  /// The program's code with the comparison that a jump asks in the jump's place.
  private let code: [rk_instruction]
  /// For each comparison of a condition that stands twice, where its twin is.
  private let twin: [Int: Int]
  /// What was noted on calls of each kind; calls on which the same sizes are not above zero are one.
  private var seen: [EmptySizes: [UInt8]] = [:]
  /// The comparisons that may be asked, whatever loads find.
  private var asked: Set<Int> = []
  /// How often a solver was asked about data.
  private var questions = 0

  init(_ program: BytecodeProgram, asksParts: Bool = true) {
    self.program = program
    self.asksParts = asksParts
    code = program.code.map(Self.comparing)
    twin = Self.twins(program, code)
    notes = .allocate(capacity: program.code.count)
    notes.initialize(repeating: 0, count: program.code.count)
    decisions = .allocate(capacity: program.code.count)
    decisions.initialize(repeating: rk_decision(), count: program.code.count)
    let derived = DerivedValues(program, notes: [UInt8](repeating: 2, count: code.count))
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
    for index in code.indices { notes[index] = 0 }
  }

  /// Takes the last call in. Where data decide, they may do so one way alone at the call's sizes: there
  /// it counts what contents are known to do.
  ///
  /// - Parameters:
  ///   - empty: the sizes of the call that are not above zero. Where loops over them do nothing,
  ///     whatever a comparison decides is right: how it comes out there says nothing of other calls.
  ///   - happens: whether contents are known for which a decision comes out as it says.
  func take(_ empty: EmptySizes, _ happens: (rk_decision, Bool) -> Bool) {
    var known = seen[empty] ?? [UInt8](repeating: 0, count: code.count)
    for index in code.indices where notes[index] != 0 {
      var noted = notes[index]
      notes[index] = 0
      if asks(at: index), noted & 8 != 0 {
        noted &= ~8
        for (truth, bit) in [(false, UInt8(1)), (true, 2)] where known[index] & bit == 0 {
          if !asked.contains(index) || isKnown(at: index, truth, happens) { noted |= bit }
        }
      }
      known[index] |= noted
    }
    seen[empty] = known
  }

  private func isKnown(
    at index: Int, _ truth: Bool, _ happens: (rk_decision, Bool) -> Bool
  ) -> Bool {
    guard questions < Self.mostQuestions else { return false }
    questions += 1
    return happens(decisions[index], truth)
  }

  private static let mostQuestions = 600

  /// Whether notes of the instruction are outcomes, of which data may decide.
  private func asks(at index: Int) -> Bool {
    [RK_EQ, RK_NE, RK_LT, RK_LE, RK_TRUTH, RK_NOT].contains(rk_opcode(UInt32(code[index].op)))
  }

  /// Whether the call that is noted shows what a place lacks.
  func areMore(_ empty: EmptySizes) -> Bool {
    let known = seen[empty]
    return gaps.contains { gap in
      notes[gap.at] & ~(known?[gap.at] ?? 0) & ~8 != 0
        && gap.on.allSatisfy { !$0.isSmaller(than: empty) }
    }
  }

  /// A comparison that has not come out both ways, unless the original has its like.
  func gap(beyond original: ConditionOutcomes) -> String? {
    var known = Dictionary(original.gaps.map { ($0.kind, 1) }, uniquingKeysWith: +)
    for gap in gaps {
      if let what = gap.kind.part {
        if known[gap.kind] != nil { continue }
        return "on no call that could be compared does \(what) at \(program.place(gap.at)) "
          + "change a value"
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

    /// What makes a value of a part of another; nil for a condition.
    var part: String? {
      switch rk_opcode(UInt32(op)) {
      case RK_CONVERT: "the conversion"
      case RK_ADDRESS: "the conversion in the index"
      case RK_DIV: "the quotient"
      case RK_REM: "the remainder"
      case RK_SHR: "the shift"
      case RK_AND: "the mask"
      default: nil
      }
    }
  }

  private struct Gap {
    var kind: Kind
    var at: Int
    /// The calls on which it was reached with the fewest empty sizes.
    var on: [EmptySizes] = []
  }

  private var gaps: [Gap] {
    let reached = code.indices.map { self.reached(at: $0) }
    let least = code.indices.map { index in
      // Nothing that some of these calls lack may hide behind what others have.
      reached[index].compactMap { seen[$0]?[index] }
        .min { $0.nonzeroBitCount < $1.nonzeroBitCount } ?? 0
    }
    let values = DerivedValues(program, notes: loads(least))
    return code.indices.compactMap { index -> Gap? in
      let code = code[index]
      // A value of which no call took a part has one at sizes that no call has.
      if asksParts, values.cuts.contains(index) {
        let number = code.op == UInt16(RK_CONVERT.rawValue) ? Int64(code.aux) : self.number(code.b)
        return Gap(
          kind: Kind(op: code.op, type: code.type, number: number, seen: 1), at: index,
          on: reached[index])
      }
      if asksParts, values.cutPlaces.contains(index) {
        return Gap(kind: Kind(op: UInt16(RK_ADDRESS.rawValue), type: 0, seen: 1), at: index)
      }
      guard compares(code, at: index, values.comparisons, isReached: !reached[index].isEmpty) else {
        return nil
      }
      // 4: of addresses, which says nothing of what was made to look like one.
      let outcomes = reached[index].map { empty -> UInt8 in
        let all = self.outcomes(at: index, on: empty)
        return all & 4 != 0 && !values.comparisons.contains(index) ? 3 : all & 3
      }
      guard let least = outcomes.first(where: { $0 != 3 }) ?? (outcomes.isEmpty ? 0 : nil) else {
        return nil
      }
      let kind = Kind(
        op: code.op, type: code.type, number: number(code.a) ?? number(code.b), seen: least)
      return Gap(kind: kind, at: index, on: reached[index])
    }
  }

  /// The calls on which an instruction was reached with the fewest empty sizes. What a guard keeps from all
  /// others has to come out both ways there: elsewhere loops are empty, and any outcome is right.
  private func reached(at index: Int) -> [EmptySizes] {
    let all = seen.keys.filter { outcomes(at: index, on: $0) != 0 }
    return all.filter { empty in !all.contains { $0.isSmaller(than: empty) } }
      .sorted { $0.bits < $1.bits }
  }

  private func outcomes(at index: Int, on empty: EmptySizes) -> UInt8 {
    guard let known = seen[empty] else { return 0 }
    return known[index] | (twin[index].map { known[$0] } ?? 0)
  }

  /// Of loads all calls count: what one of them finds elsewhere than it was given is not as given.
  private func loads(_ notes: [UInt8]) -> [UInt8] {
    notes.indices.map { index in
      let isLoad = [RK_LOAD, RK_LOAD_AT].contains(rk_opcode(UInt32(code[index].op)))
      return isLoad ? seen.values.reduce(0) { $0 | $1[index] } : notes[index]
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
  private func compares(
    _ instruction: rk_instruction, at index: Int, _ derived: Set<Int>, isReached: Bool
  ) -> Bool {
    // What leads to a place that no call reaches is a condition itself, and asked.
    (derived.contains(index) && isReached) || compares(instruction)
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
