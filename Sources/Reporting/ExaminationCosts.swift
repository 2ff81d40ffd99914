public import ExperimentRecords

/// What it cost to judge finalists in full, in CPU seconds.
public struct ExaminationCosts: Codable, Hashable, Sendable {
  /// One level of the judge.
  public struct OfLevel: Codable, Hashable, Sendable {
    public var level: Level
    /// How many finalists it was asked of.
    public var count: Int
    public var medianCpuSeconds: Double
  }

  /// How many finalists were judged in full.
  public var finalists: Int
  /// Of all levels together.
  public var medianCpuSeconds: Double
  public var greatestCpuSeconds: Double
  public var levels: [OfLevel]

  /// - Parameter examinations: the evidence of each finalist. Entries of before levels had costs say
  ///   nothing.
  init?(_ examinations: [[Evidence]]) {
    let timed = examinations.filter { $0.contains { $0.seconds > 0 } }
    let totals = timed.map { $0.reduce(0) { $0 + $1.seconds } }
    guard let median = Self.median(totals), let greatest = totals.max() else { return nil }
    finalists = timed.count
    medianCpuSeconds = median
    greatestCpuSeconds = greatest
    levels = Level.allCases.compactMap { level in
      let seconds = timed.compactMap { evidence in
        let own = evidence.filter { $0.level == level }
        return own.isEmpty ? nil : own.reduce(0) { $0 + $1.seconds }
      }
      return Self.median(seconds).map {
        OfLevel(level: level, count: seconds.count, medianCpuSeconds: $0)
      }
    }
  }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The line below the closing table.
  var text: String {
    let parts = levels.map { "\($0.level.rawValue) \(fixed($0.medianCpuSeconds, 2))" }
    return "judged in full: \(plural(finalists, "finalist")), median \(fixed(medianCpuSeconds, 2)) "
      + "CPU s (\(parts.joined(separator: ", "))), at most \(fixed(greatestCpuSeconds, 2))"
  }
}
