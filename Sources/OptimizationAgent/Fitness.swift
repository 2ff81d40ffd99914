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

  /// The smallest gain that is kept, as a share, unless identical objects differ by more: about the
  /// floor of paired loads on a shared machine.
  static let smallestEffect = 0.01

  /// The smallest gain that every measurement would have seen.
  static func resolution(of measurements: [Measurement]) -> Double? {
    measurements.compactMap(\.smallestResolvableEffect).max()
  }

  static func geometricMean(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    return exp(values.map { log(max($0, 1e-9)) }.reduce(0, +) / Double(values.count))
  }
}
