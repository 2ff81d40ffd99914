public import ExperimentRecords
import Foundation

/// The speedup over several workloads of one kernel: the geometric means of the medians, of the
/// lower and of the upper bounds.
///
/// The errors on workloads that were timed one after the other may go together, so that no bound is
/// narrowed by their number.
public func speedup(over measurements: [ExperimentRecords.Measurement]) -> ConfidenceInterval? {
  let speedups = measurements.map(\.speedup)
  guard !speedups.isEmpty, speedups.allSatisfy({ $0.low > 0 && $0.median > 0 && $0.high > 0 })
  else { return nil }
  func mean(_ bound: (ConfidenceInterval) -> Double) -> Double {
    exp(speedups.reduce(0) { $0 + log(bound($1)) } / Double(speedups.count))
  }
  return ConfidenceInterval(
    median: mean(\.median), low: mean(\.low), high: mean(\.high),
    level: speedups.map(\.level).min() ?? 0)
}

/// The geometric mean of speedups that were measured independently of each other, as those of
/// different kernels are.
///
/// The logarithms of the medians are averaged. The distances of the bounds from the medians, also
/// logarithms, are added as independent errors, downwards and upwards apart: the square root of
/// the sum of their squares, divided by their number. The level is the lowest of the levels.
public func geometricMean(of speedups: [ConfidenceInterval]) -> ConfidenceInterval? {
  guard !speedups.isEmpty, speedups.allSatisfy({ $0.low > 0 && $0.median > 0 && $0.high > 0 })
  else { return nil }
  let count = Double(speedups.count)
  let mean = speedups.reduce(0) { $0 + log($1.median) } / count
  func spread(_ distance: (ConfidenceInterval) -> Double) -> Double {
    speedups.reduce(0) { $0 + distance($1) * distance($1) }.squareRoot() / count
  }
  return ConfidenceInterval(
    median: exp(mean), low: exp(mean - spread { log($0.median / $0.low) }),
    high: exp(mean + spread { log($0.high / $0.median) }),
    level: speedups.map(\.level).min() ?? 0)
}

extension ConfidenceInterval {
  /// The interval of something that did not change.
  static let unchanged = ConfidenceInterval(median: 1, low: 1, high: 1, level: 1)

  /// The interval with nothing in it above `limit`.
  func capped(at limit: Double) -> ConfidenceInterval {
    ConfidenceInterval(
      median: min(median, limit), low: min(low, limit), high: min(high, limit), level: level)
  }
}
