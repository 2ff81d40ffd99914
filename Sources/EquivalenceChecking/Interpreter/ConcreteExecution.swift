import ExperimentRecords
import JudgeKernels
import KernelModel
import KernelParsing

/// L1, by the interpreter: the candidate's text does nothing undefined on inputs on which the original
/// does not.
///
/// Sanitizers see what a compiler left in the program, and of accesses what leaves an object for
/// memory that nobody has; a value that is used before it is set, and one element of a local array
/// too many that lies in its neighbour, they do not see. Here every object is by itself: an access
/// out of bounds, misaligned, to dead or constant storage, a value that was never stored, a signed
/// overflow, a shift by the width, a division by zero, a conversion out of range and an overlapping
/// `memcpy` end the run, each with its place (C11 §6.5, §6.3.1.4, §7.24.2.1). Values are not compared.
struct ConcreteExecution {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  let seed: UInt64
  var limits = Limits()

  static let method = "ConcreteExecution"

  struct Limits {
    /// Of one call, and of all together.
    var steps = 4_000_000
    var allSteps = 200_000_000
    /// How many times the original's steps a candidate may take.
    var factor = 8
    var memory = 1 << 28
  }

  struct Answer {
    var evidence: Evidence
    var counterexample: Counterexample?
  }

  func examine(_ candidate: [UInt8], _ inputs: [CallInput]) -> Answer {
    let meter = CostMeter()
    var answer: Answer
    do throws(Uninterpreted) {
      answer = try run(candidate, inputs)
    } catch {
      answer = Answer(evidence: evidence(.inconclusive, error.reason))
    }
    answer.evidence.seconds = meter.cpuSeconds
    return answer
  }

  private func subject(_ bytes: [UInt8], _ name: String) throws(Uninterpreted) -> ConcreteProgram {
    // Whether a product is fused changes values, and so at most which way a program goes.
    try ConcreteProgram(bytes, of: kernel, shape, parser: parser, name: name)
  }

  private func run(_ candidate: [UInt8], _ inputs: [CallInput]) throws(Uninterpreted) -> Answer {
    let own = try subject(candidate, "candidate")
    var original: ConcreteProgram?
    var steps = 0
    var (defined, leftOut, beyond) = (0, 0, 0)
    for input in inputs {
      if steps > limits.allSteps {
        return Answer(evidence: evidence(.inconclusive, "the budget of steps is spent"))
      }
      guard let graph = SymbolicGraph(nodes: 0, words: 0),
        var machine = own.machine(on: input, graph, memoryLimit: limits.memory)
      else { return Answer(evidence: evidence(.inconclusive, "there is no memory for the call")) }
      var status = machine.run(steps: limits.steps)
      steps += machine.steps
      if status == RK_FINISHED {
        defined += 1
        continue
      }
      guard status.isUndefined || status == RK_OUT_OF_STEPS else {
        return Answer(evidence: inconclusive(machine, status))
      }
      if original == nil { original = try subject(kernel.source.bytes, "original") }
      guard let original,
        let other = original.machine(on: input, graph, memoryLimit: limits.memory)
      else {
        return Answer(evidence: evidence(.inconclusive, "there is no memory for the call"))
      }
      let expected = other.run(steps: limits.steps)
      if status == RK_OUT_OF_STEPS {
        steps += other.steps
        if expected == RK_FINISHED,
          let longer = own.machine(on: input, graph, memoryLimit: limits.memory)
        {
          machine = longer
          status = machine.run(steps: limits.factor * (other.steps + 1000))
          steps += machine.steps
        }
      }
      switch (status, expected) {
      case (RK_FINISHED, _): defined += 1
      case (RK_OUT_OF_STEPS, RK_OUT_OF_STEPS):
        // Calls that are too long for both programs are left to the levels that compile.
        beyond += 1
      case _ where expected.isUndefined: leftOut += 1
      case (RK_OUT_OF_STEPS, _): return Answer(evidence: inconclusive(machine, status))
      case (_, RK_FINISHED): return refuted(text(machine, status), input)
      default:
        // Where the original cannot be followed to its end, nothing is held against the candidate.
        let own = text(machine, status)
        return Answer(
          evidence: evidence(
            .inconclusive, "in the candidate \(own), and in the original \(expected.text)"))
      }
    }
    var passed = evidence(
      .passed,
      "nothing undefined in the text on \(defined) inputs"
        + (leftOut == 0 ? "" : "; \(leftOut) left out on which the original's text is undefined")
        + (beyond == 0 ? "" : "; \(beyond) take both texts more than \(limits.steps) steps"))
    passed.inputs = defined
    passed.sizes = SizeList(shape).distinct(inputs)
    return Answer(evidence: passed)
  }

  private func text(_ machine: ReferenceMachine, _ status: rk_status) -> String {
    "\(status.text) at \(machine.program.place(machine.stoppedAt))"
  }

  private func inconclusive(_ machine: ReferenceMachine, _ status: rk_status) -> Evidence {
    evidence(.inconclusive, "in the candidate \(text(machine, status))")
  }

  private func refuted(_ text: String, _ input: CallInput) -> Answer {
    let inputs = PointText(shape: shape).text(input)
    return Answer(
      evidence: evidence(.failed, "\(text), with \(inputs)"),
      counterexample: Counterexample(
        inputs: inputs, cell: "run of the text", expected: "defined", actual: text))
  }

  private func evidence(_ result: Evidence.Result, _ detail: String) -> Evidence {
    Evidence(level: .l1, method: Self.method, result: result, seed: seed, detail: detail)
  }
}
