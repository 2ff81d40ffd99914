import ExperimentRecords
import Foundation

/// How measurements become decisions.
enum Fitness {
  /// A winner's lower bound is at least this on every workload (design, rule 7).
  static let smallestAllowedBound = 0.98

  /// Screened candidates below this are not examined.
  static let worthExamining = 1.02

  /// Geometric mean of the median speedups; where one workload loses, that one decides.
  static func value(of measurements: [Measurement]) -> Double {
    guard !measurements.isEmpty else { return 0 }
    let medians = measurements.map(\.speedup.median)
    if let worst = medians.min(), worst < 0.97 { return min(worst, 0.97) }
    return geometricMean(medians)
  }

  /// The smallest gain that is kept: about the floor of paired loads on a shared machine.
  static let smallestEffect = 1.01

  /// Whether a confirming run makes a winner: no workload may lose, the lower bounds together must lie
  /// above 1, and on at least one workload by more than the smallest effect.
  static func isWin(_ measurements: [Measurement]) -> Bool {
    let lows = measurements.map(\.speedup.low)
    guard let highest = lows.max() else { return false }
    return lows.allSatisfy { $0 >= smallestAllowedBound } && highest > smallestEffect
      && geometricMean(lows) > 1
  }

  /// Why a confirming run makes no winner, in house grammar.
  static func complaint(about measurements: [Measurement]) -> String {
    if let loser = measurements.first(where: { $0.speedup.low < smallestAllowedBound }) {
      let low = String(format: "%.2f", loser.speedup.low)
      return "loses on workload '\(loser.workload)': lower bound \(low)"
    }
    return "not confirmed on a fresh run: the interval includes 1"
  }

  /// The smallest gain that every measurement would have seen.
  static func resolution(of measurements: [Measurement]) -> Double? {
    measurements.compactMap(\.smallestResolvableEffect).max()
  }

  static func geometricMean(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    return exp(values.map { log(max($0, 1e-9)) }.reduce(0, +) / Double(values.count))
  }
}
