public import ExperimentRecords

/// A winner that counts for nothing any more.
public struct RetractedWinner: Hashable, Sendable, Codable {
  /// Its entry.
  public var entry: Digest
  /// Its recipe.
  public var recipe: Recipe
  /// Threads that it was measured with; `nil` for one core.
  public var threads: Int?
  /// Why, in house grammar.
  public var reason: String
  /// When it was retracted.
  public var time: Timestamp
}

/// What is known of one kernel at the end.
public struct KernelReport: Hashable, Sendable {
  /// The kernel.
  public var kernel: KernelName
  /// How its search ended.
  public var outcome: KernelOutcome
  /// Why, unless it improved.
  public var reason: String?
  /// The winner, when there is one.
  public var winner: Winner?
  /// The entry of the winner.
  public var entry: Digest?
  /// The kernel as it was.
  public var baseline: Baseline?
  /// The smallest gain that would have been seen, as a share.
  public var smallestResolvableEffect: Double?
  /// How many candidates were compiled.
  public var evaluations: Int
  /// What the search took.
  public var cost: Cost
  /// How many proposals ended how.
  public var outcomes: [Outcome: Int]
  /// How often a pass refused, by its reason.
  public var refusals: [String: Int]
  /// The winner on several threads, when there is one.
  public var parallel: ParallelGain?
  /// How the search for one ended; `nil` where none was asked for.
  public var parallelEnd: ParallelFinished?
  /// Median time of one call of the original beside the last candidate that was timed, by the name
  /// of the workload.
  public var baselineNanoseconds: [String: Double] = [:]
  /// The evidence of each finalist that was judged in full.
  public var examinations: [[Evidence]] = []
  /// Candidates that seem faster than the machine can be; none of them wins.
  public var quarantined: [Quarantined] = []

  /// Winners that were retracted, oldest first; no figure holds them.
  public var retracted: [RetractedWinner] = []
  /// Why nobody knows of the winner today; `nil` where there is no doubt.
  public var doubt: String?

  /// What the machine allows on a workload.
  func limit(on workload: String) -> RooflineLimit? {
    let measured = winner?.measurements.first { $0.workload == workload }?.limit
    return measured ?? baseline?.limits?.first { $0.workload == workload }
  }

  /// The geometric mean of the speedups over the winner's workloads.
  public var speedup: ConfidenceInterval? {
    winner.flatMap { Reporting.speedup(over: $0.measurements) }
  }

  /// The lowest lower bound over the winner's workloads.
  public var lowestBound: Double? { winner?.measurements.map(\.speedup.low).min() }

  /// What the kernel counts for in a mean over all kernels that were searched: a kernel without
  /// gain stays as it is and counts for 1; one that was not searched to the end does not count.
  var meanSpeedup: ConfidenceInterval? {
    switch outcome {
    case .improved: speedup
    case .noGain: .unchanged
    case .skipped, .failed: nil
    }
  }
}

extension KernelReport {
  /// Orders reports as they are read: what is there to decide on first, and of it the weakest
  /// evidence and the smallest gain first.
  static func comesBefore(_ a: KernelReport, _ b: KernelReport) -> Bool {
    if a.rank != b.rank { return a.rank < b.rank }
    if let x = a.winner, let y = b.winner {
      if x.verdict != y.verdict { return x.verdict < y.verdict }
      if a.lowestBound != b.lowestBound { return (a.lowestBound ?? 0) < (b.lowestBound ?? 0) }
    }
    return a.kernel < b.kernel
  }

  private var rank: Int {
    switch outcome {
    case .improved: 0
    case .noGain: 1
    case .failed: 2
    case .skipped: 3
    }
  }

  /// What stands in place of a speedup when there is none.
  var remark: String {
    switch outcome {
    case .improved: "improved"
    case .noGain:
      smallestResolvableEffect.map {
        "no gain found; \(percentText($0)) would have been seen"
      } ?? "no gain found"
    case .skipped: "skipped: \(reason ?? "no reason recorded")"
    case .failed: "failed: \(reason ?? "no reason recorded")"
    }
  }
}
