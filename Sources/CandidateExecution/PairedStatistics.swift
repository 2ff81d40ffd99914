public import ExperimentRecords
import JudgeKernels

/// What several loads of one pair of objects on one workload say.
///
/// The unit of evidence is a load: fresh processes at fresh addresses. Pairs within a load share
/// its bias, so intervals resample loads first and pairs within them second. These intervals guide the
/// search and describe; what wins is decided by `PairedConfirmation`.
public struct PairedStatistics: Hashable, Sendable {
  /// For each load, log(original / candidate) of each pair: above 0 the candidate is faster.
  public let logRatios: [[Double]]
  /// Median nanoseconds of one call.
  public let originalNanoseconds: Double
  public let candidateNanoseconds: Double
  /// Median processor time of one call, of all threads; `nil` where there was one.
  public let processor: ProcessorTime?

  /// Uses the pairs of loads whose outputs agreed.
  public init(_ loads: [PairedTiming]) {
    let usable = loads.filter { $0.verdict == .agreed && !$0.pairs.isEmpty }
    logRatios = usable.map { load in
      load.pairs.map { logarithm(Double($0.original) / Double($0.candidate)) }
    }
    originalNanoseconds = Self.median(usable) { Double($0.original) }
    candidateNanoseconds = Self.median(usable) { Double($0.candidate) }
    let isKnown =
      !usable.isEmpty && usable.allSatisfy { $0.pairs.allSatisfy { $0.processor != nil } }
    processor =
      isKnown
      ? ProcessorTime(
        original: Self.median(usable) { Double($0.processor?.original ?? 0) },
        candidate: Self.median(usable) { Double($0.processor?.candidate ?? 0) }) : nil
  }

  /// Nanoseconds of one call of each side.
  public struct ProcessorTime: Hashable, Sendable {
    public var original: Double
    public var candidate: Double
  }

  private static func median(
    _ loads: [PairedTiming], _ value: (PairedTiming.Pair) -> Double
  ) -> Double {
    var values = loads.flatMap { load in
      load.pairs.map { value($0) / Double(max(1, load.callsPerBatch)) }
    }
    return rk_median(&values, values.count)
  }

  /// How many pairs there are in all loads.
  public var pairs: Int { logRatios.reduce(0) { $0 + $1.count } }

  /// The median ratio of each load.
  public var loadRatios: [Double] {
    logRatios.map { ratios in
      var ratios = ratios
      return exponential(rk_median(&ratios, ratios.count))
    }
  }

  /// The datum of a single load: the median log ratio of its pairs; `nil` without a usable one.
  public var medianLogRatio: Double? {
    guard logRatios.count == 1, var ratios = logRatios.first else { return nil }
    return rk_median(&ratios, ratios.count)
  }

  /// The median over loads of the median ratio within each, with the percentile bootstrap interval
  /// over loads and pairs; `nil` without a usable load. Deterministic in `seed`.
  public func speedup(
    confidence: Double = 0.95, resamples: Int = 1000, seed: UInt64 = 1
  ) -> ConfidenceInterval? {
    let values = logRatios.flatMap { $0 }
    guard !values.isEmpty else { return nil }
    var end = 0
    let ends = logRatios.map { load in
      end += load.count
      return end
    }
    let interval = rk_bootstrap_grouped_median(
      values, ends, ends.count, resamples, confidence, seed)
    return ConfidenceInterval(
      median: exponential(interval.estimate), low: exponential(interval.low),
      high: exponential(interval.high), level: confidence)
  }

  /// Half the width of the interval: the smallest share that could be told from no change.
  public func smallestResolvableEffect(confidence: Double = 0.95) -> Double? {
    speedup(confidence: confidence).map { max(0, ($0.high - $0.low) / 2 / $0.median) }
  }
}
