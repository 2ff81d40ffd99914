public import ExperimentRecords
import JudgeKernels

/// What several loads of one pair of objects on one workload say.
///
/// The unit of evidence is a load: fresh processes at fresh addresses. Pairs within a load share
/// its bias, so intervals resample loads first and pairs within them second, and a decision never
/// counts pairs as if they were independent.
public struct PairedStatistics: Hashable, Sendable {
  /// For each load, log(original / candidate) of each pair: above 0 the candidate is faster.
  public let logRatios: [[Double]]
  /// Median nanoseconds of one call.
  public let originalNanoseconds: Double
  public let candidateNanoseconds: Double

  /// Uses the pairs of loads whose outputs agreed.
  public init(_ loads: [PairedTiming]) {
    let usable = loads.filter { $0.verdict == .agreed && !$0.pairs.isEmpty }
    logRatios = usable.map { load in
      load.pairs.map { logarithm(Double($0.original) / Double($0.candidate)) }
    }
    originalNanoseconds = Self.median(usable) { Double($0.original) }
    candidateNanoseconds = Self.median(usable) { Double($0.candidate) }
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

/// Whether a candidate is kept, by the samples of a run made for that decision alone.
///
/// Screening picks candidates by samples that they were the luckiest on; a decision on those would
/// keep luck. So the caller passes loads that no earlier choice has seen.
public enum PairedDecision: Hashable, Sendable {
  case winner(ConfidenceInterval)
  /// Faster on some workload, but the bound there or elsewhere is not above what is asked for.
  case undecided(ConfidenceInterval)
  /// Slower than the floor on a workload, named.
  case loser(workload: String, ConfidenceInterval)
  /// Nothing can be said: outputs differed, calls failed, or there are too few loads.
  case void(String)

  /// What a decision asks for.
  public struct Rule: Hashable, Sendable {
    public var confidence: Double
    /// The lower bound on the fastest workload must be above this.
    public var threshold: Double
    /// The lower bound on every workload must be at least this (rule 7).
    public var floor: Double
    public var fewestLoads: Int
    public var resamples: Int
    public var seed: UInt64

    public init(
      confidence: Double = 0.99, threshold: Double = 1, floor: Double = 0.98,
      fewestLoads: Int = 3, resamples: Int = 1000, seed: UInt64 = 1
    ) {
      self.confidence = confidence
      self.threshold = threshold
      self.floor = floor
      self.fewestLoads = fewestLoads
      self.resamples = resamples
      self.seed = seed
    }
  }

  /// Decides by fresh loads of every workload, by name.
  public static func decide(
    _ workloads: [(name: String, loads: [PairedTiming])], rule: Rule = Rule()
  ) -> PairedDecision {
    var best: ConfidenceInterval?
    for (name, loads) in workloads {
      if let reason = unusable(loads, rule) { return .void("'\(name)': \(reason)") }
      let statistics = PairedStatistics(loads)
      guard
        let interval = statistics.speedup(
          confidence: rule.confidence, resamples: rule.resamples, seed: rule.seed)
      else { return .void("'\(name)': no pairs") }
      if interval.low < rule.floor { return .loser(workload: name, interval) }
      if best.map({ interval.low > $0.low }) ?? true { best = interval }
    }
    guard let best else { return .void("no workloads") }
    return best.low > rule.threshold ? .winner(best) : .undecided(best)
  }

  private static func unusable(_ loads: [PairedTiming], _ rule: Rule) -> String? {
    for load in loads {
      switch load.verdict {
      case .agreed: break
      case .wrongOutput(let side, _, _, _, _): return "the \(side) gave a wrong output"
      case .failed(let side, let reason): return "the \(side) \(reason)"
      }
      if load.usage.contains(where: { $0.threads > 1 }) { return "a call left a thread behind" }
    }
    return loads.count < rule.fewestLoads ? "fewer than \(rule.fewestLoads) loads" : nil
  }
}
