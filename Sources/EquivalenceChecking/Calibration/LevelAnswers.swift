import CandidateExecution
import ExperimentRecords
import KernelModel

/// One level by itself, on the inputs and builds that a verdict rests on.
///
/// A level ends at the first part of the inputs that refutes or takes too long, no counterexample is
/// made smaller, and nothing is built before it is run. Where all parts are run the answers are those
/// that `verify` gives; a mutant that takes too long on one input and is refuted by another counts as
/// inconclusive here.
extension Verifier {
  /// What L0 to L3 each need of a text.
  struct Question: Sendable {
    var candidate: Laboratory.Program
    var text: CandidateText?
  }

  /// What L3 needs, without the compiler's word.
  func question(_ bytes: [UInt8]) -> Question {
    let place = FunctionPlace(
      start: kernel.function.range.lowerBound, body: kernel.function.bodyRange)
    let program = Laboratory.Program(bytes: bytes, isOriginal: false)
    do throws(FormViolation) {
      let text = try CandidateText(bytes, replacing: place, in: kernel.source.bytes)
      return Question(candidate: program, text: text)
    } catch {
      return Question(candidate: program, text: nil)
    }
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
    for batch in valid.batches {
      let step = try await faults.examine(question.candidate, batch, comparison)
      if step.evidence.result == .failed { return .killed }
      // What does not end is left alone; nothing is claimed of it.
      if step.evidence.result == .inconclusive { return .inconclusive }
    }
    let execution = ConcreteExecution(kernel: kernel, shape: shape, parser: parser, seed: seed)
    let own = execution.examine(question.candidate.bytes, valid.inputs)
    return own.evidence.result == .failed ? .killed : .passed
  }

  /// L2.
  func answerOfResults(_ question: Question) async throws -> MutantOutcome.Answer {
    guard let (laboratory, shape) = try calibrationBench() else { return .inconclusive }
    let faults = FaultFreedom(laboratory: laboratory, shape: shape, seed: seed)
    let inputs = inputs(shape, .full, question.text)
    let valid = try await faults.validate(inputs, original: originalProgram)
    guard valid.obstacle == nil else { return .inconclusive }
    let answer = try await results(
      question.candidate, valid, plan.differential(.full, of: question.candidate.bytes), laboratory,
      shape)
    guard answer == .passed else { return answer }
    let comparison = OutcomeComparison(shape: shape, floatingPoint: floatingPoint)
    let vast = try await examineVastSizes(question.candidate, laboratory, shape, comparison)
    guard let vast else { return .passed }
    return vast.evidence.result == .failed ? .killed : .init(vast.evidence.result)
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
      for batch in valid.batches {
        let step = try await testing.examine(
          original: originalProgram, candidate: candidate, batch, comparison)
        if step.evidence.result == .failed { return .killed }
        if !step.findings.isEmpty { return .inconclusive }
      }
    }
    return .passed
  }

  /// L2's runs at the ends of smaller types.
  func answerOfEnds(_ question: Question) throws -> NarrowIntegers.Answer {
    guard floatingPoint == .exact, let (_, shape) = try calibrationBench() else {
      return .init(
        evidence: Evidence(
          level: .l2, method: NarrowIntegers.method, result: .inconclusive,
          detail: "there is nothing to compare"))
    }
    return narrow(shape).examine(question.candidate.bytes)
  }

  /// L2's question of a text's conditions, where a rewrite rests on tests: whether one came out one way
  /// alone.
  func hidesConditions(_ question: Question, asksParts: Bool) async throws -> Bool {
    guard floatingPoint == .exact, let (laboratory, shape) = try calibrationBench() else {
      return false
    }
    let faults = FaultFreedom(laboratory: laboratory, shape: shape, seed: seed)
    let inputs = inputs(shape, .full, question.text)
    let valid = try await faults.validate(inputs, original: originalProgram)
    let answer = conditions(shape, asksParts: asksParts).examine(
      question.candidate.bytes, question.text, on: valid.inputs)
    return answer.result != .passed
  }

  /// L3; a difference of operations is no kill before a run shows it, and no pass.
  func answerOfOperations(_ question: Question, asksParts: Bool) throws
    -> BoundedEquivalence.Result
  {
    guard floatingPoint == .exact, let (_, shape) = try calibrationBench() else {
      return .init(
        evidence: Evidence(
          level: .l3, method: BoundedEquivalence.method, result: .inconclusive,
          detail: "there is nothing to compare"))
    }
    return bounded(shape, asksParts: asksParts).examine(
      question.candidate.bytes, question.text,
      question.text.map { guardedPoints(shape, $0) } ?? [])
  }

  /// Whether L3's own runs show the difference of operations that it found.
  func isRefuted(_ question: Question, _ operations: BoundedEquivalence.Result) async throws -> Bool
  {
    guard let point = operations.difference else { return false }
    let bench = try await prepare(question.candidate.bytes, .full, question.text)
    return try await witness(point, operations.contents, bench) != nil
  }

  /// L7, with what it may cost where a proof is required.
  func answerOfAllSizes(_ question: Question) -> MutantOutcome.Answer {
    MutantOutcome.Answer(
      allSizes(question.candidate.bytes, ParametricEquivalence.fullEffort).result)
  }

  /// What is asked of rewrites by default.
  func defaultRequirement() throws -> Verdict {
    guard floatingPoint == .exact, let (_, shape) = try calibrationBench() else { return .tested }
    let control = DefaultRequirement.ofControl(kernel, shape, parser: parser)
    guard control.verdict >= .bounded else { return control.verdict }
    return bounded(shape).examine(kernel.source.bytes, nil).evidence.result == .passed
      ? .bounded : .tested
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
  /// - Parameter isQuick: asks of the shipping build alone, which other levels need anyway.
  func hasSameCode(_ first: [UInt8], _ second: [UInt8], isQuick: Bool) async throws -> Bool {
    let laboratory = try laboratoryOrNew()
    for extra in isQuick ? [[]] : [[], ["-w", "-O2", "-fno-unroll-loops"], ["-w", "-O1"]] {
      for side in isQuick ? [.project] : [BuildChoice.Side.project, .second] {
        let choice = BuildChoice(side: side, flavour: .shipping, extra: extra)
        guard plan.compiler(of: choice) != nil else { continue }
        var digests: [Digest] = []
        for bytes in [first, second] {
          let program = Laboratory.Program(bytes: bytes, isOriginal: false)
          do throws(LaboratoryError) {
            digests.append(try await laboratory.build(program, choice).digest)
          } catch {
            // What does not compile here has no code to compare.
            return false
          }
        }
        if digests[0] == digests[1] { return true }
      }
    }
    return false
  }
}

extension MutantOutcome.Answer {
  init(_ result: Evidence.Result) {
    switch result {
    case .failed: self = .killed
    case .passed: self = .passed
    case .inconclusive: self = .inconclusive
    }
  }
}

extension ValidInputs {
  /// The same inputs in three parts: one alone, which tells of what never ends; a small mixture, on
  /// which most of what can be refuted is refuted; and the rest.
  var batches: [ValidInputs] {
    guard inputs.count > 32 else { return [self] }
    var parts = [ValidInputs(), ValidInputs(), self]
    parts[2].inputs = []
    parts[2].audited = []
    let (step, first) = (inputs.count / 24, inputs.count / 2)
    for index in inputs.indices {
      let part = index == first ? 0 : index.isMultiple(of: step) ? 1 : 2
      parts[part].inputs.append(inputs[index])
      if index < audited.count { parts[part].audited.append(audited[index]) }
    }
    return parts
  }
}
