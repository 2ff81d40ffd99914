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

  /// Those of the calls on which the candidate differs, or does not end as the original does.
  func differing(_ points: [CallPoint], candidate: [UInt8]) -> [CallPoint] {
    guard let original = program(kernel.source.bytes, "original"),
      let own = program(candidate, "candidate")
    else { return [] }
    var found: [CallPoint] = []
    var left = allSteps
    for point in points where left > 0 && found.count < enough {
      guard let input = ImageBuilder.input(point, of: shape),
        let graph = SymbolicGraph(nodes: 0, words: 0),
        let first = original.machine(on: input, graph), let second = own.machine(on: input, graph)
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

  private func program(_ bytes: [UInt8], _ name: String) -> ConcreteProgram? {
    do throws(Uninterpreted) {
      return try ConcreteProgram(bytes, of: kernel, shape, parser: parser, name: name)
    } catch {
      // Other levels say what is not interpreted, and why.
      return nil
    }
  }

  private func areDifferent(_ first: ReferenceMachine, _ second: ReferenceMachine) -> Bool {
    (0..<first.inputObjects).contains { object in
      var found = rk_difference()
      return rk_first_difference(first.machine, second.machine, object, 0, &found) != 0
    }
  }
}
