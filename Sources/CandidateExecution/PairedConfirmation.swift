public import ExperimentRecords
import JudgeKernels

/// The sequential test that a finalist must pass, load by load, and the rule when to stop.
///
/// **Datum.** One load is one run of fresh processes with fresh inputs, addresses, layouts and order;
/// its datum is the median log ratio of its pairs, above 0 where the candidate was faster. Pairs of
/// one load share its luck and are never counted as independent.
///
/// **Null hypothesis.** On no workload is the candidate faster: each load's datum, given all loads
/// before it, is no likelier above 0 than below. Nothing is assumed of its distribution, neither
/// normality nor symmetry nor that loads are alike; trends and outliers may be as they will. For an
/// identical candidate the null holds by design where a coin decides which object stands where
/// (`ShuffledMeasurements`).
///
/// **Test.** Signs by betting (`rk_sign_log_wealth`). Half of the wealth bets on the loads of all
/// workloads together, the other half is spread over the workloads, each betting on its own; the
/// mean of such wealths is one. By Ville's inequality it reaches `1/error` with a probability of at
/// most `error` under the null, whatever the order of workloads and whenever the test is looked at,
/// because each load's workload is chosen before its datum is known.
///
/// **What wins** must, beside the test: lose nowhere, that is have a lower bound of at least `floor`
/// on every workload (rule 7), by confidence sequences that hold at the stopping time; and have an
/// estimate, shrunk and as geometric mean over the workloads, above `smallestEffect`. That effect is
/// a filter of the estimate and not the null.
///
/// **Stopping without a winner** costs no error and happens as soon as a win is out of reach or
/// unlikely.
public struct PairedConfirmation: Hashable, Sendable {
  /// What is asked for.
  public struct Rule: Hashable, Sendable {
    /// The probability of a false winner that this confirmation may spend.
    public var error: Double
    /// The estimate must be above 1 by more than this share.
    public var smallestEffect: Double
    /// The lower bound on every workload must be at least this (rule 7).
    public var floor: Double
    /// Confidence of each workload's interval.
    public var level: Double
    /// Loads in all, where the workloads are not too many for it; twice as many for a candidate whose
    /// intervals are above 1 already, so that such a one is seldom given up undecided.
    public var mostLoads: Int

    public init(
      error: Double = 0.0001, smallestEffect: Double = 0.01, floor: Double = 0.98,
      level: Double = 0.95, mostLoads: Int = 54
    ) {
      self.error = error
      self.smallestEffect = smallestEffect
      self.floor = floor
      self.level = level
      self.mostLoads = mostLoads
    }
  }

  /// How it stands.
  public enum Decision: Hashable, Sendable {
    case undecided
    case winner
    /// Why it cannot win, in house grammar.
    case rejected(String)
  }

  public let rule: Rule
  /// The names of the workloads.
  public let workloads: [String]
  /// Each workload's data in the order of its loads.
  public private(set) var data: [[Double]]
  /// Natural logarithm of the greatest wealth so far.
  public private(set) var logWealth = 0.0

  public init(workloads: [String], rule: Rule) {
    self.workloads = workloads
    self.rule = rule
    data = workloads.map { _ in [] }
  }

  /// Loads so far.
  public var loads: Int { data.reduce(0) { $0 + $1.count } }
  /// Loads whose datum is above 0.
  public var above: Int { data.reduce(0) { $0 + Self.above($1) } }
  /// Whether the test has rejected the null.
  public var isFaster: Bool { logWealth >= -logarithm(rule.error) }

  /// Takes the datum of a load of the workload that `next` named.
  public mutating func add(_ datum: Double, to workload: Int) {
    data[workload].append(datum)
    logWealth = max(logWealth, presentLogWealth)
  }

  private static func above(_ data: [Double]) -> Int { data.count { $0 > 0 } }

  private static func logWealth(_ data: [Double]) -> Double {
    rk_sign_log_wealth(above(data), data.count { $0 < 0 })
  }

  private var presentLogWealth: Double {
    let pooled = Self.logWealth(data.flatMap { $0 })
    guard data.count > 1 else { return pooled }
    let share = logarithm(0.5 / Double(data.count))
    let terms = [pooled + logarithm(0.5)] + data.map { Self.logWealth($0) + share }
    let most = terms.max() ?? 0
    return most + logarithm(terms.reduce(0) { $0 + exponential($1 - most) })
  }

  /// The workload whose load comes next: all in turn until each has an interval, then those that may
  /// still lose and the one that gains most surely, by turns until the test has rejected the null.
  public var next: Int {
    let counts = data.map(\.count)
    let fewest = counts.min() ?? 0
    if fewest < fewestLoads { return counts.firstIndex(of: fewest) ?? 0 }
    let open = data.indices.filter { interval($0).low < rule.floor }
    if isFaster || loads.isMultiple(of: 2), let least = open.min(by: { counts[$0] < counts[$1] }) {
      return least
    }
    return data.indices.max { (promise($0), -counts[$0]) < (promise($1), -counts[$1]) } ?? 0
  }

  private func promise(_ workload: Int) -> Double { Self.logWealth(data[workload]) }

  /// The fewest loads that give an interval two finite ends.
  private var fewestLoads: Int {
    (1...).first { rk_sign_fewest($0, (1 - rule.level) / 2) <= $0 } ?? 6
  }

  private var mostLoads: Int { max(rule.mostLoads, (fewestLoads + 2) * data.count) }

  /// The speedup on a workload: the shrunk estimate between the ends of its confidence sequence,
  /// which are infinite or 0 before there are enough loads.
  public func interval(_ workload: Int) -> ConfidenceInterval {
    let values = data[workload]
    let ends = rk_median_sequence(values, values.count, 1 - rule.level)
    let error = rk_median_error(values, values.count, ends.estimate)
    let shrunk = min(max(rk_shrunk(ends.estimate, error), ends.low), ends.high)
    return ConfidenceInterval(
      median: exponential(shrunk), low: exponential(ends.low), high: exponential(ends.high),
      level: rule.level)
  }

  /// The median before it was shrunk.
  public func unshrunk(_ workload: Int) -> Double {
    var values = data[workload]
    return exponential(rk_median(&values, values.count))
  }

  /// Geometric mean of the workloads' shrunk estimates.
  public var estimate: Double { geometricMean(data.indices.map { interval($0).median }) }

  private func geometricMean(_ values: [Double]) -> Double {
    exponential(values.reduce(0) { $0 + logarithm($1) } / Double(max(1, values.count)))
  }

  /// How it stands; once it is not `undecided`, no further load is asked for.
  public var decision: Decision {
    guard let fewest = data.map(\.count).min(), fewest >= fewestLoads else { return .undecided }
    let intervals = data.indices.map(interval)
    if let loser = intervals.firstIndex(where: { $0.high < rule.floor }) {
      return .rejected(losing(loser, intervals[loser]))
    }
    if isFaster, estimate > 1 + rule.smallestEffect {
      guard let open = intervals.firstIndex(where: { $0.low < rule.floor }) else { return .winner }
      return isExhausted(intervals) ? .rejected(losing(open, intervals[open])) : .undecided
    }
    if isHopeless(intervals) || isExhausted(intervals) { return .rejected(complaint) }
    return .undecided
  }

  private func isExhausted(_ intervals: [ConfidenceInterval]) -> Bool {
    loads >= (geometricMean(intervals.map(\.low)) > 1 ? 2 : 1) * mostLoads
  }

  private func isHopeless(_ intervals: [ConfidenceInterval]) -> Bool {
    let smallest = 1 + rule.smallestEffect
    if geometricMean(intervals.map(\.high)) < smallest { return true }
    if geometricMean(data.indices.map(unshrunk)) < 1 + rule.smallestEffect / 2 { return true }
    guard !isFaster else { return false }
    let shares = (data + [data.flatMap { $0 }]).map { Double(Self.above($0)) / Double($0.count) }
    return loads >= 12 && (shares.max() ?? 0) <= 0.6
  }

  private func losing(_ workload: Int, _ interval: ConfidenceInterval) -> String {
    "loses on workload '\(workloads[workload])': lower bound \(rounded(interval.low))"
  }

  private var complaint: String {
    guard isFaster else {
      return "not confirmed on fresh loads: faster in \(above) of \(loads)"
    }
    let percent = rounded((estimate - 1) * 100)
    let asked = rounded(rule.smallestEffect * 100)
    return "the gain of \(percent) % is below \(asked) %, the smallest that is kept here"
  }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension PairedConfirmation {
  /// What the log keeps of it. `ordinal` counts the kernel's confirmations from 1.
  public func record(ordinal: Int) -> ConfirmationTest {
    ConfirmationTest(
      loads: loads, above: above, logEvidence: logWealth / logarithm(10),
      logThreshold: -logarithm(rule.error) / logarithm(10), error: rule.error, ordinal: ordinal,
      smallestEffect: rule.smallestEffect)
  }
}
