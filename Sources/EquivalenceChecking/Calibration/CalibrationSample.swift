/// A random part of all mutants, the same for ever: whether a mutant belongs to it follows from its
/// name and the seed.
public struct CalibrationSample: Hashable, Sendable {
  /// One mutant of so many belongs to it.
  public var every: Int
  public var seed: UInt64

  public init(every: Int = 8, seed: UInt64 = 1) {
    self.every = max(1, every)
    self.seed = seed
  }

  func contains(_ name: String) -> Bool {
    var random = SeededRandom(seed ^ Self.rank(name))
    return random.below(every) == 0
  }

  /// A number that follows from a name and means nothing (FNV-1a).
  public static func rank(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
