import ExperimentRecords
import JudgeKernels
import KernelModel
import KernelParsing

/// Which outcomes of a program's branches inputs reach, found by running it in the interpreter on
/// the contents of each input.
///
/// A condition has two outcomes, true and false; one that is a constant of the text is not counted, and one
/// that stands in a function called twice counts twice. What is run is bounded: the counts are
/// what was reached at least.
struct BranchCoverage {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  /// Instructions for each program.
  var steps = 6_000_000

  /// The outcomes that `inputs` reach; nil for what the interpreter does not read.
  func measure(_ text: [UInt8], on inputs: [CallInput]) -> BranchOutcomes? {
    guard var trace = BranchTrace(text, of: kernel, shape, parser: parser) else { return nil }
    trace.run(on: inputs, steps: steps)
    return trace.counts
  }
}

/// One program, and which outcomes of its branches calls have reached.
struct BranchTrace {
  private let program: BytecodeProgram
  private let functions: [UInt16]
  private let shape: InputShape
  private let wraps: Bool
  private let branches: [Int]
  /// For each instruction 1 when it came out false, 2 when true.
  private var outcomes: [UInt8]

  private static let mostMissing = 6

  /// Nil for a text that the interpreter does not read: there is no number where there is no reading; L3
  /// tells why, where it is asked for.
  init?(_ text: [UInt8], of kernel: Kernel, _ shape: InputShape, parser: KernelParser) {
    let callees = CalleeNumbers()
    do throws(Uninterpreted) {
      program = try BytecodeProgram(
        text, of: kernel, shape, parser: parser, fuses: false, callees: callees)
    } catch {
      return nil
    }
    functions = callees.names.map { rk_function($0) }
    self.shape = shape
    wraps = kernel.build.wrapsSignedOverflow
    let program = program
    branches = program.code.indices.filter { Self.isBranch(program.code[$0], program) }
    outcomes = [UInt8](repeating: 0, count: program.code.count)
  }

  /// Runs the program on inputs until every outcome is reached, or `steps` instructions are spent, of
  /// which no call may take a large part.
  mutating func run(on inputs: [CallInput], steps: Int) {
    var left = steps
    for input in inputs where left > 0 {
      let run = outcomes(on: input, steps: min(left, steps / 60))
      left -= run.steps
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
    var reached = [UInt8](repeating: 0, count: program.code.count)
    guard let graph = SymbolicGraph(nodes: 0, words: 0),
      let machine = ReferenceMachine(
        program, on: input, of: shape, graph: graph, memoryLimit: 1 << 28, wraps: wraps,
        domain: .concrete(functions: functions))
    else { return (reached, Self.callSteps) }
    reached.withUnsafeMutableBufferPointer { buffer in
      rk_machine_observe(machine.machine, buffer.baseAddress)
      _ = machine.run(steps: steps)
      rk_machine_observe(machine.machine, nil)
    }
    return (reached, machine.steps + Self.callSteps)
  }

  /// What the making of a call costs, in instructions.
  private static let callSteps = 1000

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
      let place = program.place(branch)
      if let head = heads[place], isParted(head.code, branch, place) {
        result[head.result].outcomes |= outcomes[branch]
        continue
      }
      if rk_opcode(UInt32(program.code[branch].op)) == RK_LOOP {
        heads[place] = (result.count, branch)
      }
      result.append((place, outcomes[branch]))
    }
    return result
  }

  private func isParted(_ first: Int, _ last: Int, _ place: String) -> Bool {
    (first..<last).contains { program.place($0) != place }
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
