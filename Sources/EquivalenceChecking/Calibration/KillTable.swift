import Foundation

/// How many planted defects each level finds.
public struct KillTable: Codable, Sendable {
  /// One level, over all defects or one.
  public struct Row: Codable, Sendable {
    public var level: String
    /// Nil for all of them.
    public var defect: Defect?
    public var asked: Int
    public var killed: Int
    public var passed: Int
    public var inconclusive: Int

    /// Share of the mutants asked about that were killed; nil when none was.
    public var rate: Double? { asked == 0 ? nil : Double(killed) / Double(asked) }
  }

  public var schema = "ratchet.calibration/1"
  public var mutants: Int
  /// Of all levels together first, then by level, then by level and defect.
  public var rows: [Row]
  /// Mutants that passed every level that was asked.
  public var accepted: [String]
  /// The greatest share of accepted mutants that is compatible with having seen none, at 95 %
  /// (exact binomial bound); nil when some was accepted.
  public var acceptedBound: Double?
  /// Mutants that neither were killed nor passed everywhere.
  public var undecided: [String]
  public var cpuSeconds: Double

  public init(_ outcomes: [MutantOutcome]) {
    mutants = outcomes.count
    let levels = Set(outcomes.flatMap(\.answers.keys)).sorted()
    var rows = levels.map { Self.row($0, nil, outcomes) }
    for level in levels {
      for defect in Defect.allCases {
        let row = Self.row(level, defect, outcomes.filter { $0.defect == defect })
        if row.asked > 0 { rows.append(row) }
      }
    }
    self.rows = rows
    accepted = outcomes.filter(\.isAccepted).map(\.name)
    undecided = outcomes.filter { !$0.isKilled && !$0.isAccepted }.map(\.name)
    let judged = outcomes.count
    acceptedBound =
      accepted.isEmpty && judged > 0 ? 1 - pow(0.05, 1 / Double(judged)) : nil
    cpuSeconds = outcomes.reduce(0) { $0 + $1.seconds }
  }

  private static func row(_ level: String, _ defect: Defect?, _ outcomes: [MutantOutcome]) -> Row {
    let answers = outcomes.compactMap { $0.answers[level] }
    return Row(
      level: level, defect: defect, asked: answers.count,
      killed: answers.count { $0 == .killed }, passed: answers.count { $0 == .passed },
      inconclusive: answers.count { $0 == .inconclusive })
  }
}
