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
  let kernel: Kernel
  /// Why what the original does cannot be observed.
  let obstacle: String?
  let environment: JudgeEnvironment
  let parser: KernelParser
  let floatingPoint: FloatingPointMode
  let seed: UInt64
  let levels: Set<Level>
  let plan: BuildPlan
  private var laboratory: Laboratory?
  var commonInputs: [Effort: [CallInput]] = [:]
  /// Calls behind guards of the candidate that was judged last.
  var guardedCalls: (text: [UInt8], points: [CallPoint])?
  /// Calls with sizes of real use on which the original is defined.
  var vastInputs: ValidInputs?
  /// Mode `relaxed`: the original's results in higher precision.
  var precise: PreciseResults?
  /// What L3 says of the original against itself, once it has been asked.
  var ownOperations: Evidence?

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
  ///
  /// - Parameter requirement: nil for the default: `bounded` where the original's control is static,
  ///   `tested` elsewhere.
  public func verify(_ candidate: String, requirement: Verdict? = nil, effort: Effort = .full)
    async -> VerificationResult
  {
    await verify(Array(candidate.utf8), requirement: requirement, effort: effort)
  }

  /// Judges a candidate given as the bytes of the whole file.
  public func verify(_ candidate: [UInt8], requirement: Verdict? = nil, effort: Effort = .full)
    async -> VerificationResult
  {
    var result = VerificationResult(
      verdict: .inconclusive, required: requirement ?? .tested)
    let meter = CostMeter()
    let before = await laboratory?.compiles ?? 0
    let secondsBefore = await laboratory?.compileSeconds ?? 0
    result.assumptions =
      Assumptions(
        kernel, floatingPoint: floatingPoint, compiler: environment.compiler
      ).list
    do {
      try await judge(candidate, effort, requirement, &result)
    } catch {
      result.verdict = .inconclusive
      let booked = result.levels.reduce(0) { $0 + $1.seconds }
      result.levels.append(
        Evidence(
          level: error.level, method: error.method, result: .inconclusive, detail: error.reason,
          seconds: max(0, meter.cpuSeconds - booked)))
    }
    let seconds = await laboratory?.compileSeconds ?? 0
    result.cost = meter.cost(compileSeconds: seconds - secondsBefore)
    result.cost.compiles = (await laboratory?.compiles ?? 0) - before
    return result
  }

  /// The levels in turn; the first that fails decides.
  private func judge(
    _ bytes: [UInt8], _ effort: Effort, _ requirement: Verdict?,
    _ result: inout VerificationResult
  ) async throws(VerificationStop) {
    let formMeter = CostMeter()
    var form = await checkForm(bytes)
    form.evidence.seconds = formMeter.cpuSeconds
    if levels.contains(.l0) { result.levels.append(form.evidence) }
    if form.evidence.result == .failed, levels.contains(.l0) {
      result.verdict = .refuted
      result.counterexample = nil
      return
    }
    guard floatingPoint == .relaxed || !kernel.build.isFastMath else {
      throw VerificationStop(
        .l2, "the project's flags let the compiler change results; only --fp relaxed applies")
    }
    if let obstacle { throw VerificationStop(.l1, obstacle) }
    // From here on without the pragmas of parallel loops.
    let whole = bytes
    let bytes = form.text?.bytes ?? bytes
    if let text = form.text, !text.parallelLoops.isEmpty,
      try await !examineParallelLoops(text, effort, &result)
    {
      return
    }
    let faultMeter = CostMeter()
    let bench = try await prepare(bytes, effort, form.text)
    // A first look takes the shipping build alone, in which guard pages still tell of faults.
    if effort == .full, let step = try await examineFaults(bench) {
      await conclude(step, bench, form.text, faultMeter, &result)
    }
    if effort == .full, result.verdict != .refuted { examineExecution(bench, bytes, &result) }
    let resultMeter = CostMeter()
    if result.verdict != .refuted, let step = try await examineResults(bench, effort) {
      await conclude(step, bench, form.text, resultMeter, &result)
    }
    if result.verdict == .refuted { return }
    let isComplete = levels.isSuperset(of: [.l0, .l1, .l2])
    // What cannot be interpreted rests on the sanitizers alone, as the evidence then says.
    let allPassed = result.levels.allSatisfy {
      $0.result == .passed || ($0.method == ConcreteExecution.method && $0.result == .inconclusive)
    }
    result.verdict = isComplete && allPassed && effort == .full ? .tested : .inconclusive
    if effort == .screening, allPassed {
      result.assumptions.append("screened on few inputs only, which carries no verdict")
    }
    if result.verdict == .tested, let text = form.text, !text.parallelLoops.isEmpty {
      try await examineThreads(whole, bench, &result)
    }
    if result.verdict == .tested {
      try await strengthen(bench, form.text, requirement, &result)
    }
  }

  /// Adds a level's evidence, and the counterexample when it refutes.
  private func conclude(
    _ step: Examination, _ bench: Bench, _ text: CandidateText?, _ meter: CostMeter,
    _ result: inout VerificationResult
  ) async {
    result.levels.append(step.evidence)
    result.levels[result.levels.count - 1].seconds = meter.cpuSeconds
    guard step.evidence.result == .failed else { return }
    result.verdict = .refuted
    result.counterexample = await counterexample(step.refuting, bench, text)
  }

  var originalProgram: Laboratory.Program {
    Laboratory.Program(bytes: kernel.source.bytes, isOriginal: true)
  }

  func laboratoryOrNew() throws -> Laboratory {
    if let laboratory { return laboratory }
    let made = try Laboratory(kernel: kernel, plan: plan, seed: seed)
    laboratory = made
    return made
  }
}
