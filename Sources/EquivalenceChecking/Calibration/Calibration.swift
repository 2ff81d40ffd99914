public import ExperimentRecords
public import KernelModel
public import KernelParsing

/// Measures the judge: plants defects into a candidate that it accepts and asks each level by itself.
///
/// L3 is asked of every mutant. L0 to L2, which compile and run it, are asked of a random sample, from
/// which their rates come; of all of those that were made to escape tests, which show what L3 is
/// for; and of all others that L3 lets through, or whose original is only tested by default. Of a
/// mutant whose shipping code is that of the right text nothing more is asked.
public struct Calibration: Sendable {
  private let original: Kernel
  private let parser: KernelParser
  private let verifier: Verifier
  private let sample: CalibrationSample

  /// - Parameters:
  ///   - original: the function as it is, with its contract.
  ///   - sample: of which mutants all levels are asked.
  public init(
    original: Kernel, environment: JudgeEnvironment, parser: KernelParser = KernelParser(),
    floatingPoint: FloatingPointMode = .exact, seed: UInt64 = 1,
    sample: CalibrationSample = CalibrationSample()
  ) {
    self.original = original
    self.parser = parser
    self.sample = sample
    verifier = Verifier(
      original: original, environment: environment, parser: parser, floatingPoint: floatingPoint,
      seed: seed)
  }

  /// The mutants of the candidate's function and of the helpers that it adds.
  ///
  /// - Parameter candidate: the whole file.
  /// - Throws: `FormViolation` or `InputError` for a text that is no candidate at all.
  public func mutants(of candidate: [UInt8]) throws -> [Mutant] {
    let place = FunctionPlace(
      start: original.function.range.lowerBound, body: original.function.bodyRange)
    let text = try CandidateText(candidate, replacing: place, in: original.source.bytes)
    let file = try parser.parseText(candidate, at: original.source.path, build: original.build)
    let helpers = text.items.filter { $0.kind == .function }.map(\.name)
    return Mutants.numbered(
      ([original.function.name] + helpers).flatMap { name in
        file.kernel(named: name).map(Mutants.all) ?? []
      })
  }

  /// What is asked of rewrites of the original by default.
  public func requirement() async throws -> Verdict { try await verifier.defaultRequirement() }

  /// Asks all levels of a text without a defect.
  public func judge(
    unchanged text: [UInt8], of subject: String, required: Verdict
  ) async throws -> MutantOutcome {
    var outcome = MutantOutcome(subject: subject, defect: nil, place: 0, required: required)
    _ = try await judge(text, text, &outcome, isThorough: true, isQuick: false)
    return outcome
  }

  /// Asks the levels of a mutant; what is not well formed is not run.
  ///
  /// - Parameters:
  ///   - candidate: the text that the mutant was made from.
  ///   - isQuick: asks of L3 alone.
  /// - Returns: nil for a mutant of which more has to be asked than `isQuick` allows.
  public func judge(
    _ mutant: Mutant, from candidate: [UInt8], of subject: String, required: Verdict,
    isQuick: Bool = false
  ) async throws -> MutantOutcome? {
    let name = MutantOutcome.name(subject, mutant.defect, mutant.place)
    var outcome = MutantOutcome(
      subject: subject, defect: mutant.defect, place: mutant.place, required: required,
      isSampled: sample.contains(name))
    let isThorough = mutant.defect.isRare
    if isQuick, isThorough || outcome.isSampled || required < .bounded { return nil }
    let isDone = try await judge(
      mutant.text, candidate, &outcome, isThorough: isThorough, isQuick: isQuick)
    guard isDone else { return nil }
    if outcome.passesTests, outcome.nature == nil { try await explain(mutant, candidate, &outcome) }
    return outcome
  }

  private func judge(
    _ text: [UInt8], _ candidate: [UInt8], _ outcome: inout MutantOutcome, isThorough: Bool,
    isQuick: Bool
  ) async throws -> Bool {
    let isWhole = outcome.isSampled || isThorough
    var meter = CostMeter()
    func note(_ level: Level, _ answer: MutantOutcome.Answer) {
      outcome.answers[level.rawValue] = answer
      outcome.seconds[level.rawValue, default: 0] += meter.cpuSeconds
      meter = CostMeter()
    }
    var question = await verifier.question(text)
    // What L3 does not pass need not be asked at the ends of types where 'bounded' is required.
    var asksParts = true
    var operations = try await verifier.answerOfOperations(question, asksParts: false)
    if operations.evidence.result == .passed || outcome.required < .bounded {
      let ends = try await verifier.answerOfEnds(question)
      asksParts = !ends.isComplete
      if asksParts {
        operations = try await verifier.answerOfOperations(question, asksParts: true)
      }
      if ends.differs { outcome.hidesSizes = true }
    }
    let isSame = operations.evidence.result == .passed
    note(.l3, operations.difference != nil ? .differs : .init(operations.evidence.result))
    if operations.hidesSizes { outcome.hidesSizes = true }
    guard isWhole || isSame || outcome.required < .bounded else { return true }
    if isQuick { return false }
    let form: MutantOutcome.Answer
    (form, question) = await verifier.answerOfForm(text)
    note(.l0, form)
    guard form != .killed else { return true }
    // The same code needs no runs.
    if !isWhole, try await verifier.hasSameCode(text, candidate, isQuick: true) {
      outcome.nature = .equivalent
      return true
    }
    let results = try await settled { try await self.verifier.answerOfResults(question) }
    note(.l2, results)
    // Outside the sample one level that refutes is enough.
    guard isWhole || results == .passed else { return true }
    note(.l1, try await settled { try await self.verifier.answerOfFaults(question) })
    if outcome.passesTests, !isSame, outcome.required < .bounded,
      try await verifier.hidesConditions(question, asksParts: asksParts)
    {
      outcome.hidesSizes = true
    }
    if outcome.passesTests, try await verifier.isRefuted(question, operations) {
      note(.l3, .killed)
    }
    if outcome.passesTests, !outcome.isKilled, isSame, !operations.hidesSizes {
      note(.l7, await verifier.answerOfAllSizes(question))
      // What is proved for all sizes may do as it likes at the ends of smaller types.
      if outcome.answer(of: .l7) == .passed { outcome.hidesSizes = nil }
    }
    return true
  }

  /// The answer; inconclusive where a program could not be built or run in its time.
  private func settled(_ ask: () async throws -> MutantOutcome.Answer) async throws
    -> MutantOutcome.Answer
  {
    do {
      return try await ask()
    } catch is LaboratoryError {
      return .inconclusive
    }
  }

  private func explain(
    _ mutant: Mutant, _ candidate: [UInt8], _ outcome: inout MutantOutcome
  ) async throws {
    let (_, question) = await verifier.answerOfForm(mutant.text)
    outcome.nature = .unknown
    for witness in mutant.witnesses
    where try await verifier.isShownWrong(question, by: witness) {
      outcome.nature = .wrong
      return
    }
    if outcome.isKilled {
      outcome.nature = .wrong
    } else if try await verifier.hasSameCode(mutant.text, candidate, isQuick: false) {
      outcome.nature = .equivalent
    }
  }
}
