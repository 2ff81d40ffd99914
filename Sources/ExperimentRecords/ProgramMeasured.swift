/// A program of the user's, timed as it is and with winners applied to a copy.
public struct ProgramMeasured: Codable, Hashable, Sendable {
  /// The command that builds it; empty when there is none.
  public var build: String
  /// The command that was timed.
  public var run: String
  /// The entries of the winners that the copy holds.
  public var winners: [Digest]
  /// Wall time of the program as it is over wall time with the winners.
  public var speedup: ConfidenceInterval
  /// How many pairs of runs were timed.
  public var pairs: Int
  /// Median wall time of one run as it is.
  public var baselineSeconds: Double
  /// Median wall time of one run with the winners.
  public var winnerSeconds: Double

  /// Creates the record from its parts.
  public init(
    build: String, run: String, winners: [Digest], speedup: ConfidenceInterval, pairs: Int,
    baselineSeconds: Double, winnerSeconds: Double
  ) {
    self.build = build
    self.run = run
    self.winners = winners
    self.speedup = speedup
    self.pairs = pairs
    self.baselineSeconds = baselineSeconds
    self.winnerSeconds = winnerSeconds
  }
}
