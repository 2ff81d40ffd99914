import JudgeKernels
import KernelModel

/// 2^61 - 1.
let fieldPrime: UInt64 = (1 << 61) - 1

/// Compares what two programs leave behind at one random point of Z_p.
struct FieldComparison {
  let shape: InputShape
  let original: BytecodeProgram
  let candidate: BytecodeProgram
  let wraps: Bool
  let limits: PolynomialIdentity.Limits

  func compare(on input: CallInput, key: UInt64) -> PolynomialIdentity.Outcome {
    guard let graph = SymbolicGraph(nodes: 0, words: 0),
      let first = machine(original, input, graph, key),
      let second = machine(candidate, input, graph, key)
    else { return .undecided("there is no memory for the call") }
    for (machine, name) in [(first, "original"), (second, "candidate")] {
      let status = machine.run(steps: limits.steps)
      guard status == RK_FINISHED else {
        let place = machine.program.place(machine.stoppedAt)
        return .undecided("in the \(name) \(status.text) at \(place)")
      }
    }
    return difference(first, second, input) ?? .same(trial(first, second))
  }

  private func machine(
    _ program: BytecodeProgram, _ input: CallInput, _ graph: SymbolicGraph, _ key: UInt64
  ) -> ReferenceMachine? {
    ReferenceMachine(
      program, on: input, of: shape, graph: graph, memoryLimit: limits.memory, wraps: wraps,
      domain: .field(key: key))
  }

  private func difference(
    _ first: ReferenceMachine, _ second: ReferenceMachine, _ input: CallInput
  ) -> PolynomialIdentity.Outcome? {
    for object in 0..<first.inputObjects {
      var found = rk_difference()
      guard rk_first_difference(first.machine, second.machine, object, 0, &found) != 0 else {
        continue
      }
      let regions = input.image.regions.count
      let cell =
        object < regions
        ? PointText(shape: shape).cell(region: object, offset: Int(found.offset), in: input)
        : "\(shape.globals[object - regions].name) at byte \(found.offset)"
      let opaque = UInt32(RK_FIELD_OPAQUE)
      if found.first.node == opaque || found.second.node == opaque {
        return .undecided("\(cell) is left in parts of a floating value")
      }
      return .different(cell)
    }
    guard let a = first.result, let b = second.result else { return nil }
    guard a.node != .max, b.node != .max else { return .undecided("no value is returned") }
    let width = UInt32(original.resultType?.bytes ?? 8)
    return rk_field_same(a, b, width) != 0 ? nil : .different("return value")
  }

  private func trial(_ first: ReferenceMachine, _ second: ReferenceMachine)
    -> PolynomialIdentity.Trial
  {
    var trial = PolynomialIdentity.Trial()
    for machine in [first, second] {
      let state = machine.machine.pointee
      trial.steps = max(trial.steps, machine.steps)
      trial.allSteps += machine.steps
      trial.calls += Int(state.oracle_calls)
      trial.argumentDegree = max(trial.argumentDegree, Int(state.oracle_degree))
      trial.readsIntegers = trial.readsIntegers || state.has_read_integers != 0
      for object in 0..<machine.inputObjects {
        trial.degree = max(trial.degree, Int(rk_field_degree(machine.machine, object)))
      }
      if let result = machine.result {
        trial.degree = max(trial.degree, Int(rk_field_degree_of(result)))
      }
    }
    return trial
  }
}
