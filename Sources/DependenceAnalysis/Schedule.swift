public import KernelModel

/// A component of a time vector, as a function of the loops around a statement.
public indirect enum TimeExpression: Hashable, Sendable {
  case constant(Int)
  /// The iterator in the loop's execution direction; grows with every iteration.
  case position(LoopLabel)
  /// Number of the block of `size` consecutive iterations, counted from the loop's first one.
  case block(LoopLabel, size: Int)
  case sum(TimeExpression, TimeExpression)
  case scaled(Int, TimeExpression)
}

/// A new execution order: for statements of the region, by index, the time of each instance.
/// Times are compared lexicographically; a shorter one is padded with zeros.
public struct Schedule: Sendable {
  public var times: [Int: [TimeExpression]]
  /// Instances at equal times run in lockstep: all of them read before any of them writes. When
  /// false, equal times leave the order open, so no dependence may lie between them.
  public var runsInLockstep: Bool

  public init(times: [Int: [TimeExpression]], runsInLockstep: Bool = false) {
    self.times = times
    self.runsInLockstep = runsInLockstep
  }
}
