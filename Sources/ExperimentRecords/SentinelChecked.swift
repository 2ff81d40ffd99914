/// A check of the measurement itself inside a campaign: a pair of objects whose answer is known.
public struct SentinelChecked: Codable, Hashable, Sendable {
  /// What the pair is.
  public enum Pair: String, Codable, Hashable, Sendable, CaseIterable {
    /// The original and itself, in other layouts: must never win.
    case same
    /// The original and itself with an added cost: must be seen as slower.
    case slower
  }

  /// The kernel whose original it was.
  public var kernel: KernelName
  /// What the pair is.
  public var pair: Pair
  /// Whether the answer was as it must be.
  public var isTrusted: Bool
  /// What was wrong, in house grammar.
  public var reason: String?
  /// Loads of this pair so far in the campaign.
  public var loads: Int
  /// In how many of them the second object was faster.
  public var above: Int
  /// Median ratio over all of them; above 1 the second object is faster.
  public var ratio: Double
  /// The smallest gain that is kept from here on, as a share: above what identical objects show.
  public var smallestEffect: Double?
  /// What the check took.
  public var cost: Cost

  /// Creates the record from its parts.
  public init(
    kernel: KernelName, pair: Pair, isTrusted: Bool, reason: String? = nil, loads: Int, above: Int,
    ratio: Double, smallestEffect: Double? = nil, cost: Cost = Cost()
  ) {
    self.kernel = kernel
    self.pair = pair
    self.isTrusted = isTrusted
    self.reason = reason
    self.loads = loads
    self.above = above
    self.ratio = ratio
    self.smallestEffect = smallestEffect
    self.cost = cost
  }
}
