import Diagnostics
import Foundation

/// What a campaign tells while it runs.
public struct CampaignProgress: Sendable {
  public var kernel: String
  /// Number of the kernel, from 1, and of all kernels.
  public var position: Int
  public var total: Int
  public var phase: String
  public var evaluations: Int
  /// Best screened speedup of this kernel so far.
  public var best: Double
  /// CPU seconds of the campaign so far.
  public var cpuSeconds: Double
  /// Seconds until the campaign ends if every kernel spends its budget.
  public var remainingSeconds: Double?
}

/// Writes progress to standard error: one line that is rewritten on a terminal, one line a kernel
/// elsewhere.
public final class ProgressReporter: @unchecked Sendable {
  // The lock guards `lastLength`; lines are short and never interleave.
  private let lock = NSLock()
  private var lastLength = 0
  private let isTerminal: Bool
  private let isQuiet: Bool

  public init(isQuiet: Bool = false) {
    self.isQuiet = isQuiet
    isTerminal = isatty(2) != 0
  }

  /// Shows a state; dropped when standard error is no terminal.
  public func update(_ progress: CampaignProgress) {
    guard isTerminal, !isQuiet else { return }
    lock.withLock { rewrite(Self.line(progress)) }
  }

  /// Writes a line that stays.
  public func report(_ line: String) {
    guard !isQuiet else { return }
    lock.withLock {
      if isTerminal { rewrite("") }
      // Names of a project's files and functions may hold anything.
      FileHandle.standardError.write(Data((printable(line) + "\n").utf8))
    }
  }

  private func rewrite(_ line: String) {
    let padding = String(repeating: " ", count: max(0, lastLength - line.count))
    FileHandle.standardError.write(Data(("\r" + line + padding + "\r" + line).utf8))
    if line.isEmpty { FileHandle.standardError.write(Data("\r".utf8)) }
    lastLength = line.count
  }

  static func line(_ progress: CampaignProgress) -> String {
    var parts = [
      "[\(progress.position)/\(progress.total)] \(printable(progress.kernel))", progress.phase,
      "\(progress.evaluations) tried", String(format: "best %.2f×", progress.best),
      String(format: "%.1f CPU s", progress.cpuSeconds),
    ]
    if let remaining = progress.remainingSeconds {
      let seconds = Int(remaining.rounded())
      parts.append(String(format: "ETA %d:%02d", seconds / 60, seconds % 60))
    }
    return String(parts.joined(separator: " · ").prefix(100))
  }
}
