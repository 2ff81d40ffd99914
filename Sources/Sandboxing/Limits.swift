import Foundation

/// What a candidate may use up.
public struct Limits: Hashable, Sendable, Codable {
  /// For a whole job of the runner.
  public var wall: Duration
  /// For one call, or one timed batch of calls.
  public var call: Duration
  /// Bytes that a candidate may map beyond the memory it is given.
  public var memory: Int
  /// Processor time of all threads of a candidate together, in whole seconds; nil for two more than
  /// `wall` for each of `threads`.
  public var processor: Duration?
  /// Threads that a candidate may have, its first one among them, each with a core where there are as
  /// many. 1: it can start none.
  public var threads: Int
  /// Whether to run where no system call filter can be had; by default only when the environment says
  /// so, as `ratchet doctor` tells where it matters.
  public var runsWithoutSeccomp: Bool

  /// Creates limits; the default suits the examination of small inputs.
  public init(
    wall: Duration = .seconds(60), call: Duration = .seconds(2), memory: Int = 1 << 30,
    processor: Duration? = nil, threads: Int = 1,
    runsWithoutSeccomp: Bool = Limits.environmentAllowsNoSeccomp
  ) {
    self.wall = wall
    self.call = call
    self.memory = memory
    self.processor = processor
    self.threads = threads
    self.runsWithoutSeccomp = runsWithoutSeccomp
  }
}

extension Limits {
  /// Whether `RATCHET_WITHOUT_SECCOMP` is `allow`.
  public static let environmentAllowsNoSeccomp =
    ProcessInfo.processInfo.environment[SandboxReport.withoutSeccomp] == "allow"
}

extension Duration {
  /// Whole nanoseconds, at least 0 and at most `Int64.max`.
  public var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0 else { return 0 }
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow
      ? UInt64(Int64.max) : UInt64(whole) + UInt64(max(0, attoseconds / 1_000_000_000))
  }

  /// The length in seconds.
  public var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
