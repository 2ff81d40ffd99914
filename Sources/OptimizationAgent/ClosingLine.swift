import ExperimentRecords
import Foundation
import LineageLog

/// The line that stays on the terminal when a kernel is done.
enum ClosingLine {
  static func text(_ finished: KernelFinished, winner: StoredWinner?) -> String {
    let name = finished.kernel.function
    let cost = String(
      format: "%d tried, %.1f CPU s", finished.evaluations, finished.cost.cpuSeconds)
    guard finished.outcome == .improved, let winner = winner?.winner else {
      return "\(name): \(plain(finished)) (\(cost))"
    }
    let speedups = winner.measurements.map(\.speedup)
    let median = Fitness.geometricMean(speedups.map(\.median))
    let low = Fitness.geometricMean(speedups.map(\.low))
    let high = Fitness.geometricMean(speedups.map(\.high))
    let gain = String(format: "faster by %.2f× [%.2f, %.2f]", median, low, high)
    return "\(name): \(gain), \(winner.verdict.rawValue): \(winner.recipe) (\(cost))"
  }

  /// What became of the search for a form on several threads.
  static func text(_ finished: ParallelFinished, winner: StoredWinner?) -> String {
    let threads = "  on \(finished.threads) threads"
    let cost = finished.cost.map {
      String(format: " (%d tried, %.1f CPU s)", finished.evaluations ?? 0, $0.cpuSeconds)
    }
    guard let winner = winner?.winner, finished.winner != nil else {
      return "\(threads): no gain found: \(finished.reason ?? "no reason given")\(cost ?? "")"
    }
    let speedups = winner.measurements.map(\.speedup)
    let gain = String(
      format: "faster by %.2f× [%.2f, %.2f] by the clock at %.2f× the CPU seconds",
      Fitness.geometricMean(speedups.map(\.median)), Fitness.geometricMean(speedups.map(\.low)),
      Fitness.geometricMean(speedups.map(\.high)),
      Fitness.geometricMean(winner.measurements.compactMap(\.threaded?.processorRatio)))
    return "\(threads): \(gain), \(winner.verdict.rawValue): \(winner.recipe)\(cost ?? "")"
  }

  private static func plain(_ finished: KernelFinished) -> String {
    switch finished.outcome {
    case .noGain:
      let seen = finished.smallestResolvableEffect.map {
        String(format: "; %.1f %% would have been seen", $0 * 100)
      }
      return "no gain found\(seen ?? "")"
    case .skipped: return "skipped: \(finished.reason ?? "no reason given")"
    case .failed: return "failed: \(finished.reason ?? "no reason given")"
    case .improved: return "improved"
    }
  }
}
