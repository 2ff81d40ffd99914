public import ExperimentRecords
public import KernelModel
public import KernelParsing

/// Measures the judge: plants defects into a candidate that it accepts and asks each level by itself.
///
/// A mutant that no level refutes is equivalent, or a hole in the judge; which of the two is for a
/// proof or a person to say.
public struct Calibration: Sendable {
  private let original: Kernel
  private let parser: KernelParser
  private let form: Verifier
  private let behaviour: [(level: Level, verifier: Verifier)]

  /// - Parameters:
  ///   - original: the function as it is, with its contract.
  ///   - levels: what is asked of mutants that are well formed.
  public init(
    original: Kernel, environment: JudgeEnvironment, parser: KernelParser = KernelParser(),
    floatingPoint: FloatingPointMode = .exact, seed: UInt64 = 1, levels: [Level] = [.l1, .l2]
  ) {
    func verifier(_ level: Level) -> Verifier {
      Verifier(
        original: original, environment: environment, parser: parser,
        floatingPoint: floatingPoint, seed: seed, levels: [level])
    }
    self.original = original
    self.parser = parser
    form = verifier(.l0)
    behaviour = levels.map { ($0, verifier($0)) }
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
    return ([original.function.name] + helpers).flatMap { name in
      file.kernel(named: name).map(Mutants.all) ?? []
    }
  }

  /// Asks all levels of a mutant; what is not well formed is not run.
  public func judge(_ mutant: Mutant, of subject: String) async -> MutantOutcome {
    var outcome = MutantOutcome(
      subject: subject, defect: mutant.defect, place: mutant.place, answers: [:], seconds: 0)
    await ask(form, .l0, mutant, &outcome)
    guard outcome.answer(of: .l0) != .killed else { return outcome }
    for (level, verifier) in behaviour { await ask(verifier, level, mutant, &outcome) }
    return outcome
  }

  private func ask(
    _ verifier: Verifier, _ level: Level, _ mutant: Mutant, _ outcome: inout MutantOutcome
  ) async {
    let result = await verifier.verify(mutant.text)
    outcome.seconds += result.cost.cpuSeconds
    let evidence = result.levels.last { $0.level == level }
    outcome.answers[level.rawValue] =
      switch evidence?.result {
      case .failed: .killed
      case .passed: .passed
      case .inconclusive, nil: .inconclusive
      }
  }
}
