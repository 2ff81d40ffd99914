import JudgeKernels

/// Whether a campaign's measurements can be believed, by pairs whose answer is known.
///
/// Two copies of one object must not win, and an object with an added cost must be seen as slower.
/// Loads of copies are kept over the whole campaign, so that a bias too small for one check is found
/// by several; they also tell the smallest gain that is worth keeping on this machine now.
public struct PairedSentinels: Hashable, Sendable {
  /// The probability that copies are taken for different although the measurement is fair.
  public static let error = 0.0001
  /// The probability that an object whose cost was not seen at all passes for slower.
  public static let errorOfSlower = 0.01
  /// The least added cost, as a share of a call, as nearly as it can be planted.
  public static let smallestPlantedShare = 0.05
  /// The most that the kept effect is raised to: the noise of one kernel is not another's.
  public static let mostKeptEffect = 0.03
  /// The most that is planted: what is not seen then, the measurement is blind to.
  public static let mostPlantedShare = 4.0
  /// Loads after which a cost that was not seen is made four times as large.
  public static let loadsOfSlower = 13
  /// Loads after which the largest cost must have been seen: enough even where other work makes three
  /// loads in ten fall out the wrong way.
  public static let mostLoadsOfSlower = 80
  /// Loads of copies in one check.
  public static let loadsOfSame = 6

  /// The smallest gain that is kept where the noise is below it.
  private let smallestEffect: Double
  /// All loads of copies so far.
  public private(set) var same: [Double] = []
  /// The loads of the latest slower object.
  public private(set) var slower: [Double] = []
  /// What the latest slower object costs more than the original, as a share.
  public private(set) var slowerShare = PairedSentinels.smallestPlantedShare
  /// Why nothing must win any more, in house grammar; it stays.
  public private(set) var distrust: String?

  public init(smallestEffect: Double) { self.smallestEffect = smallestEffect }

  /// Takes the datum of a load of two copies.
  public mutating func addSame(_ datum: Double) {
    same.append(datum)
    let (up, down) = (same.count { $0 > 0 }, same.count { $0 < 0 })
    let wealth = max(rk_sign_log_wealth(up, down), rk_sign_log_wealth(down, up))
    guard distrust == nil, wealth >= -logarithm(Self.error / 2),
      abs(exponential(Self.median(same)) - 1) > smallestEffect
    else { return }
    distrust = "two copies of one object differ by \(percent(same)) % over \(same.count) loads"
  }

  /// Begins the check of a slower object.
  public mutating func beginSlower() {
    slower = []
    slowerShare = plantedShare
  }

  /// Takes the datum of a load of original and slower object, and says whether another is needed, of
  /// an object slower by `slowerShare`. Noise that hides a small cost hides no large one, and misleads
  /// no decision; so a cost that was not seen is made larger before the measurement is called blind.
  public mutating func addSlower(_ datum: Double) -> Bool {
    slower.append(datum)
    let (up, down) = (slower.count { $0 > 0 }, slower.count { $0 < 0 })
    let needed = -logarithm(Self.errorOfSlower)
    if rk_sign_log_wealth(down, up) >= needed { return false }
    let isFaster = rk_sign_log_wealth(up, down) >= needed
    let canGrow = slowerShare < Self.mostPlantedShare
    let most = canGrow ? Self.loadsOfSlower : Self.mostLoadsOfSlower
    guard isFaster || slower.count >= most else { return true }
    if !isFaster, canGrow {
      slowerShare = min(4 * slowerShare, Self.mostPlantedShare)
      slower = []
      return true
    }
    distrust =
      distrust
      ?? "an original with an added cost was not seen as slower: faster in \(up) of \(slower.count) loads"
    return false
  }

  /// The cost to add, as a share of a call: six times what the latest copies differ by at the median.
  /// Noise alone, which no decision is misled by, must not pass for a measurement that is blind.
  public var plantedShare: Double {
    var sizes = same.suffix(Self.loadsOfSame).map(abs)
    let noise = sizes.isEmpty ? 0 : rk_median(&sizes, sizes.count)
    return min(max(6 * noise, Self.smallestPlantedShare), Self.mostPlantedShare)
  }

  /// The smallest gain that is kept, as a share: at least two standard errors of what a confirmation
  /// of eight loads would say of copies, up to `mostKeptEffect`.
  public var keptEffect: Double {
    guard same.count >= Self.loadsOfSame else { return smallestEffect }
    let error = rk_median_error(same, same.count, 0) * (Double(same.count) / 8).squareRoot()
    return max(smallestEffect, min(2 * error, Self.mostKeptEffect))
  }

  /// Median ratio of loads; 1 without one.
  public static func ratio(_ data: [Double]) -> Double {
    data.isEmpty ? 1 : exponential(median(data))
  }

  private static func median(_ data: [Double]) -> Double {
    var data = data
    return rk_median(&data, data.count)
  }

  private func percent(_ data: [Double]) -> Double {
    (abs(Self.ratio(data) - 1) * 1000).rounded() / 10
  }
}

extension Trampoline {
  /// The same trampoline with so many dependent multiplications before each call: a cost that no
  /// compiler takes away and that touches no memory.
  public func delayed(steps: Int) -> Trampoline {
    let anchor = "  (void)argv, (void)result;\n"
    let delay = """
        {
          unsigned long ratchet_left = \(steps)ul, ratchet_value = ratchet_left;
          while (ratchet_left-- != 0) ratchet_value = ratchet_value * 6364136223846793005ul + 1;
          volatile unsigned long ratchet_sink = ratchet_value;
          (void)ratchet_sink;
        }

      """
    return Trampoline(self, text: text.replacing(anchor, with: anchor + delay))
  }

  /// The same function and objects with another text.
  init(_ other: Trampoline, text: String) {
    self.text = text
    globals = other.globals
    argumentSizes = other.argumentSizes
    resultSize = other.resultSize
  }
}
