import Foundation

/// A share of a number of independent cases, with what it is compatible with.
public struct Proportion: Hashable, Sendable {
  public var count: Int
  public var total: Int

  public init(of count: Int, in total: Int) {
    self.count = count
    self.total = total
  }

  /// Nil for a share of none.
  public var share: Double? { total == 0 ? nil : Double(count) / Double(total) }

  /// The interval of 95 % for the probability behind the share.
  ///
  /// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22,
  /// 1927; at the ends the exact binomial bound, one-sided, which for none of n is 1 − 0.05^(1/n).
  public var interval: ClosedRange<Double> {
    guard total > 0 else { return 0...1 }
    let n = Double(total)
    if count == 0 { return 0...(1 - pow(0.05, 1 / n)) }
    if count == total { return pow(0.05, 1 / n)...1 }
    let (p, z) = (Double(count) / n, 1.959963984540054)
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, middle - half)...min(1, middle + half)
  }
}
