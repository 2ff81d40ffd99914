public import Sandboxing

/// Why nothing can be said of a candidate. No outcome of a call is among these; each is
/// `inconclusive`, never a pass.
public enum HarnessError: Error, Hashable, Sendable, CustomStringConvertible {
  case runner(RunnerError)
  /// The runner would not take the job, with its words.
  case refused(String)
  /// What the runner answered cannot be read.
  case malformedAnswer
  /// No recorded measurement answers the question.
  case notRecorded

  /// What happened, in house grammar.
  public var description: String {
    switch self {
    case .runner(let error): error.description
    case .refused(let message): "'ratchet-runner' refused the job: \(message)"
    case .malformedAnswer: "'ratchet-runner' gave an answer that cannot be read"
    case .notRecorded: "there is no recorded measurement of this pair"
    }
  }
}
