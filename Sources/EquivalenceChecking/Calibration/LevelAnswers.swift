import CandidateExecution
import ExperimentRecords
import KernelModel

/// One level by itself, on the inputs and builds that a verdict rests on.
///
/// A level ends at the first input that refutes, no counterexample is made smaller, and nothing is
/// built before it is run. The answers are those that `verify` gives.
extension Verifier {
  /// What L0 to L3 each need of a text.
  struct Question: Sendable {
    var candidate: Laboratory.Program
    var text: CandidateText?
  }

  /// L0, and what the other levels need.
  func answerOfForm(_ bytes: [UInt8]) async -> (answer: MutantOutcome.Answer, question: Question) {
    let form = await checkForm(bytes)
    let program = Laboratory.Program(bytes: bytes, isOriginal: false)
    return (
      MutantOutcome.Answer(form.evidence.result), Question(candidate: program, text: form.text)
    )
  }

  /// The bench of the running levels; nil where there is nothing to run.
  private func calibrationBench() throws -> (Laboratory, InputShape)? {
    guard obstacle == nil, floatingPoint == .relaxed || !kernel.build.isFastMath else { return nil }
    var shape: InputShape
    do throws(UnsupportedInput) { shape = try InputShape(kernel) } catch { return nil }
    shape.switchedOff = environment.switchedOff
    return (try laboratoryOrNew(), shape)
  }

  /// L1.
  func answerOfFaults(_ question: Question) async throws -> MutantOutcome.Answer {
    guard let (laboratory, shape) = try calibrationBench() else { return .inconclusive }
    let faults = FaultFreedom(laboratory: laboratory, shape: shape, seed: seed)
    let inputs = inputs(shape, .full, question.text)
    let valid = try await faults.validate(inputs, original: originalProgram)
    guard valid.obstacle == nil else { return .inconclusive }
    let comparison = OutcomeComparison(shape: shape, floatingPoint: floatingPoint)
    var answer = MutantOutcome.Answer.passed
    for batch in valid.batches {
      let step = try await faults.examine(question.candidate, batch, comparison)
      if step.evidence.result == .failed { return .killed }
      if step.evidence.result == .inconclusive { answer = .inconclusive }
    }
    return answer
  }

  /// L2.
  func answerOfResults(_ question: Question) async throws -> MutantOutcome.Answer {
    guard let (laboratory, shape) = try calibrationBench() else { return .inconclusive }
    let faults = FaultFreedom(laboratory: laboratory, shape: shape, seed: seed)
    let inputs = inputs(shape, .full, question.text)
    let valid = try await faults.validate(inputs, original: originalProgram)
    guard valid.obstacle == nil else { return .inconclusive }
    return try await results(
      question.candidate, valid, plan.differential(.full, of: question.candidate.bytes), laboratory,
      shape)
  }

  /// The builds in turn; where a candidate takes too long in one, the others are not run.
  private func results(
    _ candidate: Laboratory.Program, _ valid: ValidInputs, _ choices: [BuildChoice],
    _ laboratory: Laboratory, _ shape: InputShape
  ) async throws -> MutantOutcome.Answer {
    let comparison = OutcomeComparison(shape: shape, floatingPoint: floatingPoint)
    for choice in choices {
      let testing = DifferentialTesting(
        laboratory: laboratory, shape: shape, choices: [choice], seed: seed)
      var isLate = false
      for batch in valid.batches {
        let step = try await testing.examine(
          original: originalProgram, candidate: candidate, batch, comparison)
        if step.evidence.result == .failed { return .killed }
        if !step.findings.isEmpty { isLate = true }
      }
      if isLate { return .inconclusive }
    }
    return .passed
  }

  /// L3; a difference of operations is no kill before a run shows it, and no pass.
  func answerOfOperations(_ question: Question) throws -> MutantOutcome.Answer {
    guard floatingPoint == .exact, let (_, shape) = try calibrationBench() else {
      return .inconclusive
    }
    let bounded = BoundedEquivalence(
      kernel: kernel, shape: shape, parser: parser,
      contraction: kernel.build.contraction ?? (environment.compiler.name == "gcc" ? .fast : .on),
      seed: seed)
    let result = bounded.examine(question.candidate.bytes, question.text)
    return result.difference == nil ? MutantOutcome.Answer(result.evidence.result) : .differs
  }

  /// Whether runs on inputs that are made for the purpose tell the two programs apart.
  func isShownWrong(_ question: Question, by witness: Witness) async throws -> Bool {
    guard let (laboratory, shape) = try calibrationBench() else { return false }
    let plan = SizePlan(shape, factors: [], effort: .full, seed: seed)
    let inputs = witness.points(shape, plan, seed: seed).compactMap {
      ImageBuilder.input($0, of: shape)
    }
    let faults = FaultFreedom(laboratory: laboratory, shape: shape, seed: seed)
    let valid = try await faults.validate(inputs, original: originalProgram)
    guard !valid.inputs.isEmpty else { return false }
    return try await results(
      question.candidate, valid, [BuildPlan.shipping], laboratory, shape) == .killed
  }

  /// Whether a compiler makes the same code of two texts.
  ///
  /// Trivial compiler equivalence: M. Papadakis, Y. Jia, M. Harman, Y. Le Traon, ICSE 2015. Nothing
  /// of the judge is asked.
  func hasSameCode(_ first: [UInt8], _ second: [UInt8]) async throws -> Bool {
    let laboratory = try laboratoryOrNew()
    for extra in [[], ["-w", "-O2", "-fno-unroll-loops"], ["-w", "-O1"]] {
      for side in [BuildChoice.Side.project, .second] {
        let choice = BuildChoice(side: side, flavour: .shipping, extra: extra)
        guard plan.compiler(of: choice) != nil else { continue }
        var digests: [Digest] = []
        for bytes in [first, second] {
          let program = Laboratory.Program(bytes: bytes, isOriginal: false)
          digests.append(try await laboratory.build(program, choice).digest)
        }
        if digests[0] == digests[1] { return true }
      }
    }
    return false
  }
}

extension MutantOutcome.Answer {
  fileprivate init(_ result: Evidence.Result) {
    switch result {
    case .failed: self = .killed
    case .passed: self = .passed
    case .inconclusive: self = .inconclusive
    }
  }
}

extension ValidInputs {
  /// The same inputs in two parts, the first small and mixed: most of what can be refuted is refuted
  /// there.
  var batches: [ValidInputs] {
    let step = max(1, inputs.count / 24)
    guard step > 1 else { return [self] }
    var parts = [ValidInputs(), self]
    parts[1].inputs = []
    parts[1].audited = []
    for index in inputs.indices {
      let part = index.isMultiple(of: step) ? 0 : 1
      parts[part].inputs.append(inputs[index])
      if index < audited.count { parts[part].audited.append(audited[index]) }
    }
    return parts
  }
}
