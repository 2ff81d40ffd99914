import CandidateExecution
import ExperimentRecords
import KernelModel

/// What may be said beyond L2.
extension Verifier {
  /// The levels above L2 as far as they are asked for, or by default; then what was required by
  /// default is known.
  func strengthen(
    _ bench: Bench, _ text: CandidateText?, _ requirement: Verdict?,
    _ result: inout VerificationResult
  ) async throws(VerificationStop) {
    if floatingPoint == .relaxed, bench.shape.hasFloatingPoint { examineFunctions(bench, &result) }
    let ends = examineEndsOfTypes(bench, &result)
    try await examineBeyondTests(bench, text, requirement, ends, &result)
    // What nobody knows of large sizes takes the verdict away, unless it is proved for them too.
    if ends?.differs == true, result.verdict >= .tested, result.verdict < .proved {
      result.verdict = .inconclusive
    }
  }

  private func examineBeyondTests(
    _ bench: Bench, _ text: CandidateText?, _ requirement: Verdict?,
    _ ends: NarrowIntegers.Answer?, _ result: inout VerificationResult
  ) async throws(VerificationStop) {
    if let requirement {
      if levels.contains(.l3) || requirement >= .bounded {
        try await examineOperations(bench, text, ends, &result)
      }
      if levels.contains(.l7) || requirement >= .proved {
        examineAllSizes(bench, effort: ParametricEquivalence.fullEffort, &result)
      }
      return
    }
    guard floatingPoint == .exact else {
      result.requiredBecause = "operations are compared in mode exact alone"
      return
    }
    let hidesSizes = try await examineOperations(bench, text, ends, &result)
    let standing = defaultRequirement(bench, isReached: result.verdict >= .bounded)
    if result.verdict == .bounded {
      examineAllSizes(bench, effort: ParametricEquivalence.briefEffort, &result)
    }
    result.required = standing.verdict
    result.requiredBecause = standing.reason
    // What no call reaches was not tested either.
    if hidesSizes, result.verdict == .tested { result.verdict = .inconclusive }
    if result.verdict == .tested, standing.verdict == .tested {
      examineConditions(bench, text, asksParts: ends?.isComplete != true, &result)
    }
  }

  /// What the candidate asks, where it rests on tests.
  private func examineConditions(
    _ bench: Bench, _ text: CandidateText?, asksParts: Bool,
    _ result: inout VerificationResult
  ) {
    guard !environment.switchedOff.contains(.conditions) else { return }
    let evidence = conditions(bench.shape, asksParts: asksParts).examine(
      bench.candidate.bytes, text, on: bench.valid.inputs)
    result.levels.append(evidence)
    if evidence.result != .passed { result.verdict = .inconclusive }
  }

  func conditions(_ shape: InputShape, asksParts: Bool) -> TestedConditions {
    TestedConditions(kernel: kernel, shape: shape, parser: parser, asksParts: asksParts)
  }

  /// What happens at the ends of types, asked of smaller types.
  private func examineEndsOfTypes(_ bench: Bench, _ result: inout VerificationResult)
    -> NarrowIntegers.Answer?
  {
    guard floatingPoint == .exact, !environment.switchedOff.contains(.narrowIntegers) else {
      return nil
    }
    let answer = narrow(bench.shape).examine(bench.candidate.bytes)
    result.levels.append(answer.evidence)
    return answer
  }

  func narrow(_ shape: InputShape) -> NarrowIntegers {
    NarrowIntegers(
      kernel: kernel, shape: shape, parser: parser, contraction: contraction, seed: seed)
  }

  /// L4, where results may be rounded differently: a candidate that is another function over the reals
  /// has no verdict, since it is not known to be wrong either.
  private func examineFunctions(_ bench: Bench, _ result: inout VerificationResult) {
    let identity = PolynomialIdentity(
      kernel: kernel, shape: bench.shape, parser: parser, seed: seed)
    let answer = identity.examine(bench.candidate.bytes)
    result.levels.append(answer.evidence)
    result.assumptions += answer.evidence.assumptions
    if answer.differs { result.verdict = .inconclusive }
  }

  /// Whether the original can be compared with itself is asked only where the answer matters.
  private func defaultRequirement(_ bench: Bench, isReached: Bool) -> DefaultRequirement {
    let control = DefaultRequirement.ofControl(kernel, bench.shape, parser: parser)
    if isReached || control.verdict < .bounded { return control }
    let own = ownOperations ?? bounded(bench.shape).examine(kernel.source.bytes, nil).evidence
    ownOperations = own
    guard own.result != .passed else { return control }
    return .tested("the original cannot be compared even with itself: \(own.detail)")
  }

  /// What L3 says; a difference that it finds refutes once a run of both programs shows it.
  ///
  /// - Returns: whether the candidate has a condition on sizes that no call met both ways.
  @discardableResult
  func examineOperations(
    _ bench: Bench, _ text: CandidateText?, _ ends: NarrowIntegers.Answer?,
    _ result: inout VerificationResult
  ) async throws(VerificationStop) -> Bool {
    guard floatingPoint == .exact else {
      result.levels.append(
        Evidence(
          level: .l3, method: BoundedEquivalence.method, result: .inconclusive,
          detail: "operations are compared in mode exact alone"))
      return false
    }
    let answer = bounded(bench.shape, asksParts: ends?.isComplete != true).examine(
      bench.candidate.bytes, text, text.map { guardedPoints(bench.shape, $0) } ?? [])
    result.levels.append(answer.evidence)
    if answer.evidence.result == .passed {
      result.verdict = .bounded
      result.assumptions += answer.evidence.assumptions
    } else if let point = answer.difference,
      let step = try await witness(point, answer.contents, bench)
    {
      result.levels[result.levels.count - 1].result = .failed
      result.levels[result.levels.count - 1].detail += "; \(step.evidence.detail)"
      result.verdict = .refuted
      result.counterexample = await counterexample(step.refuting, bench, text)
    }
    return answer.hidesSizes
  }

  /// What L7 says. It refutes nothing, so what it cannot show leaves the verdict as it is; and it leaves
  /// to the other levels what does not depend on sizes, so that it says nothing where L3 does not pass.
  private func examineAllSizes(
    _ bench: Bench, effort: Int, _ result: inout VerificationResult
  ) {
    guard floatingPoint == .exact, result.verdict >= .tested else { return }
    let evidence = allSizes(bench.candidate.bytes, effort)
    result.levels.append(evidence)
    if evidence.result == .passed, result.verdict >= .bounded {
      result.verdict = .proved
      result.assumptions.removeAll { $0 == BoundedEquivalence.nearEnds }
      result.assumptions += evidence.assumptions.filter { !result.assumptions.contains($0) }
    }
  }

  func allSizes(_ candidate: [UInt8], _ effort: Int) -> Evidence {
    ParametricEquivalence(
      kernel: kernel, parser: parser, contraction: contraction, operationLimit: effort
    ).examine(candidate)
  }

  /// How products that feed sums are fused: as the flags say, else the compiler's default.
  var contraction: BuildFlags.Contraction {
    kernel.build.contraction ?? (environment.compiler.name == "gcc" ? .fast : .on)
  }

  func bounded(_ shape: InputShape, asksParts: Bool = true) -> BoundedEquivalence {
    var bounded = BoundedEquivalence(
      kernel: kernel, shape: shape, parser: parser,
      contraction: contraction, seed: seed)
    bounded.asksParts = asksParts
    bounded.solver = SymbolicSolver(runner: environment.harness.runner)
    return bounded
  }

  /// Runs both programs on many contents at the point where their operations differ.
  func witness(_ point: CallPoint, _ contents: Contents?, _ bench: Bench)
    async throws(VerificationStop) -> Examination?
  {
    var inputs: [CallInput] = []
    // What a contract says of contents no solver was told.
    if let contents, !bench.shape.contract.boundsContents,
      let input = ImageBuilder.input(point, of: bench.shape)
    {
      inputs.append(input.holding(contents))
    }
    for (index, valueClass) in ValueClass.general.enumerated() {
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
      throw VerificationStop(.l3, error)
    }
  }
}
