public import ExperimentRecords
import Foundation

/// A kernel's winner on several threads. It is faster by the clock, and stands apart from the figures
/// for one core: no mean holds it.
public struct ParallelGain: Hashable, Sendable {
  /// The winner.
  public var winner: Winner
  /// Its entry.
  public var entry: Digest

  /// Threads that it and the original could have.
  public var threads: Int { winner.threads ?? 1 }

  /// The geometric mean of the speedups by the clock over its workloads.
  public var speedup: ConfidenceInterval? { Reporting.speedup(over: winner.measurements) }

  /// Processor time of all threads over the original's, as geometric mean over its workloads: above 1
  /// it costs more; `nil` where a workload's was not taken.
  public var processorRatio: Double? {
    let ratios = winner.measurements.compactMap(\.threaded?.processorRatio)
    guard !ratios.isEmpty, ratios.count == winner.measurements.count,
      ratios.allSatisfy({ $0 > 0 })
    else { return nil }
    return exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }
}

/// `1.90× [1.85, 1.95] wall on 2 threads, 1.05× CPU seconds, proved`.
func parallelText(_ gain: ParallelGain) -> String {
  let speedup = gain.speedup.map { speedupText($0) } ?? "no figure"
  let processor = gain.processorRatio.map { ", \(speedupText($0)) CPU seconds" } ?? ""
  return "\(speedup) wall on \(gain.threads) threads\(processor), \(gain.winner.verdict.rawValue)"
}

/// Processor time of a call before and after: `CPU 4.10 ms → 4.30 ms on 2 threads`.
func threadedText(_ time: ThreadedTime) -> String {
  "CPU \(callText(nanoseconds: time.baselineProcessorNanoseconds)) → "
    + "\(callText(nanoseconds: time.candidateProcessorNanoseconds)) on \(time.threads) threads"
}

extension Report {
  /// The kernels that have a winner on several threads, in the order of the report.
  var parallel: [(kernel: KernelName, gain: ParallelGain)] {
    kernels.compactMap { kernel in kernel.parallel.map { (kernel.kernel, $0) } }
  }
}

/// How the search for a form on several threads ended.
func parallelEndText(_ end: ParallelFinished) -> String {
  let what = end.winner.map { "winner \($0)" } ?? "no gain found"
  let cost = end.cost.map {
    String(format: ", %d tried, %.1f CPU s", end.evaluations ?? 0, $0.cpuSeconds)
  }
  return "on \(end.threads) threads: \(what)" + (end.reason.map { ", \($0)" } ?? "")
    + (cost ?? "")
}
