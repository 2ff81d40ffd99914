import ExperimentRecords

/// Parallel loops run by threads.
extension Verifier {
  /// Runs a candidate with parallel loops as it will run, pragmas and all, by as many threads as the
  /// environment gives. The verdict rests on the proof that no iterations meet; a run that disagrees
  /// with it refutes, one that cannot be had leaves no verdict.
  func examineThreads(
    _ bytes: [UInt8], _ bench: Bench, _ result: inout VerificationResult
  ) async throws(VerificationStop) {
    guard environment.threads > 1 else { return }
    let testing = DifferentialTesting(
      laboratory: bench.laboratory, shape: bench.shape,
      choices: [BuildPlan.threaded(environment.threads)], seed: seed)
    do throws(LaboratoryError) {
      var evidence = try await testing.examine(
        original: originalProgram, candidate: Laboratory.Program(bytes: bytes, isOriginal: false),
        bench.valid, bench.comparison
      ).evidence
      evidence.detail = "with \(environment.threads) threads: " + evidence.detail
      result.levels.append(evidence)
      switch evidence.result {
      case .passed: break
      case .failed: result.verdict = .refuted
      default: result.verdict = .inconclusive
      }
    } catch {
      throw VerificationStop(.l2, error)
    }
  }
}
