import CandidateExecution
import ExperimentRecords
import LineageLog
import SearchPolicies

/// The search for a form on several threads: beside that for one core, after it, and reported apart.
///
/// Its candidates and the original run in the same surroundings, on as many cores as there are threads.
/// What is faster is so by the clock; the processor time of all threads is measured beside it. It tries
/// the few recipes of `ParallelProposals` under a budget of its own, as large as that for one core.
extension Workbench {
  /// Whether this kernel's loops may be shared: a person asked for threads, and the build gives OpenMP's
  /// pragmas their meaning.
  func mayStartThreads(_ prepared: Prepared) -> Bool {
    options.threads > 1 && prepared.surveyed.kernel.build.usesOpenMP
  }

  /// The search, ready to run in the space of the one that came before it.
  func parallelSearch(
    _ prepared: Prepared, after search: KernelSearch, best: Recipe?,
    onProgress: @escaping (String, Int, Double, Double) -> Void
  ) -> KernelSearch {
    KernelSearch(
      // The limits of the machine are those of one core.
      name: search.name, executor: executor(prepared, threads: options.threads), log: search.log,
      stop: search.stop, onProgress: onProgress, originalBytes: search.originalBytes,
      proposer: ParallelProposals(onTopOf: best), budget: SearchBudget(options.budget),
      errors: search.errors, trust: search.trust, threads: options.threads)
  }
}

extension KernelSearch {
  /// Runs this search for a form on several threads to its end. Whatever goes wrong ends it alone, and
  /// not what was found for one core.
  ///
  /// Throws `LineageError` when the log cannot be written.
  func end(in space: TransformationSpace) async throws -> ParallelFinished {
    let recorded = log.cost
    var search = self
    var finished = ParallelFinished(threads: threads)
    do {
      let result = try await search.run(in: space)
      try log.check()
      finished.winner = result.entry
      finished.reason = result.entry == nil ? result.reason : nil
    } catch let error as LineageError {
      throw error
    } catch {
      finished.reason = reason(of: error)
    }
    finished.evaluations = search.budget.evaluations
    finished.cost = search.meter.total + log.cost.since(recorded)
    return finished
  }
}
