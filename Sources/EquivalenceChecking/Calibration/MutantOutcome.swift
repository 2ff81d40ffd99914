public import ExperimentRecords

/// What the judge said of one mutant, level by level.
public struct MutantOutcome: Codable, Hashable, Sendable {
  /// A level's answer.
  public enum Answer: String, Codable, CodingKeyRepresentable, Hashable, Sendable, CaseIterable {
    case killed, passed, inconclusive
    /// The operations differ, which is no pass; whether values differ is not known.
    case differs
  }

  /// What is known of a mutant that the running levels pass, from outside of the judge.
  public enum Nature: String, Codable, CodingKeyRepresentable, Hashable, Sendable, CaseIterable {
    /// A compiler makes the same code of it as of what it was made from.
    case equivalent
    /// Runs on inputs that were made for the defect tell it from the original.
    case wrong
    case unknown
  }

  /// Which candidate the mutant was made from.
  public var subject: String
  /// Nil for the text without a defect, which has to pass.
  public var defect: Defect?
  public var place: Int
  /// What the judge asks of rewrites of this original by default.
  public var required: Verdict
  /// Whether it belongs to the random sample of which every level is asked.
  public var isSampled: Bool
  /// By the levels' names; a level that was not asked is absent.
  public var answers: [String: Answer]
  /// Whether it has a condition on sizes that no call that L3 compares shows both ways, or differs at the
  /// ends of smaller types, which makes it inconclusive whatever is required; nil where neither is so.
  public var hidesSizes: Bool?
  /// Nil where a level refutes, or nobody asked.
  public var nature: Nature?
  /// CPU seconds by the levels' names.
  public var seconds: [String: Double]

  public init(
    subject: String, defect: Defect?, place: Int, required: Verdict, isSampled: Bool = true,
    answers: [String: Answer] = [:], seconds: [String: Double] = [:]
  ) {
    self.subject = subject
    self.defect = defect
    self.place = place
    self.required = required
    self.isSampled = isSampled
    self.answers = answers
    self.seconds = seconds
  }

  /// What identifies the mutant: the judge need not be asked of one twice.
  public var name: String { Self.name(subject, defect, place) }

  /// The name of a mutant that has not been judged yet.
  public static func name(_ subject: String, _ defect: Defect?, _ place: Int) -> String {
    "\(subject) \(defect?.rawValue ?? "unchanged") \(place)"
  }

  /// The answer of a level that was asked.
  public func answer(of level: Level) -> Answer? { answers[level.rawValue] }

  /// Whether some level refuted it.
  public var isKilled: Bool { answers.values.contains(.killed) }

  /// Whether it passes L0, L1 and L2.
  public var passesTests: Bool { [Level.l0, .l1, .l2].allSatisfy { answer(of: $0) == .passed } }

  /// Whether it meets what is required by default.
  public var isAccepted: Bool {
    passesTests && !isKilled && hidesSizes != true
      && (required < .bounded || answer(of: .l3) == .passed)
  }
}
