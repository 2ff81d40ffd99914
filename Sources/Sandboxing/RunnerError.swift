/// Why the runner could not do what it was asked for. No outcome of a candidate is among these.
public enum RunnerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no executable at any of these paths.
  case notFound([String])
  /// The system would not start it or give it a file; with `errno`.
  case cannotStart(errno: Int32)
  /// It ended in a way that it never should, with its exit status or the negated signal.
  case failed(status: Int32)
  /// It did not end by itself at its wall limit and was killed.
  case timedOut
  /// The task that waited for it was cancelled, and it was killed.
  case cancelled

  /// What happened, in house grammar.
  public var description: String {
    switch self {
    case .notFound(let paths):
      "'\(paths.first?.split(separator: "/").last ?? "ratchet-runner")' was not found at \(paths.map { "'\($0)'" }.joined(separator: ", "))"
    case .cannotStart(let code): "'ratchet-runner' cannot be started: errno \(code)"
    case .failed(let status): "'ratchet-runner' failed with status \(status)"
    case .timedOut: "'ratchet-runner' was killed at its wall limit"
    case .cancelled: "cancelled"
    }
  }
}
