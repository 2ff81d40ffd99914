import JudgeKernels
import KernelModel
import KernelParsing

/// Looks for calls on which two texts leave different memory behind, by running both in the interpreter.
///
/// A run there costs a small part of one in all builds, so that thousands of overlaps can be looked at;
/// what differs is no verdict but a call that is worth those builds.
struct OverlapSweep {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  /// Instructions of one run, and of all.
  var steps = 200_000
  var allSteps = 30_000_000
  /// How many calls are enough.
  var enough = 8

  private struct Subject {
    var program: BytecodeProgram
    var functions: [UInt16]
  }

  /// Those of the calls on which the candidate differs, or does not end as the original does.
  func differing(_ points: [CallPoint], candidate: [UInt8]) -> [CallPoint] {
    guard let original = subject(kernel.source.bytes), let own = subject(candidate) else {
      return []
    }
    var found: [CallPoint] = []
    var left = allSteps
    for point in points where left > 0 && found.count < enough {
      guard let input = ImageBuilder.input(point, of: shape),
        let graph = SymbolicGraph(nodes: 0, words: 0),
        let first = machine(original, input, graph), let second = machine(own, input, graph)
      else { continue }
      let expected = first.run(steps: steps)
      left -= first.steps + 2000
      guard expected == RK_FINISHED else { continue }
      let actual = second.run(steps: 4 * first.steps + 10_000)
      left -= second.steps
      if actual != RK_FINISHED || areDifferent(first, second) { found.append(point) }
    }
    return found
  }

  private func subject(_ bytes: [UInt8]) -> Subject? {
    let callees = CalleeNumbers()
    do throws(Uninterpreted) {
      let program = try BytecodeProgram(
        bytes, of: kernel, shape, parser: parser, fuses: false, callees: callees)
      return Subject(program: program, functions: callees.names.map { rk_function($0) })
    } catch {
      // Other levels say what is not interpreted, and why.
      return nil
    }
  }

  private func machine(_ subject: Subject, _ input: CallInput, _ graph: SymbolicGraph)
    -> ReferenceMachine?
  {
    ReferenceMachine(
      subject.program, on: input, of: shape, graph: graph, memoryLimit: 1 << 26,
      wraps: kernel.build.wrapsSignedOverflow, domain: .concrete(functions: subject.functions))
  }

  private func areDifferent(_ first: ReferenceMachine, _ second: ReferenceMachine) -> Bool {
    (0..<first.inputObjects).contains { object in
      var found = rk_difference()
      return rk_first_difference(first.machine, second.machine, object, 0, &found) != 0
    }
  }
}
