public import ExperimentRecords

/// What the judge said of one mutant, level by level.
public struct MutantOutcome: Codable, Hashable, Sendable {
  /// A level's answer.
  public enum Answer: String, Codable, Hashable, Sendable {
    case killed, passed, inconclusive
  }

  /// Which candidate the mutant was made from.
  public var subject: String
  public var defect: Defect
  public var place: Int
  /// By the levels' names; a level that was not asked is absent.
  public var answers: [String: Answer]
  /// CPU seconds of all levels.
  public var seconds: Double

  public init(
    subject: String, defect: Defect, place: Int, answers: [String: Answer], seconds: Double
  ) {
    self.subject = subject
    self.defect = defect
    self.place = place
    self.answers = answers
    self.seconds = seconds
  }

  /// What identifies the mutant: the judge need not be asked of one twice.
  public var name: String { "\(subject) \(defect.rawValue) \(place)" }

  /// The answer of a level that was asked.
  public func answer(of level: Level) -> Answer? { answers[level.rawValue] }

  /// Whether some level refuted it.
  public var isKilled: Bool { answers.values.contains(.killed) }

  /// Whether every level that was asked passed it, and L1 and L2 were.
  public var isAccepted: Bool {
    answers.values.allSatisfy { $0 == .passed } && answer(of: .l2) != nil
      && answer(of: .l1) != nil
  }
}
