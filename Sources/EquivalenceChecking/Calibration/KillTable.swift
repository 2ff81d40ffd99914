public import ExperimentRecords
import Foundation

/// How many planted defects each level finds.
public struct KillTable: Codable, Sendable {
  /// One level, over all defects or one.
  ///
  /// L0, L1 and L2 are counted over the random sample alone, so that a rate is one of all mutants.
  public struct Row: Codable, Sendable {
    public var level: String
    /// Nil for all of them.
    public var defect: Defect?
    public var asked: Int
    public var killed: Int
    /// Told from the original by their operations, without a run that shows it.
    public var differing: Int
    public var passed: Int
    public var inconclusive: Int
    /// Mean CPU seconds of an answer.
    public var seconds: Double

    /// Share of the mutants asked about that the level refutes.
    public var rate: Proportion { Proportion(of: killed, in: asked) }
    /// Share of the mutants asked about that the level does not pass.
    public var stopped: Proportion { Proportion(of: asked - passed, in: asked) }
  }

  /// A mutant that somebody should look at.
  public struct Survivor: Codable, Sendable {
    public var name: String
    public var required: Verdict
    public var nature: MutantOutcome.Nature?
    public var answers: [String: MutantOutcome.Answer]
  }

  public var schema = "ratchet.calibration/2"
  public var mutants: Int
  /// Subjects by what is required of their rewrites by default.
  public var subjects: [String: Int]
  /// Mutants by the same.
  public var mutantsRequired: [String: Int]
  /// Texts without a defect by the level, and how many of them passed.
  public var unchanged: [String: [MutantOutcome.Answer: Int]]
  /// By level, then by level and defect.
  public var rows: [Row]
  /// Mutants that pass L0, L1 and L2, by what is known of them.
  public var passTests: [MutantOutcome.Nature: Int]
  /// Mutants that meet what is required by default and are not known to be equivalent.
  public var accepted: [Survivor]
  /// Mutants that meet it, no compiler makes the same code of, and L7 proves equivalent for all sizes.
  public var proved: Int
  /// Mutants that are shown to be equivalent.
  public var equivalent: Int
  /// By level: mutants that it passed though they are known to be wrong.
  public var missed: [String: [String]]
  public var cpuSeconds: Double

  public init(_ outcomes: [MutantOutcome]) {
    let mutants = outcomes.filter { $0.defect != nil }
    self.mutants = mutants.count
    let required = Dictionary(
      outcomes.map { ($0.subject, $0.required.rawValue) }, uniquingKeysWith: { first, _ in first })
    subjects = Dictionary(required.values.map { ($0, 1) }, uniquingKeysWith: +)
    mutantsRequired = Dictionary(
      mutants.map { ($0.required.rawValue, 1) }, uniquingKeysWith: +)
    let levels = Set(outcomes.flatMap(\.answers.keys)).sorted()
    unchanged = Dictionary(
      uniqueKeysWithValues: levels.map { level in
        let answers = outcomes.filter { $0.defect == nil }.compactMap { $0.answers[level] }
        return (level, Dictionary(answers.map { ($0, 1) }, uniquingKeysWith: +))
      })
    rows = levels.map { Self.row($0, nil, mutants) }
    for level in levels {
      for defect in Defect.allCases {
        let row = Self.row(level, defect, mutants.filter { $0.defect == defect })
        if row.asked > 0 { rows.append(row) }
      }
    }
    passTests = Dictionary(
      mutants.filter(\.passesTests).map { ($0.nature ?? .unknown, 1) }, uniquingKeysWith: +)
    let passing = mutants.filter(\.isAccepted)
    equivalent = mutants.count { $0.nature == .equivalent }
    let others = passing.filter { $0.nature != .equivalent }
    let isProved = { (outcome: MutantOutcome) in
      outcome.nature != .wrong && outcome.answer(of: .l7) == .passed
    }
    proved = others.count(where: isProved)
    accepted = others.filter { !isProved($0) }.map {
      Survivor(name: $0.name, required: $0.required, nature: $0.nature, answers: $0.answers)
    }
    missed = Dictionary(
      uniqueKeysWithValues: levels.map { level in
        (
          level,
          mutants.filter { $0.answers[level] == .passed && ($0.isKilled || $0.nature == .wrong) }
            .map(\.name)
        )
      })
    cpuSeconds = outcomes.reduce(0) { $0 + $1.seconds.values.reduce(0, +) }
  }

  /// The accepted that are known to be wrong, among all that are known to be wrong.
  public func acceptedWrong(_ outcomes: [MutantOutcome]) -> Proportion {
    let wrong = outcomes.filter { $0.defect != nil && ($0.isKilled || $0.nature == .wrong) }
    return Proportion(of: wrong.count(where: \.isAccepted), in: wrong.count)
  }

  private static func row(_ level: String, _ defect: Defect?, _ outcomes: [MutantOutcome]) -> Row {
    let counted = outcomes.filter { $0.isSampled || level == Level.l3.rawValue }
    let answers = counted.compactMap { $0.answers[level] }
    let seconds = outcomes.compactMap { $0.seconds[level] }
    return Row(
      level: level, defect: defect, asked: answers.count,
      killed: answers.count { $0 == .killed }, differing: answers.count { $0 == .differs },
      passed: answers.count { $0 == .passed },
      inconclusive: answers.count { $0 == .inconclusive },
      seconds: seconds.reduce(0, +) / Double(max(1, seconds.count)))
  }
}
