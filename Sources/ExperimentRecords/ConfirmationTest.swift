/// The sequential test over fresh loads that decided on a finalist.
public struct ConfirmationTest: Codable, Hashable, Sendable {
  /// How many loads were timed, over all workloads.
  public var loads: Int
  /// In how many of them the candidate was faster.
  public var above: Int
  /// Decimal logarithm of the greatest evidence (wealth of the test martingale) against the
  /// hypothesis that the candidate is not faster.
  public var logEvidence: Double
  /// Decimal logarithm of the evidence that was asked for: 1 over `error`.
  public var logThreshold: Double
  /// The probability of a false winner that this confirmation could spend, its share of the
  /// campaign's.
  public var error: Double
  /// Which confirmation of its kernel it was in this campaign, from 1.
  public var ordinal: Int
  /// The smallest gain that was kept, as a share: 0.01 is 1 %.
  public var smallestEffect: Double

  /// Creates the record from its parts.
  public init(
    loads: Int, above: Int, logEvidence: Double, logThreshold: Double, error: Double, ordinal: Int,
    smallestEffect: Double
  ) {
    self.loads = loads
    self.above = above
    self.logEvidence = logEvidence
    self.logThreshold = logThreshold
    self.error = error
    self.ordinal = ordinal
    self.smallestEffect = smallestEffect
  }
}
