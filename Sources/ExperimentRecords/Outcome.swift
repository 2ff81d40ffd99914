/// How a proposal ended. Every proposal has exactly one.
public enum Outcome: String, Codable, Hashable, Sendable, CaseIterable {
  /// A pass refused a step.
  case refused
  /// The emitted text is not well formed, or gave a new diagnostic (L0).
  case invalidOutput = "invalid-output"
  /// The compiler failed on the emitted text.
  case compileFailure = "compile-failure"
  /// The emitted text had been proposed before.
  case duplicate
  /// The judge found a counterexample, or the candidate faulted.
  case rejectedWrong = "rejected-wrong"
  /// It is slower than the original, or loses on a workload.
  case rejectedSlower = "rejected-slower"
  /// It is right, and not measurably faster.
  case noGain = "no-gain"
  /// It is right, and the best so far.
  case improved
  /// Right and faster than the original, and something else is better.
  case surpassed
  /// It was confirmed on a fresh run.
  case winner
  /// Nobody knows: time-out, unsupported code, internal error, unmet requirement.
  case inconclusive
}

/// How the search for one kernel ended.
public enum KernelOutcome: String, Codable, Hashable, Sendable, CaseIterable {
  /// There is a winner.
  case improved
  /// Nothing faster was found.
  case noGain = "no-gain"
  /// The kernel was not searched.
  case skipped
  /// The search ended with an error.
  case failed
}

/// Why a campaign ended.
public enum StopReason: String, Codable, Hashable, Sendable, CaseIterable {
  /// Every kernel was searched as far as the policy saw sense in.
  case completed
  /// The budget of at least one kernel was spent; a normal end.
  case budget
  /// A person stopped it.
  case stopped
  /// A ceiling was reached.
  case ceiling
  /// An error ended it.
  case failed
}

/// A function of a project.
public struct KernelName: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The path of the file relative to the project's root.
  public var file: String
  /// The name of the function.
  public var function: String

  /// Creates the name of `function` in `file`.
  public init(file: String, function: String) {
    self.file = file
    self.function = function
  }

  /// `file:function`.
  public var description: String { "\(file):\(function)" }
}

extension KernelName: Comparable {
  /// Whether `a` comes before `b` by file, then by function.
  public static func < (a: KernelName, b: KernelName) -> Bool {
    (a.file, a.function) < (b.file, b.function)
  }
}
