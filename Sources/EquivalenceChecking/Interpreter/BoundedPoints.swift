import KernelModel

/// The calls that L3 compares: every distinct choice of sizes and overlaps that L1 and L2 use, small
/// ones first, so that steady state and remainder of every blocked dimension run.
struct BoundedPoints {
  private(set) var points: [CallPoint] = []
  private let shape: InputShape
  private let factors: [Int]
  private let sizes: SizePlan

  /// Factors up to this must be covered; larger constants are seldom blocks.
  private static let largestFactor = 64

  /// - Parameter guarded: calls that no plan would think of, which are compared among the first.
  init(_ shape: InputShape, factors: [Int], guarded: [CallPoint], seed: UInt64) {
    self.shape = shape
    self.factors = factors
    let plan = PointPlan(shape, effort: .full, seed: seed)
    sizes = SizePlan(shape, factors: factors, effort: .full, seed: seed)
    var seen: Set<CallPoint> = []
    let planned = plan.common() + plan.specific(to: factors)
    for point in guarded + planned where point.nulls.isEmpty {
      // Contents are symbolic; alignment changes nothing but where pointers stand.
      let key = CallPoint(
        sizes: point.sizes, valueClass: .ordinary, placement: .flushEnd,
        overlaps: point.overlaps, seed: 0)
      guard seen.insert(key).inserted else { continue }
      points.append(point)
    }
    points = points.enumerated().sorted {
      (sizes.memory($0.element.sizes), $0.offset) < (sizes.memory($1.element.sizes), $1.offset)
    }.map(\.element)
    putNeededFirst(Set(guarded.map(\.sizes)))
  }

  /// The smallest calls that cover every size, factor and guard come first, then overlaps, then the rest:
  /// a budget that ends early has been spent on what matters.
  private mutating func putNeededFirst(_ guarded: Set<SizePlan.Assignment>) {
    var needed: Set<Int> = []
    for scalar in shape.scalars where scalar.isSize {
      for factor in factors where factor <= Self.largestFactor {
        let first = points.firstIndex { point in
          guard let value = point.sizes[scalar.path], !point.hasExtremeSize else { return false }
          return value >= 2 * factor + 1 && point.sizes.values.allSatisfy { $0 > 0 }
        }
        if let first { needed.insert(first) }
      }
    }
    func rank(_ index: Int) -> Int {
      let hasOverlaps = !points[index].overlaps.isEmpty
      let isGuarded = guarded.contains(points[index].sizes) && !hasOverlaps
      return needed.contains(index) || index < 12 || isGuarded ? 0 : hasOverlaps ? 1 : 2
    }
    points = points.indices.sorted { (rank($0), $0) < (rank($1), $1) }.map { points[$0] }
  }

  /// How large a call is: bytes of memory, or so.
  func weight(_ point: CallPoint) -> Int { sizes.memory(point.sizes) }

  /// A size and a factor of which no call that was compared has two blocks and a remainder; of a
  /// loop that nothing blocks, two turns.
  func gap(in compared: [CallPoint]) -> String? {
    for scalar in shape.scalars where scalar.isSize {
      let wanted = points.compactMap { $0.sizes[scalar.path] }
      let reached = Set(compared.compactMap { $0.sizes[scalar.path] })
      for factor in [1] + factors where factor <= Self.largestFactor {
        let enough = factor == 1 ? 2 : 2 * factor + 1
        guard wanted.contains(where: { $0 >= enough }) else { continue }
        if !reached.contains(where: { $0 >= enough }) {
          return "no call with \(scalar.name) >= \(enough) could be compared"
        }
      }
    }
    return nil
  }
}

extension CallPoint {
  /// Whether a size is so large that loops over it cannot be run.
  var hasExtremeSize: Bool { sizes.values.contains { $0.magnitude > 1 << 20 } }
}

/// The sizes of a call that are not above zero, over which loops do nothing.
struct EmptySizes: Hashable {
  /// A bit for each, in the order of the shape; the highest for sizes at the ends of their types.
  let bits: UInt64

  init(_ point: CallPoint, _ shape: InputShape) {
    var bits: UInt64 = point.hasExtremeSize ? 1 << 63 : 0
    for (index, scalar) in shape.scalars.filter(\.isSize).enumerated() {
      if let value = point.sizes[scalar.path], value <= 0 { bits |= 1 << UInt64(min(index, 62)) }
    }
    self.bits = bits
  }

  /// Whether it has a part of the other's.
  func isSmaller(than other: EmptySizes) -> Bool { bits != other.bits && bits & other.bits == bits }
}
