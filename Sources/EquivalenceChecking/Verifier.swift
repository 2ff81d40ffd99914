public import ExperimentRecords
public import KernelModel
public import KernelParsing

/// The judge: says of candidate texts whether they may stand in place of one original.
///
/// It shares nothing with the optimizer but the C parser. It is given the original with its
/// contract, and of the candidate the text of the whole file alone (rule 2). What it learns about
/// the original (which inputs it is well behaved on, what it leaves behind) it keeps from one
/// candidate to the next. A time-out, unsupported code or an internal error is `inconclusive`.
public actor Verifier {
  private let kernel: Kernel
  /// Why what the original does cannot be observed.
  private let obstacle: String?
  private let environment: JudgeEnvironment
  private let parser: KernelParser
  private let floatingPoint: FloatingPointMode
  private let seed: UInt64
  private let levels: Set<Level>
  private let plan: BuildPlan
  private var laboratory: Laboratory?
  private var commonInputs: [Effort: [CallInput]] = [:]

  /// - Parameters:
  ///   - levels: the levels to run; with one of L0, L1 and L2 left out no verdict is better than
  ///     `inconclusive`.
  public init(
    original: Kernel, environment: JudgeEnvironment, parser: KernelParser = KernelParser(),
    floatingPoint: FloatingPointMode = .exact, seed: UInt64 = 1,
    levels: Set<Level> = [.l0, .l1, .l2]
  ) {
    let reach = CalleeReach(original, parser: parser)
    kernel = reach.kernel
    obstacle = reach.obstacle
    self.environment = environment
    self.parser = parser
    self.floatingPoint = floatingPoint
    self.seed = seed
    self.levels = levels
    plan = BuildPlan(environment: environment, build: original.build)
  }

  /// Judges a candidate given as the text of the whole file.
  public func verify(_ candidate: String, requirement: Verdict = .tested, effort: Effort = .full)
    async -> VerificationResult
  {
    await verify(Array(candidate.utf8), requirement: requirement, effort: effort)
  }

  /// Judges a candidate given as the bytes of the whole file.
  public func verify(_ candidate: [UInt8], requirement: Verdict = .tested, effort: Effort = .full)
    async -> VerificationResult
  {
    var result = VerificationResult(verdict: .inconclusive, required: requirement)
    let meter = CostMeter()
    let before = await laboratory?.compiles ?? 0
    let secondsBefore = await laboratory?.compileSeconds ?? 0
    result.assumptions =
      Assumptions(
        kernel, floatingPoint: floatingPoint, compiler: environment.compiler
      ).list
    do {
      try await judge(candidate, effort, &result)
    } catch {
      result.verdict = .inconclusive
      result.levels.append(
        Evidence(
          level: error.level, method: error.method, result: .inconclusive, detail: error.reason))
    }
    let seconds = await laboratory?.compileSeconds ?? 0
    result.cost = meter.cost(compileSeconds: seconds - secondsBefore)
    result.cost.compiles = (await laboratory?.compiles ?? 0) - before
    return result
  }

  /// The levels in turn; the first that fails decides.
  private func judge(_ bytes: [UInt8], _ effort: Effort, _ result: inout VerificationResult)
    async throws(Stop)
  {
    let form = await checkForm(bytes)
    if levels.contains(.l0) { result.levels.append(form.evidence) }
    if form.evidence.result == .failed, levels.contains(.l0) {
      result.verdict = .refuted
      result.counterexample = nil
      return
    }
    guard floatingPoint == .relaxed || !kernel.build.isFastMath else {
      throw Stop(
        .l2, "the project's flags let the compiler change results; only --fp relaxed applies")
    }
    if let obstacle { throw Stop(.l1, obstacle) }
    let bench = try await prepare(bytes, effort, form.text)
    // A first look takes the shipping build alone, in which guard pages still tell of faults.
    if effort == .full, let step = try await examineFaults(bench) {
      await conclude(step, bench, form.text, &result)
    }
    if result.verdict != .refuted, let step = try await examineResults(bench, effort) {
      await conclude(step, bench, form.text, &result)
    }
    if result.verdict == .refuted { return }
    let isComplete = levels.isSuperset(of: [.l0, .l1, .l2])
    let allPassed = result.levels.allSatisfy { $0.result == .passed }
    result.verdict = isComplete && allPassed && effort == .full ? .tested : .inconclusive
    if effort == .screening, allPassed {
      result.assumptions.append("screened on few inputs only, which carries no verdict")
    }
    if result.verdict == .tested, levels.contains(.l3) || result.required >= .bounded {
      try await examineOperations(bench, form.text, &result)
    }
    if result.verdict >= .tested, levels.contains(.l7) || result.required >= .proved {
      examineAllSizes(bench, &result)
    }
  }

  /// Adds a level's evidence, and the counterexample when it refutes.
  private func conclude(
    _ step: Examination, _ bench: Bench, _ text: CandidateText?,
    _ result: inout VerificationResult
  ) async {
    result.levels.append(step.evidence)
    guard step.evidence.result == .failed else { return }
    result.verdict = .refuted
    result.counterexample = await counterexample(step.refuting, bench, text)
  }

  // MARK: L0

  private struct Form {
    var evidence: Evidence
    var text: CandidateText?
  }

  private func checkForm(_ bytes: [UInt8]) async -> Form {
    var evidence = Evidence(level: .l0, method: "WellFormedText", result: .passed)
    evidence.detail = "one body replaced by a well-formed one"
    let gate = FormGate(switchedOff: environment.switchedOff)
    let answer = WellFormedText(kernel: kernel, parser: parser, gate: gate).check(bytes)
    switch answer {
    case .unexamined: return Form(evidence: evidence, text: nil)
    case .violation(let violation):
      evidence.result = .failed
      evidence.detail = violation.description
      return Form(evidence: evidence, text: nil)
    case .unreadable(let text, let reason):
      evidence.result = .inconclusive
      evidence.detail = reason
      return await checkBuild(text, evidence)
    case .wellFormed(let text):
      return await checkBuild(text, evidence)
    }
  }

  /// The compiler's word: rejection, and rule 15.
  private func checkBuild(_ text: CandidateText, _ evidence: Evidence) async -> Form {
    var evidence = evidence
    do {
      let laboratory = try laboratoryOrNew()
      let original = try await laboratory.build(originalProgram, BuildPlan.shipping)
      let own = try await laboratory.build(
        Laboratory.Program(bytes: text.bytes, isOriginal: false), BuildPlan.shipping)
      if let violation = WellFormedText.newMessage(own.messages, over: original.messages),
        !environment.switchedOff.contains(.rule(.diagnostics))
      {
        evidence.result = .failed
        evidence.detail = violation.description
      }
    } catch let error as LaboratoryError {
      if case .compile(.rejected(let message, _)) = error,
        !environment.switchedOff.contains(.rule(.parsing))
      {
        evidence.result = .failed
        evidence.detail =
          FormViolation(.parsing, "does not compile: \(message.text)").description
      } else {
        evidence.result = .inconclusive
        evidence.detail = error.description
      }
    } catch {
      evidence.result = .inconclusive
      evidence.detail = "\(error)"
    }
    return Form(evidence: evidence, text: text)
  }

  // MARK: L1 and L2

  /// Everything that both levels need.
  private struct Bench {
    var laboratory: Laboratory
    var shape: InputShape
    var candidate: Laboratory.Program
    var valid: ValidInputs
    var faults: FaultFreedom
    var comparison: OutcomeComparison
  }

  private func prepare(_ bytes: [UInt8], _ effort: Effort, _ text: CandidateText?)
    async throws(Stop) -> Bench
  {
    var shape: InputShape
    do throws(UnsupportedInput) {
      shape = try InputShape(kernel)
      shape.switchedOff = environment.switchedOff
    } catch {
      let remedy = kernel.contract.unresolved.first.map { "; \($0.reason): \($0.remedy)" } ?? ""
      throw Stop(.l1, error.reason + remedy)
    }
    do {
      let laboratory = try laboratoryOrNew()
      let candidate = Laboratory.Program(bytes: bytes, isOriginal: false)
      let choices = [BuildPlan.undefined, BuildPlan.audit] + plan.differential(effort)
      await laboratory.prepare([originalProgram], choices)
      await laboratory.prepare([candidate], effort == .full ? choices : [BuildPlan.shipping])
      let inputs = inputs(shape, effort, text)
      let faults = FaultFreedom(
        laboratory: laboratory, shape: shape, seed: seed)
      let valid = try await faults.validate(inputs, original: originalProgram)
      if let obstacle = valid.obstacle { throw Stop(.l1, obstacle) }
      return Bench(
        laboratory: laboratory, shape: shape, candidate: candidate, valid: valid, faults: faults,
        comparison: OutcomeComparison(shape: shape, floatingPoint: floatingPoint))
    } catch let stop as Stop {
      throw stop
    } catch {
      throw Stop(.l1, error)
    }
  }

  private func inputs(_ shape: InputShape, _ effort: Effort, _ text: CandidateText?) -> [CallInput]
  {
    let points = PointPlan(shape, effort: effort, seed: seed)
    func build(_ points: [CallPoint]) -> [CallInput] {
      points.filter { isMeaningful($0, shape) }.compactMap { ImageBuilder.input($0, of: shape) }
    }
    if commonInputs[effort] == nil { commonInputs[effort] = build(points.common()) }
    let own = CLexer.tokens(of: kernel.source.bytes, in: kernel.function.bodyRange)
    let constants = BlockFactors.constants(in: text, and: own)
    let sweep = points.scalarSweep(constants: constants)
    let factors = text.map { BlockFactors.find(in: $0, limit: effort == .full ? 8 : 3) } ?? []
    let named = text.map { points.named(NamedValues($0, beyond: own)) } ?? []
    return (commonInputs[effort] ?? []) + build(points.specific(to: factors) + sweep + named)
  }

  /// Where results may be rounded differently, values at the ends of the range say nothing: one
  /// program may overflow where the other does not.
  private func isMeaningful(_ point: CallPoint, _ shape: InputShape) -> Bool {
    guard floatingPoint == .relaxed, shape.hasFloatingPoint else { return true }
    return ![.special, .extremes, .notNumbers].contains(point.valueClass)
  }

  private func examineFaults(_ bench: Bench) async throws(Stop) -> Examination? {
    guard levels.contains(.l1) else { return nil }
    do throws(LaboratoryError) {
      return try await bench.faults.examine(bench.candidate, bench.valid, bench.comparison)
    } catch {
      throw Stop(.l1, error)
    }
  }

  private func examineResults(_ bench: Bench, _ effort: Effort) async throws(Stop) -> Examination? {
    guard levels.contains(.l2) else { return nil }
    let testing = DifferentialTesting(
      laboratory: bench.laboratory, shape: bench.shape,
      choices: plan.differential(effort, of: bench.candidate.bytes), seed: seed)
    do throws(LaboratoryError) {
      return try await testing.examine(
        original: originalProgram, candidate: bench.candidate, bench.valid, bench.comparison)
    } catch {
      throw Stop(.l2, error)
    }
  }

  // MARK: L3

  /// What L3 says; a difference that it finds refutes once a run of both programs shows it.
  private func examineOperations(
    _ bench: Bench, _ text: CandidateText?, _ result: inout VerificationResult
  ) async throws(Stop) {
    guard floatingPoint == .exact else {
      result.levels.append(
        Evidence(
          level: .l3, method: BoundedEquivalence.method, result: .inconclusive,
          detail: "operations are compared in mode exact alone"))
      return
    }
    let bounded = BoundedEquivalence(
      kernel: kernel, shape: bench.shape, parser: parser,
      contraction: contraction, seed: seed)
    let answer = bounded.examine(bench.candidate.bytes, text)
    result.levels.append(answer.evidence)
    if answer.evidence.result == .passed {
      result.verdict = .bounded
      result.assumptions += answer.evidence.assumptions
    } else if let point = answer.difference, let step = try await witness(point, bench) {
      result.levels[result.levels.count - 1].result = .failed
      result.levels[result.levels.count - 1].detail += "; \(step.evidence.detail)"
      result.verdict = .refuted
      result.counterexample = await counterexample(step.refuting, bench, text)
    }
  }

  // MARK: L7

  /// What L7 says. It refutes nothing, so what it cannot show leaves the verdict as it is.
  private func examineAllSizes(_ bench: Bench, _ result: inout VerificationResult) {
    guard floatingPoint == .exact else {
      result.levels.append(
        Evidence(
          level: .l7, method: ParametricEquivalence.method, result: .inconclusive,
          detail: "dependence graphs are compared in mode exact alone"))
      return
    }
    let evidence = ParametricEquivalence(
      kernel: kernel, parser: parser, contraction: contraction
    ).examine(bench.candidate.bytes)
    result.levels.append(evidence)
    if evidence.result == .passed {
      result.verdict = .proved
      result.assumptions += evidence.assumptions.filter { !result.assumptions.contains($0) }
    }
  }

  /// How products that feed sums are fused: as the flags say, else the compiler's default.
  private var contraction: BuildFlags.Contraction {
    kernel.build.contraction ?? (environment.compiler.name == "gcc" ? .fast : .on)
  }

  /// Runs both programs on many contents at the point where their operations differ.
  private func witness(_ point: CallPoint, _ bench: Bench) async throws(Stop) -> Examination? {
    var inputs: [CallInput] = []
    for (index, valueClass) in ValueClass.allCases.enumerated() {
      for draw in 0..<4 {
        var copy = point
        copy.valueClass = valueClass
        copy.seed = seed &+ UInt64(60_000 + index * 4 + draw)
        if let input = ImageBuilder.input(copy, of: bench.shape) { inputs.append(input) }
      }
    }
    do throws(LaboratoryError) {
      let valid = try await bench.faults.validate(inputs, original: originalProgram)
      guard !valid.inputs.isEmpty else { return nil }
      let testing = DifferentialTesting(
        laboratory: bench.laboratory, shape: bench.shape, choices: plan.differential(.full),
        seed: seed)
      let step = try await testing.examine(
        original: originalProgram, candidate: bench.candidate, valid, bench.comparison)
      return step.evidence.result == .failed ? step : nil
    } catch {
      throw Stop(.l3, error)
    }
  }

  // MARK: counterexamples

  private func counterexample(_ findings: [Finding], _ bench: Bench, _ text: CandidateText?) async
    -> Counterexample?
  {
    let search = CounterexampleSearch(
      laboratory: bench.laboratory, shape: bench.shape, original: originalProgram,
      candidate: bench.candidate, comparison: bench.comparison, faults: bench.faults, seed: seed)
    var finding = findings.first
    do {
      finding = try await search.smallest(findings) ?? finding
    } catch {
      // The finding stands as it was made; only its being the smallest is lost.
    }
    guard let finding else { return nil }
    let compiler = plan.compiler(of: finding.choice)
    return Counterexample(
      inputs: PointText(shape: bench.shape).text(finding.input), cell: finding.cell,
      expected: finding.expected, actual: finding.actual,
      reproducer: text.map {
        Reproducer(
          kernel: kernel, candidate: $0, shape: bench.shape, finding: finding,
          compiler: compiler?.name ?? "cc"
        ).text()
      })
  }

  private var originalProgram: Laboratory.Program {
    Laboratory.Program(bytes: kernel.source.bytes, isOriginal: true)
  }

  private func laboratoryOrNew() throws -> Laboratory {
    if let laboratory { return laboratory }
    let made = try Laboratory(kernel: kernel, plan: plan, seed: seed)
    laboratory = made
    return made
  }
}

/// Why judging ended without a verdict.
private struct Stop: Error {
  var level: Level
  var reason: String

  init(_ level: Level, _ reason: String) {
    self.level = level
    self.reason = reason
  }

  init(_ level: Level, _ error: any Error) {
    self.level = level
    reason = (error as? LaboratoryError)?.description ?? "\(error)"
  }

  var method: String {
    switch level {
    case .l0: "WellFormedText"
    case .l1: FaultFreedom.method
    case .l3: BoundedEquivalence.method
    default: DifferentialTesting.method
    }
  }
}
