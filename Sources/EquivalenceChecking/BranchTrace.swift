import ExperimentRecords
import JudgeKernels
import KernelModel
import KernelParsing

/// One program, and which outcomes of its branches calls have reached.
struct BranchTrace {
  private let program: ConcreteProgram
  private let branches: [Int]
  /// For each instruction 1 when it came out false, 2 when true.
  private var outcomes: [UInt8]

  private static let mostMissing = 6
  /// What the making of a call costs, in instructions.
  private static let callSteps = 1000

  /// Nil for a text that the interpreter does not read: there is no number where there is no reading; L3
  /// tells why, where it is asked for.
  init?(_ text: [UInt8], of kernel: Kernel, _ shape: InputShape, parser: KernelParser) {
    do throws(Uninterpreted) {
      program = try ConcreteProgram(text, of: kernel, shape, parser: parser, name: "text")
    } catch {
      return nil
    }
    let code = program.program
    branches = code.code.indices.filter { Self.isBranch(code.code[$0], code) }
    outcomes = [UInt8](repeating: 0, count: code.code.count)
  }

  /// Runs the program on inputs until every outcome is reached, or `steps` instructions are spent, of
  /// which no call may take a large part.
  mutating func run(on inputs: [CallInput], steps: Int) {
    var left = steps
    for input in inputs where left > 0 {
      let run = outcomes(on: input, steps: min(left, steps / 60))
      left -= run.steps
      guard missing(run.outcomes).contains(where: { $0 != 0 }) else { continue }
      take(run.outcomes)
      if isComplete { break }
    }
  }

  /// Whether every outcome was reached.
  var isComplete: Bool { counts.missing.isEmpty }

  /// Counts outcomes as reached.
  mutating func take(_ reached: [UInt8]) {
    for branch in branches { outcomes[branch] |= reached[branch] }
  }

  /// Those of these outcomes that are not counted yet.
  func missing(_ reached: [UInt8]) -> [UInt8] {
    branches.map { reached[$0] & ~outcomes[$0] }
  }

  /// What the program reaches on one input, for each of its instructions, and how many instructions that
  /// took, or what stands for them. Runs that end early have reached what they reached.
  func outcomes(on input: CallInput, steps: Int) -> (outcomes: [UInt8], steps: Int) {
    var reached = [UInt8](repeating: 0, count: outcomes.count)
    guard let machine = program.machine(on: input) else { return (reached, Self.callSteps) }
    reached.withUnsafeMutableBufferPointer { buffer in
      rk_machine_observe(machine.machine, buffer.baseAddress)
      _ = machine.run(steps: steps)
      rk_machine_observe(machine.machine, nil)
    }
    return (reached, machine.steps + Self.callSteps)
  }

  private static func isBranch(_ instruction: rk_instruction, _ program: BytecodeProgram) -> Bool {
    let op = rk_opcode(UInt32(instruction.op))
    if op == RK_JUMP_COMPARED {
      return max(Int(instruction.a), Int(instruction.b)) >= program.constants.count
    }
    guard [RK_IF, RK_LOOP, RK_JUMP_TRUE, RK_JUMP_FALSE].contains(op) else { return false }
    return Int(instruction.a) >= program.constants.count
  }

  /// A loop may ask its condition at two places of the code, before the first turn and after each.
  /// The second stands behind the body: other text lies between the two.
  private var joined: [(place: String, outcomes: UInt8)] {
    var result: [(place: String, outcomes: UInt8)] = []
    var heads: [String: (result: Int, code: Int)] = [:]
    for branch in branches {
      let place = program.program.place(branch)
      if let head = heads[place], isParted(head.code, branch, place) {
        result[head.result].outcomes |= outcomes[branch]
        continue
      }
      if rk_opcode(UInt32(program.program.code[branch].op)) == RK_LOOP {
        heads[place] = (result.count, branch)
      }
      result.append((place, outcomes[branch]))
    }
    return result
  }

  private func isParted(_ first: Int, _ last: Int, _ place: String) -> Bool {
    (first..<last).contains { program.program.place($0) != place }
  }

  var counts: BranchOutcomes {
    let seen = joined
    let missing = seen.flatMap { branch -> [String] in
      [(UInt8(1), "true"), (2, "false")].filter { branch.outcomes & $0.0 == 0 }
        .map { "\(branch.place) \($0.1)" }
    }
    return BranchOutcomes(
      reached: 2 * seen.count - missing.count, all: 2 * seen.count,
      missing: Array(missing.prefix(Self.mostMissing)))
  }
}
