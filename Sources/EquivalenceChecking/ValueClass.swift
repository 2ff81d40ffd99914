import KernelModel

/// Kinds of contents; each shows another kind of mistake.
enum ValueClass: String, CaseIterable, Hashable, Sendable {
  /// Moderate values of both signs.
  case ordinary
  /// Magnitudes far apart, so that every change of order rounds differently; integers of all bits.
  case wide
  /// Few distinct values, so that comparisons meet equality.
  case ties
  /// NaN, infinities, both zeros, denormals, the largest and the smallest among ordinary values.
  case special
  /// Both zeros, denormals and extremes without NaN and infinity; integers at their bounds.
  case extremes
  /// Nothing but zeros of both signs.
  case zeros
}

/// Draws scalars of a class.
struct ScalarSource {
  var valueClass: ValueClass
  var random: SeededRandom
  /// Bounds that the contract gives, inclusive.
  var lowest: Double?
  var highest: Double?
  var isFinite = false

  /// The bytes of one value of an arithmetic type, least significant first, in the low bits.
  mutating func bits(of type: CType) -> UInt64 {
    if let integer = type.integer { return UInt64(bitPattern: Int64(self.integer(integer))) }
    let value = real(type.floatingType ?? .double)
    switch type.floatingType {
    case .float: return UInt64(Float(value).bitPattern)
    case .half: return UInt64(HalfBits.encode(value))
    default: return value.bitPattern
    }
  }

  mutating func integer(_ type: IntegerType) -> Int {
    if type.kind == .bool { return random.below(2) }
    let width = min(type.width, 64)
    let most = type.isSigned ? Int.max >> (64 - width) : width >= 63 ? Int.max : (1 << width) - 1
    let least = type.isSigned ? -most - 1 : 0
    switch valueClass {
    case .ordinary:
      let bound = min(most, 1000)
      return type.isSigned ? random.below(2 * bound + 1) - bound : random.below(bound + 1)
    case .wide: return Self.truncated(random.next(), type)
    case .ties: return random.below(4)
    case .special, .extremes:
      let edges = [least, least + 1, most, most - 1, 0, 1, type.isSigned ? -1 : 2]
      return random.below(2) == 0 ? edges[random.below(edges.count)] : Self.truncated(random.next(), type)
    case .zeros: return 0
    }
  }

  /// A scalar argument that is no size: shift counts and small factors are likelier than extremes.
  mutating func smallInteger(_ type: IntegerType) -> Int {
    let edges = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 100, 255, -1, -3]
    if valueClass == .special || valueClass == .extremes || valueClass == .wide {
      if random.below(3) == 0 { return integer(type) }
    }
    let value = edges[random.below(edges.count)]
    return type.holds(value) ? value : 1
  }

  private static func truncated(_ bits: UInt64, _ type: IntegerType) -> Int {
    let width = min(type.width, 64)
    let shifted = bits << UInt64(64 - width)
    return type.isSigned
      ? Int(Int64(bitPattern: shifted) >> Int64(64 - width))
      : Int(truncatingIfNeeded: shifted >> UInt64(64 - width))
  }

  mutating func real(_ type: FloatingType) -> Double {
    let value = unbounded(type)
    if value.isNaN || value.isInfinite {
      return isFinite || lowest != nil || highest != nil ? bounded(ordinary()) : value
    }
    return bounded(value)
  }

  private mutating func ordinary() -> Double { (random.unit() * 2 - 1) * 4 }

  private func bounded(_ value: Double) -> Double {
    if let lowest, let highest, value < lowest || value > highest {
      let share = abs(value) - abs(value).rounded(.down)
      return lowest + (highest - lowest) * (share.isFinite ? share : 0)
    }
    if let lowest, value < lowest { return lowest + min(abs(value), 4) }
    if let highest, value > highest { return highest - min(abs(value), 4) }
    return value
  }

  private mutating func unbounded(_ type: FloatingType) -> Double {
    switch valueClass {
    case .ordinary: return ordinary()
    case .wide:
      let exponent = random.below(41) - 20
      return (random.unit() * 2 - 1) * Double(sign: .plus, exponent: exponent, significand: 1)
    case .ties: return Double(random.below(4) - 1)
    case .special:
      guard random.below(4) == 0 else { return ordinary() }
      let specials = [Double.nan, .infinity, -.infinity] + Self.finiteEdges(type)
      return specials[random.below(specials.count)]
    case .extremes:
      guard random.below(2) == 0 else { return ordinary() }
      let edges = Self.finiteEdges(type)
      return edges[random.below(edges.count)]
    case .zeros: return random.below(2) == 0 ? 0.0 : -0.0
    }
  }

  private static func finiteEdges(_ type: FloatingType) -> [Double] {
    switch type {
    case .float:
      [
        0.0, -0.0, Double(Float.leastNonzeroMagnitude), -Double(Float.leastNonzeroMagnitude) * 3,
        Double(Float.leastNormalMagnitude), Double(Float.greatestFiniteMagnitude),
        -Double(Float.greatestFiniteMagnitude), 1, -1,
      ]
    case .half: [0.0, -0.0, 0x1p-24, 65504, -65504, 1, -1]
    default:
      [
        0.0, -0.0, .leastNonzeroMagnitude, -3 * .leastNonzeroMagnitude, .leastNormalMagnitude,
        .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1,
      ]
    }
  }
}

/// Conversion to IEEE binary16, rounding toward zero; enough for making inputs.
enum HalfBits {
  static func encode(_ value: Double) -> UInt16 {
    if value.isNaN { return 0x7e00 }
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let magnitude = abs(value)
    if magnitude >= 65520 { return sign | 0x7c00 }
    if magnitude < 0x1p-14 { return sign | UInt16(magnitude * 0x1p24) }
    let fraction = UInt16((magnitude.significand - 1) * 1024)
    return sign | UInt16(Int(magnitude.exponent) + 15) << 10 | fraction
  }
}
