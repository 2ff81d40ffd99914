/// A small generator of pseudo-random numbers with a fixed sequence per seed (SplitMix64; Steele,
/// Lea and Flood, 2014), so that a test is named by its seed for ever.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// A generator whose sequence depends on the seed and every number in `path`.
  init(_ seed: UInt64, path: Int...) {
    var mixer = SeededRandom(seed)
    for step in path {
      mixer.state ^= mixer.next() &+ UInt64(bitPattern: Int64(step)) &* 0x9e37_79b9_7f4a_7c15
    }
    state = mixer.next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in `0 ..< count`; 0 when there is none.
  mutating func below(_ count: Int) -> Int {
    count <= 1 ? 0 : Int((next() >> 11) % UInt64(count))
  }

  /// A number in [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
