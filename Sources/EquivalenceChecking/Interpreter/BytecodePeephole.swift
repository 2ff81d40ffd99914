import JudgeKernels

/// Joins neighbouring instructions of which the second alone uses what the first computes.
///
///     t = a + i * 4 ; d = *t        →  d = *(a + i * 4)
///     t = i < n ; to L unless t     →  to L unless i < n
///     t = i + 1 ; i = t             →  i = i + 1
///
/// No operation is added, removed or moved over another, so that what a program does, where it fails
/// and in which order stay what they were.
struct BytecodePeephole {
  typealias Instruction = BytecodeBuffer.Instruction

  private let code: [Instruction]
  /// How often the value that an instruction leaves in a temporary is read.
  private let uses: [Int]
  private let targets: Set<Int>
  private(set) var result: [Instruction] = []
  /// Where the instructions stand now; one place more than there are instructions.
  private(set) var places: [Int] = []

  /// - Parameter targets: the places that labels lead to.
  init(_ code: [Instruction], targets: Set<Int>) {
    self.code = code
    self.targets = targets
    uses = Self.uses(code)
    run()
  }

  /// A temporary is read between where it is set and where it is set again, in the order of the text:
  /// it never outlives the expression that it is part of.
  private static func uses(_ code: [Instruction]) -> [Int] {
    var reads: [Int: Int] = [:]
    var uses = [Int](repeating: 0, count: code.count)
    for (index, instruction) in code.enumerated().reversed() {
      if let d = instruction.d, d.kind == .temporary {
        uses[index] = reads.updateValue(0, forKey: d.index) ?? 0
      }
      for register in instruction.reads where register.kind == .temporary {
        reads[register.index, default: 0] += 1
      }
    }
    return uses
  }

  private mutating func run() {
    /// The use count of the last instruction of the result; nil where a label parts it from the next.
    var last: Int?
    for (index, instruction) in code.enumerated() {
      if targets.contains(index) { last = nil }
      places.append(result.count)
      if instruction.op == RK_MOV, instruction.d?.kind == .temporary, uses[index] == 0 { continue }
      if last == 1, let joined = Self.joined(result[result.count - 1], instruction) {
        result[result.count - 1] = joined
        places[index] = result.count - 1
      } else {
        result.append(instruction)
      }
      last = instruction.d?.kind == .temporary ? uses[index] : 0
    }
    places.append(result.count)
  }

  /// One instruction for two, of which the second is the one that reads what the first leaves.
  private static func joined(_ first: Instruction, _ second: Instruction) -> Instruction? {
    guard let value = first.d, value.kind == .temporary, second.a == value else { return nil }
    switch (first.op, second.op) {
    case (_, RK_MOV):
      var joined = first
      joined.d = second.d
      return joined
    case (RK_ADDRESS, RK_LOAD) where second.immediate == 0:
      var joined = first
      joined.op = RK_LOAD_AT
      joined.type = second.type
      joined.d = second.d
      return joined
    case (RK_EQ, RK_JUMP_FALSE), (RK_NE, RK_JUMP_FALSE), (RK_LT, RK_JUMP_FALSE),
      (RK_LE, RK_JUMP_FALSE), (RK_EQ, RK_JUMP_TRUE), (RK_NE, RK_JUMP_TRUE), (RK_LT, RK_JUMP_TRUE),
      (RK_LE, RK_JUMP_TRUE):
      var joined = first
      let unless = second.op == RK_JUMP_FALSE ? UInt8(RK_UNLESS) : 0
      joined.op = RK_JUMP_COMPARED
      joined.aux = UInt8(truncatingIfNeeded: first.op.rawValue) | unless
      joined.d = nil
      joined.end = second.target
      return joined
    default: return nil
    }
  }
}

extension BytecodeBuffer.Instruction {
  /// The registers that it reads.
  fileprivate var reads: [Register] {
    if op == RK_CALL, let a, let count, count > 0 {
      return (0..<Int(count)).map { Register(kind: a.kind, index: a.index + $0) }
    }
    return [a, b, c].compactMap { $0 }
  }
}

extension BytecodeBuffer {
  /// Simplifies the body; labels follow their instructions.
  mutating func simplify() {
    let targets = Set(places.compactMap { $0 }.filter { $0 >= 0 })
    let simplified = BytecodePeephole(main, targets: targets)
    main = simplified.result
    places = places.map { place in
      guard let place, place >= 0 else { return place }
      return simplified.places[place]
    }
  }
}
