import CandidateExecution
import ExperimentRecords
import JudgeKernels
import KernelModel
import KernelParsing

/// L2 where nothing stronger is known: whether what the candidate asks of sizes, numbers of its text
/// and floating values came out both ways on the calls that were tested.
///
/// Where data steer, L3 does not come to an end, and a rewrite rests on tests alone. A condition that no test
/// met one way was not tested; one that the original has too is its own affair. The calls are run by
/// the interpreter on their contents, since what a compiler makes of a condition is not the text. A text
/// that it does not read may name no number larger than a block that the original does not name.
struct TestedConditions {
  let kernel: Kernel
  let shape: InputShape
  let parser: KernelParser
  /// Whether values that no call takes a part of are asked about too: where integers of few bits did not
  /// show what becomes of them.
  let asksParts: Bool
  /// Instructions of one run, and of all.
  var steps = 2_000_000
  var allSteps = 60_000_000

  static let method = "TestedConditions"

  /// One program and what its conditions did.
  private struct Subject {
    var program: ConcreteProgram
    var outcomes: ConditionOutcomes
  }

  /// Passed, or inconclusive with the condition that came out one way alone.
  func examine(_ candidate: [UInt8], _ text: CandidateText?, on inputs: [CallInput]) -> Evidence {
    let meter = CostMeter()
    var evidence = Evidence(
      level: .l2, method: Self.method, result: .passed, inputs: inputs.count)
    do throws(Uninterpreted) {
      let (original, own) = (
        try subject(kernel.source.bytes, "original"), try subject(candidate, "candidate")
      )
      run(original, inputs)
      run(own, inputs)
      if let gap = own.outcomes.gap(beyond: original.outcomes) {
        evidence.result = .inconclusive
        evidence.detail = gap.replacing("that could be compared", with: "that was tested")
      } else {
        evidence.detail = "what the text asks of sizes and numbers came out both ways"
      }
    } catch {
      // The text is one that the judge does not interpret, as L1 says of it.
      evidence.detail = "not interpreted: \(error.reason)"
      if let number = foreignNumber(text) {
        evidence.result = .inconclusive
        evidence.detail += "; and the candidate names \(number), which the original does not"
      }
    }
    evidence.seconds = meter.cpuSeconds
    return evidence
  }

  /// A number of the new text that is no block and that the original does not name.
  private func foreignNumber(_ text: CandidateText?) -> String? {
    let own = CLexer.tokens(of: kernel.source.bytes, in: kernel.function.bodyRange)
    let known = Set(own.filter { $0.kind == .number }.map(\.text))
    let tokens = (text?.bodyTokens ?? []) + (text?.items.flatMap { Array($0.tokens) } ?? [])
    return tokens.first { token in
      guard token.kind == .number, !known.contains(token.text) else { return false }
      guard let value = BlockFactors.value(token.text) else { return true }
      return value.magnitude > ConditionOutcomes.largestBlock
    }?.text
  }

  private func subject(_ bytes: [UInt8], _ name: String) throws(Uninterpreted) -> Subject {
    let program = try ConcreteProgram(bytes, of: kernel, shape, parser: parser, name: name)
    return Subject(
      program: program, outcomes: ConditionOutcomes(program.program, asksParts: asksParts))
  }

  private func run(_ subject: Subject, _ inputs: [CallInput]) {
    var left = allSteps
    for input in inputs where left > 0 {
      guard let machine = subject.program.machine(on: input) else { continue }
      (machine.machine.pointee.notes, machine.machine.pointee.decisions) = subject.outcomes.places
      let status = machine.run(steps: min(steps, left))
      left -= machine.steps + 1000
      if status == RK_FINISHED {
        subject.outcomes.take(EmptySizes(input.point, shape)) { _, _ in true }
      } else {
        subject.outcomes.forget()
      }
    }
  }
}
