import KernelModel

/// The calls that L3 compares: every distinct choice of sizes and overlaps that L1 and L2 use, small
/// ones first, so that steady state and remainder of every blocked dimension run.
struct BoundedPoints {
  private(set) var points: [CallPoint] = []
  private let shape: InputShape
  private let factors: [Int]

  /// Sizes at the ends of their types are left to L1 and L2.
  private static let largestSize: UInt = 1 << 16
  /// Factors up to this must be covered; larger constants are seldom blocks.
  private static let largestFactor = 64

  init(_ shape: InputShape, factors: [Int], seed: UInt64) {
    self.shape = shape
    self.factors = factors
    let plan = PointPlan(shape, effort: .full, seed: seed)
    let sizes = SizePlan(shape, factors: factors, effort: .full, seed: seed)
    var seen: Set<CallPoint> = []
    for point in plan.common() + plan.specific(to: factors) {
      guard point.sizes.values.allSatisfy({ $0.magnitude <= Self.largestSize }) else { continue }
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
  }

  /// A size and a factor of which no call that was compared has two blocks and a remainder.
  func gap(in compared: [CallPoint]) -> String? {
    for scalar in shape.scalars where scalar.isSize {
      let wanted = points.compactMap { $0.sizes[scalar.path] }
      let reached = Set(compared.compactMap { $0.sizes[scalar.path] })
      for factor in factors where factor <= Self.largestFactor {
        let enough = 2 * factor + 1
        guard wanted.contains(where: { $0 >= enough }) else { continue }
        if !reached.contains(where: { $0 >= enough }) {
          return "no call with \(scalar.name) >= \(enough) could be compared"
        }
      }
    }
    return nil
  }
}
