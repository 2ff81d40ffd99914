import CandidateExecution
import ExperimentRecords
import KernelModel

/// L1 and L2: both programs run on chosen inputs.
extension Verifier {
  /// Everything that both levels need.
  struct Bench {
    var laboratory: Laboratory
    var shape: InputShape
    var candidate: Laboratory.Program
    var valid: ValidInputs
    var faults: FaultFreedom
    var comparison: OutcomeComparison
  }

  func prepare(_ bytes: [UInt8], _ effort: Effort, _ text: CandidateText?)
    async throws(VerificationStop) -> Bench
  {
    var shape: InputShape
    do throws(UnsupportedInput) {
      shape = try InputShape(kernel)
      shape.switchedOff = environment.switchedOff
    } catch {
      let remedy = kernel.contract.unresolved.first.map { "; \($0.reason): \($0.remedy)" } ?? ""
      throw VerificationStop(.l1, error.reason + remedy)
    }
    if floatingPoint == .relaxed, shape.hasFloatingPoint, precise == nil {
      precise = PreciseResults(kernel, shape, parser: parser)
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
      if let obstacle = valid.obstacle { throw VerificationStop(.l1, obstacle) }
      return Bench(
        laboratory: laboratory, shape: shape, candidate: candidate, valid: valid, faults: faults,
        comparison: OutcomeComparison(
          shape: shape, floatingPoint: floatingPoint, precise: precise))
    } catch let stop as VerificationStop {
      throw stop
    } catch {
      throw VerificationStop(.l1, error)
    }
  }

  func inputs(_ shape: InputShape, _ effort: Effort, _ text: CandidateText?) -> [CallInput] {
    let planned = plannedInputs(shape, effort, text)
    guard effort == .full, let text else { return planned }
    let guarded = build(guardedPoints(shape, text, beyond: planned), shape)
    // First, since some of what looks at the calls looks at as many as it has time for.
    return guarded.filter { $0.point.overlaps.isEmpty } + planned
      + guarded.filter { !$0.point.overlaps.isEmpty }
  }

  private func plannedInputs(_ shape: InputShape, _ effort: Effort, _ text: CandidateText?)
    -> [CallInput]
  {
    let points = PointPlan(shape, effort: effort, seed: seed)
    if commonInputs[effort] == nil {
      let isRelaxed = floatingPoint == .relaxed && shape.hasFloatingPoint
      commonInputs[effort] = build(
        points.common() + (isRelaxed ? points.illConditioned() : []), shape)
    }
    let own = CLexer.tokens(of: kernel.source.bytes, in: kernel.function.bodyRange)
    let constants = BlockFactors.constants(in: text, and: own)
    let sweep = points.scalarSweep(constants: constants)
    let factors =
      text.map {
        BlockFactors.find(
          in: $0, elementSizes: shape.elementSizes, limit: effort == .full ? 8 : 3)
      } ?? []
    let named = text.map { points.named(NamedValues($0, beyond: own)) } ?? []
    let stepped = SteppedInputs(kernel: kernel, shape: shape, parser: parser)
    let joint =
      effort == .full
      ? text.map { points.joint(stepped.steps(of: $0.bytes), factors: factors) } ?? [] : []
    return (commonInputs[effort] ?? [])
      + build(points.specific(to: factors) + sweep + named + joint, shape)
  }

  private func build(_ points: [CallPoint], _ shape: InputShape) -> [CallInput] {
    points.filter { isMeaningful($0, shape) }.compactMap { ImageBuilder.input($0, of: shape) }
  }

  /// Of the overlaps at sizes behind guards, how many are run in all builds where the interpreter sees no
  /// difference.
  private static let mostOverlaps = 48

  /// Calls behind guards of the candidate's text, which L1, L2 and L3 ask for in turn.
  func guardedPoints(
    _ shape: InputShape, _ text: CandidateText, beyond planned: [CallInput]? = nil
  ) -> [CallPoint] {
    guard !shape.switchedOff.contains(.guardedSizes) else { return [] }
    if let last = guardedCalls, last.text == text.bytes { return last.points }
    let sizes = GuardedCalls(kernel: kernel, shape: shape, parser: parser, seed: seed).sizes(
      of: text.bytes, factors: BlockFactors.find(in: text, elementSizes: shape.elementSizes),
      beyond: planned ?? plannedInputs(shape, .full, text))
    let plan = PointPlan(shape, effort: .full, seed: seed)
    let overlaps = plan.guardedOverlaps(sizes)
    let sweep = OverlapSweep(kernel: kernel, shape: shape, parser: parser)
    let step = max(1, (overlaps.count + Self.mostOverlaps - 1) / Self.mostOverlaps)
    let sample = stride(from: 0, to: overlaps.count, by: step).map { overlaps[$0] }
    let points =
      plan.guarded(sizes) + sweep.differing(overlaps, candidate: text.bytes) + sample
    guardedCalls = (text.bytes, points)
    return points
  }

  /// Where results may be rounded differently, values at the ends of the range say nothing: one
  /// program may overflow where the other does not.
  func isMeaningful(_ point: CallPoint, _ shape: InputShape) -> Bool {
    guard floatingPoint == .relaxed, shape.hasFloatingPoint else { return true }
    return ![.special, .extremes, .notNumbers, .tiny, .few, .huge].contains(point.valueClass)
  }

  func examineFaults(_ bench: Bench) async throws(VerificationStop) -> Examination? {
    guard levels.contains(.l1) else { return nil }
    do throws(LaboratoryError) {
      return try await bench.faults.examine(bench.candidate, bench.valid, bench.comparison)
    } catch {
      throw VerificationStop(.l1, error)
    }
  }

  /// The candidate's text under the interpreter, on the same inputs.
  func examineExecution(
    _ bench: Bench, _ candidate: [UInt8], _ result: inout VerificationResult
  ) {
    guard levels.contains(.l1), !environment.switchedOff.contains(.interpretedRuns) else { return }
    let execution = ConcreteExecution(
      kernel: kernel, shape: bench.shape, parser: parser, seed: seed)
    let answer = execution.examine(candidate, bench.valid.inputs)
    result.levels.append(answer.evidence)
    if let counterexample = answer.counterexample {
      result.verdict = .refuted
      result.counterexample = counterexample
    }
  }

  func examineResults(_ bench: Bench, _ effort: Effort) async throws(VerificationStop)
    -> Examination?
  {
    guard levels.contains(.l2) else { return nil }
    let testing = DifferentialTesting(
      laboratory: bench.laboratory, shape: bench.shape,
      choices: plan.differential(
        effort, of: bench.candidate.bytes, against: kernel.source.bytes), seed: seed)
    do throws(LaboratoryError) {
      var step = try await testing.examine(
        original: originalProgram, candidate: bench.candidate, bench.valid, bench.comparison)
      if effort == .full, step.evidence.result == .passed {
        try await addVastSizes(bench, &step)
        addCoverage(bench, &step.evidence)
      }
      return step
    } catch {
      throw VerificationStop(.l2, error)
    }
  }

  /// The same comparison at sizes of real use, where one build is enough: what is looked for depends on
  /// the text. Nil in mode `relaxed`, where the error of so long sums says little, and where no such
  /// call is defined.
  func examineVastSizes(
    _ candidate: Laboratory.Program, _ laboratory: Laboratory, _ shape: InputShape,
    _ comparison: OutcomeComparison
  ) async throws(LaboratoryError) -> Examination? {
    guard floatingPoint == .exact else { return nil }
    if vastInputs == nil {
      let points = PointPlan(shape, effort: .full, seed: seed).vast()
      let inputs = points.compactMap { ImageBuilder.input($0, of: shape) }
      let outcomes = try await laboratory.call(originalProgram, on: inputs, BuildPlan.undefined)
      let defined = zip(inputs, outcomes).filter { FaultFreedom.hasReturned($0.1) }.map(\.0)
      vastInputs = ValidInputs(inputs: defined)
    }
    guard let vastInputs, !vastInputs.inputs.isEmpty else { return nil }
    let testing = DifferentialTesting(
      laboratory: laboratory, shape: shape, choices: [BuildPlan.shipping], seed: seed)
    return try await testing.examine(
      original: originalProgram, candidate: candidate, vastInputs, comparison)
  }

  private func addVastSizes(_ bench: Bench, _ step: inout Examination)
    async throws(LaboratoryError)
  {
    let vast = try await examineVastSizes(
      bench.candidate, bench.laboratory, bench.shape, bench.comparison)
    guard let vast, let vastInputs else { return }
    step.findings += vast.findings
    step.evidence.inputs = (step.evidence.inputs ?? 0) + vastInputs.inputs.count
    if vast.evidence.result == .passed {
      let sizes = vastInputs.inputs.map { PointText(shape: bench.shape).sizes($0.point) }
      let largest = sizes.joined().map(\.1).max() ?? 0
      step.evidence.detail += "; sizes up to \(largest)"
    } else {
      (step.evidence.result, step.evidence.detail) = (vast.evidence.result, vast.evidence.detail)
    }
  }

  /// How many outcomes of both programs' branches the inputs reached, when nothing else is wrong.
  private func addCoverage(_ bench: Bench, _ evidence: inout Evidence) {
    guard evidence.result == .passed else { return }
    let coverage = BranchCoverage(kernel: kernel, shape: bench.shape, parser: parser)
    let inputs = bench.valid.inputs
    evidence.originalBranches = coverage.measure(kernel.source.bytes, on: inputs)
    evidence.candidateBranches = coverage.measure(bench.candidate.bytes, on: inputs)
    if let original = evidence.originalBranches, original.all > 0 {
      evidence.branchCoverage = Double(original.reached) / Double(original.all)
      evidence.detail += "; original: \(original)"
    }
    if let own = evidence.candidateBranches, own.all > 0 {
      evidence.detail += "; candidate: \(own)"
    }
  }
}
