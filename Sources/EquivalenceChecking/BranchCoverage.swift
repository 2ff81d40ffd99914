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

  private static let mostMissing = 6

  /// The outcomes that `inputs` reach; nil for what the interpreter does not read.
  func measure(_ text: [UInt8], on inputs: [CallInput]) -> BranchOutcomes? {
    let program: BytecodeProgram
    let callees = CalleeNumbers()
    do throws(Uninterpreted) {
      program = try BytecodeProgram(
        text, of: kernel, shape, parser: parser, fuses: false, callees: callees)
    } catch {
      // There is no number where there is no reading; L3 tells why, where it is asked for.
      return nil
    }
    let functions = callees.names.map { rk_function($0) }
    let branches = program.code.indices.filter { isBranch(program.code[$0], program) }
    var outcomes = [UInt8](repeating: 0, count: program.code.count)
    var left = steps
    for input in inputs where left > 0 {
      left -= run(program, functions, on: input, steps: left, &outcomes)
      if branches.allSatisfy({ outcomes[$0] == 3 }) { break }
    }
    return result(program, branches, outcomes)
  }

  /// Runs the program and returns how many instructions that took. Runs that end early have reached
  /// what they reached.
  private func run(
    _ program: BytecodeProgram, _ functions: [UInt16], on input: CallInput, steps: Int,
    _ outcomes: inout [UInt8]
  ) -> Int {
    guard let graph = SymbolicGraph(nodes: 1 << 16, words: 1 << 18),
      let machine = ReferenceMachine(
        program, on: input, of: shape, graph: graph, memoryLimit: 1 << 28,
        wraps: kernel.build.wrapsSignedOverflow, domain: .concrete(functions: functions))
    else { return 1000 }
    return outcomes.withUnsafeMutableBufferPointer { buffer in
      rk_machine_observe(machine.machine, buffer.baseAddress)
      _ = machine.run(steps: min(steps, self.steps / 4))
      rk_machine_observe(machine.machine, nil)
      return machine.steps + 1000
    }
  }

  private func isBranch(_ instruction: rk_instruction, _ program: BytecodeProgram) -> Bool {
    let op = rk_opcode(UInt32(instruction.op))
    if op == RK_JUMP_COMPARED {
      return max(Int(instruction.a), Int(instruction.b)) >= program.constants.count
    }
    guard [RK_IF, RK_LOOP, RK_JUMP_TRUE, RK_JUMP_FALSE].contains(op) else { return false }
    return Int(instruction.a) >= program.constants.count
  }

  /// A loop may ask its condition at two places of the code, before the first turn and after each.
  /// The second stands behind the body: other text lies between the two.
  private func joined(_ program: BytecodeProgram, _ branches: [Int], _ outcomes: [UInt8])
    -> [(place: String, outcomes: UInt8)]
  {
    var result: [(place: String, outcomes: UInt8)] = []
    var heads: [String: (result: Int, code: Int)] = [:]
    for branch in branches {
      let place = program.place(branch)
      if let head = heads[place], isParted(program, head.code, branch, place) {
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

  private func isParted(_ program: BytecodeProgram, _ first: Int, _ last: Int, _ place: String)
    -> Bool
  {
    (first..<last).contains { program.place($0) != place }
  }

  private func result(_ program: BytecodeProgram, _ branches: [Int], _ outcomes: [UInt8])
    -> BranchOutcomes
  {
    let seen = joined(program, branches, outcomes)
    let missing = seen.flatMap { branch -> [String] in
      [(UInt8(1), "true"), (2, "false")].filter { branch.outcomes & $0.0 == 0 }
        .map { "\(branch.place) \($0.1)" }
    }
    return BranchOutcomes(
      reached: 2 * seen.count - missing.count, all: 2 * seen.count,
      missing: Array(missing.prefix(Self.mostMissing)))
  }
}
