/// How hard the judge looks.
public enum Effort: String, Codable, Hashable, Sendable, CaseIterable {
  /// Few inputs, the shipping flags only: drops clear losers early.
  case screening
  /// Everything that a verdict may rest on.
  case full
}

/// How floating-point results are compared.
public enum FloatingPointMode: String, Codable, Hashable, Sendable, CaseIterable {
  /// The same bits, NaN equal to NaN.
  case exact
  /// Within a bound in ulps and in norm.
  case relaxed
}
