import CandidateExecution
import ExperimentRecords

/// Loops whose iterations threads share.
extension Verifier {
  /// Whether the candidate may be judged by its text without pragmas. Where that is not shown, results
  /// that change with the order of iterations refute it.
  func examineParallelLoops(
    _ text: CandidateText, _ effort: Effort, _ result: inout VerificationResult
  ) async throws(VerificationStop) -> Bool {
    guard !environment.switchedOff.contains(.independentIterations) else { return true }
    let evidence = IterationIndependence(kernel: kernel, parser: parser, contraction: contraction)
      .examine(text.bytes, text.parallelLoops)
    result.levels.append(evidence)
    if evidence.result == .passed {
      result.assumptions += evidence.assumptions
      return true
    }
    guard let reordered = ReorderedText.text(of: text, text.parallelLoops) else { return false }
    let bench = try await prepare(reordered, effort, nil)
    let testing = DifferentialTesting(
      laboratory: bench.laboratory, shape: bench.shape, choices: [BuildPlan.shipping], seed: seed)
    do throws(LaboratoryError) {
      var step = try await testing.examine(
        original: originalProgram, candidate: bench.candidate, bench.valid, bench.comparison)
      if step.evidence.result != .failed { return false }
      step.evidence.detail =
        "with the iterations of parallel loops in the opposite order: " + step.evidence.detail
      result.levels.append(step.evidence)
      result.verdict = .refuted
      result.counterexample = await counterexample(step.refuting, bench, nil)
      return false
    } catch {
      throw VerificationStop(.l2, error)
    }
  }
}
