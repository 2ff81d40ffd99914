import ExperimentRecords

/// The plans that a shape suggests: a small list of sound recipes, crossed with parameters.
struct PlanLibrary {
  /// Bytes of the vectors that the compiler makes by itself.
  var vectorBytes: Int
  /// Bytes of a vector register, where that is more.
  var registerBytes: Int?
  /// Capacity of the first and second level data caches, in bytes.
  var cacheBytes: [Int]
  /// Whether floating-point operations of a reduction may come in any order.
  var mayReorder = false

  /// Every plan for the shape, best prior first; equal priors keep the order of the loops.
  func plans(for shape: KernelShape) -> [Plan] {
    var plans: [Plan] = []
    let contractions = ContractionPlans(
      vectorBytes: registerBytes ?? vectorBytes, cacheBytes: cacheBytes)
    for loop in shape.loops where startsNest(loop, in: shape) {
      plans += orders(of: loop.label, in: shape)
      plans += contractions.plans(for: shape.perfectNest(from: loop.label), in: shape)
    }
    for loop in shape.loops where loop.isCounted {
      plans += TimePlans().plans(for: loop, in: shape)
      plans += WavefrontPlans().plans(for: loop, in: shape)
      plans += PivotPlans(widths: widths(of: loop, in: shape)).plans(for: loop, in: shape)
      plans += TrianglePlans(vectorBytes: registerBytes ?? vectorBytes).plans(for: loop, in: shape)
      plans += IntervalPlans(vectorBytes: registerBytes ?? vectorBytes).plans(for: loop, in: shape)
      plans += registerPlans(for: loop, in: shape)
      plans += scalarPlans(for: loop, in: shape)
      plans += ReductionPlans(widths: widths(of: loop, in: shape), mayReorder: mayReorder)
        .plans(for: loop, in: shape)
      plans += StoragePlans().plans(for: loop, in: shape)
      plans += valuePlans(for: loop, in: shape)
      plans += prefetchPlans(for: loop, in: shape)
    }
    for pair in shape.adjacentLoops { plans.append(fusion(of: pair, in: shape)) }
    return plans.enumerated()
      .sorted { ($0.element.prior, -$0.offset) > ($1.element.prior, -$1.offset) }
      .map(\.element)
  }

  /// The plans that follow a schedule of a kernel with this shape.
  func plans(for schedule: ScheduleShape, in shape: KernelShape) -> [Plan] {
    SchedulePlans(library: self).plans(for: schedule, in: shape)
  }

  /// Whether no perfect nest around the loop continues into it.
  private func startsNest(_ loop: LoopShape, in shape: KernelShape) -> Bool {
    guard loop.isCounted, !loop.isVectorized else { return false }
    guard let parent = loop.parent.flatMap({ shape.loop($0) }) else { return true }
    return !parent.isPerfect
  }

  /// Loop orders of a perfect nest, those with small innermost strides first, and its tilings.
  private func orders(of first: String, in shape: KernelShape) -> [Plan] {
    let loops = shape.perfectNest(from: first)
    let nest = loops.map(\.label)
    guard nest.count > 1, nest.count <= 4, !loops.contains(where: \.lacksFacts) else { return [] }
    let plans = permutations(of: nest).filter { $0 != nest }.map { order in
      let gain =
        strideCost(innermost: nest[nest.count - 1], in: shape)
        - strideCost(innermost: order[order.count - 1], in: shape)
      // Among orders with the same innermost loop, the one that moves the fewest loops comes first.
      let moved = zip(order, nest).filter { $0 != $1 }.count
      return Plan(
        name: "order", prior: 0.55 + 0.4 * gain - 0.02 * Double(moved),
        parts: [.required { _ in .interchange(order) }])
    }
    return plans + tilings(of: nest, in: shape)
  }

  /// Sides of square blocks, smallest first: one of each of three arrays fits half of a cache.
  func blockSides(elementBytes: Int) -> [Int] {
    let sides = cacheBytes.map { Int((Double($0) / 2 / 3 / Double(elementBytes)).squareRoot()) }
    return Set([16] + sides.map(Self.powerOfTwo(atMost:))).filter { $0 >= 8 }.sorted()
  }

  private func tilings(of nest: [String], in shape: KernelShape) -> [Plan] {
    let element = max(1, shape.elementBytes(in: nest[0]))
    let sizes = blockSides(elementBytes: element)
    // Where every loop would move some access by rows, no order helps and blocks do.
    let smallest = nest.map { strideCost(innermost: $0, in: shape) }.min() ?? 0
    var plans: [Plan] = []
    for size in sizes {
      for loops in Set([Array(nest.suffix(2)), nest]).sorted(by: { $0.count < $1.count }) {
        let tile = Plan.Part.required { _ in
          .tile(loops, by: Array(repeating: size, count: loops.count))
        }
        plans.append(Plan(name: "tile", prior: smallest > 0.3 ? 0.7 : 0.35, parts: [tile]))
        guard loops.count == 2 else { continue }
        // The squares of tiles use every cache beyond the one that a tile fits.
        plans.append(
          Plan(
            name: "tiles along a curve", prior: smallest > 0.3 ? 0.66 : 0.3,
            parts: [
              tile, .required { _ in .zOrder(loops.map { "\($0).tile" }, by: Self.tilesOfSquare) },
            ]))
      }
    }
    return plans
  }

  /// Tiles on a side of the largest square of a curve.
  private static let tilesOfSquare = 16

  /// Outer-loop vectors and register blocks around an inner loop.
  private func registerPlans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    guard !loop.isVectorized else { return [] }
    guard loop.isParallel else { return laneAttempts(for: loop, in: shape) }
    let label = loop.label
    let isOuter = !shape.isInnermost(label)
    let sum = isOuter ? accumulating(below: label, in: shape) : nil
    let cost = strideCost(innermost: label, in: shape)
    var plans: [Plan] = []
    for (rank, width) in widths(of: loop, in: shape).enumerated() {
      let prior = (isOuter ? 0.9 : 0.45) - 0.5 * cost - 0.06 * Double(rank)
      let vectorize = Plan.Part.required { _ in .vectorize(label, width: width) }
      plans.append(Plan(name: "vectors", prior: prior, parts: [vectorize]))
      if let sum {
        plans.append(
          Plan(
            name: "vectors of sums", prior: prior - 0.01,
            parts: [.required { _ in .onLoop("scalar_replace", sum) }, vectorize]))
      }
      for other in shape.chain(to: label).dropLast() where isOuter && other.isParallel {
        plans.append(
          Plan(
            name: "vector block", prior: prior - 0.03,
            parts: [jam(other.label, 2), vectorize]))
      }
    }
    guard isOuter else { return plans }
    let scalars = Plan.Part.optional { _ in sum.map { .onLoop("scalar_replace", $0) } }
    for factor in [4, 2, 8] {
      plans.append(
        Plan(
          name: "register block", prior: 0.6 - (factor == 4 ? 0 : 0.1),
          parts: [jam(label, factor), scalars]))
    }
    for child in shape.children(of: label)
    where !shape.isInnermost(child.label) && child.isParallel {
      for (rows, columns) in [(4, 4), (4, 2), (2, 4)] {
        plans.append(
          Plan(
            name: "register tile", prior: 0.62 - (rows + columns == 8 ? 0 : 0.06),
            parts: [jam(label, rows), jam(child.label, columns), scalars]))
      }
    }
    return plans
  }

  /// Vectors along a loop that is not known to be parallel but writes its own element in each iteration:
  /// neighbouring lanes may be told apart where whole iterations are not.
  private func laneAttempts(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    let writes = shape.accesses(in: loop.label).filter(\.isWrite)
    guard !writes.isEmpty, writes.allSatisfy({ $0.strides[loop.label] == .unit }) else { return [] }
    let prior =
      (shape.isInnermost(loop.label) ? 0.4 : 0.8)
      - 0.5 * strideCost(innermost: loop.label, in: shape)
    return widths(of: loop, in: shape).enumerated().map { rank, width in
      Plan(
        name: "vectors", prior: prior - 0.06 * Double(rank),
        parts: [.required { _ in .vectorize(loop.label, width: width) }])
    }
  }

  /// Lanes to try: wider than a register first, since several chains of operations hide each other's
  /// latency; no more than the loop has iterations.
  func widths(of loop: LoopShape, in shape: KernelShape) -> [Int] {
    let lanes = max(2, vectorBytes / shape.laneBytes(in: loop.label))
    let most = loop.tripCount.map(Self.powerOfTwo(atMost:)) ?? .max
    var widths: [Int] = []
    for width in [lanes * 2, lanes, lanes * 4].map({ min($0, most) })
    where width > 1 && !widths.contains(width) {
      widths.append(width)
    }
    return widths
  }

  /// The innermost loop below that adds to memory that it does not move on from.
  private func accumulating(below label: String, in shape: KernelShape) -> String? {
    guard let inner = innermost(below: label, in: shape), inner != label else { return nil }
    let isSum = shape.accesses(in: inner).contains { $0.isWrite && $0.strides[inner] == .zero }
    return isSum ? inner : nil
  }

  private func jam(_ loop: String, _ factor: Int) -> Plan.Part {
    .required { _ in .onLoop("unroll_jam", loop, by: factor) }
  }

  /// Invariants, conditions, multiplications and short bodies.
  private func scalarPlans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    let label = loop.label
    var plans: [Plan] = []
    func add(_ name: String, _ prior: Double, _ step: Step) {
      plans.append(Plan(name: name, prior: prior, parts: [.required { _ in step }]))
    }
    if shape.accesses(in: label).contains(where: { $0.isWrite && $0.strides[label] == .zero }) {
      add("scalar replacement", 0.58, .onLoop("scalar_replace", label))
    }
    add("invariants", 0.5, .onLoop("hoist", label))
    if loop.hasInvariantBranch { add("unswitch", 0.62, .onLoop("unswitch", label)) }
    add("strength reduction", 0.3, .onLoop("strength_reduce", label))
    add("distribution", 0.4, .onLoop("distribute", label))
    if shape.isInnermost(label) {
      add("unroll by 4", 0.36, .onLoop("unroll", label, by: 4))
      add("unroll by 8", 0.28, .onLoop("unroll", label, by: 8))
    }
    return plans
  }

  /// Versions of the whole nest for the few iterations that an inner loop usually has, written out or
  /// left to the compiler.
  private func valuePlans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    guard shape.isInnermost(loop.label), let root = shape.chain(to: loop.label).first else {
      return []
    }
    return loop.usualValues.flatMap { usual in
      let specialize = Plan.Part.required { _ in .specialize(root.label, usual) }
      let unroll = Plan.Part.required { _ in .onLoop("unroll", loop.label) }
      return [
        Plan(name: "usual value, written out", prior: 0.6, parts: [specialize, unroll]),
        Plan(name: "usual value", prior: 0.56, parts: [specialize]),
      ]
    }
  }

  /// Elements asked for ahead of time, where the hardware cannot foresee them: of arrays that are indexed
  /// by data, or whose rows an innermost loop goes down.
  private func prefetchPlans(for loop: LoopShape, in shape: KernelShape) -> [Plan] {
    guard shape.isInnermost(loop.label) else { return [] }
    var seen: Set<Int> = []
    return shape.accesses(in: loop.label).flatMap { access -> [Plan] in
      let stride = access.strides[loop.label]
      guard stride == .unknown || stride == .row, seen.insert(access.object).inserted,
        let array = shape.name(of: access.object)
      else { return [] }
      return [16, 64].map { ahead in
        Plan(
          name: "prefetch", prior: (stride == .unknown ? 0.46 : 0.26) - (ahead == 16 ? 0 : 0.05),
          parts: [.required { _ in .prefetch(loop.label, array: array, ahead: ahead) }])
      }
    }
  }

  /// Two loops as one, in which arrays that hand values on are no longer needed.
  private func fusion(of pair: LoopPair, in shape: KernelShape) -> Plan {
    let fuse = Step(
      "fuse", [Argument("first", .label(pair.first)), Argument("second", .label(pair.second))])
    let contractions = shape.localArrays.map {
      Plan.Part.optionalStep(.contractArray($0, in: pair.first))
    }
    return Plan(name: "fusion", prior: 0.52, parts: [.step(fuse)] + contractions)
  }

  private func innermost(below label: String, in shape: KernelShape) -> String? {
    guard let child = shape.children(of: label).last else { return label }
    return innermost(below: child.label, in: shape)
  }

  /// Mean cost of the accesses in a loop if it ran innermost: 0 for unit or no movement, 1 for rows.
  func strideCost(innermost label: String, in shape: KernelShape) -> Double {
    let costs = shape.accesses(in: label).map { access -> Double in
      switch access.strides[label] {
      case .zero?: access.isWrite ? 0.25 : 0
      case .unit?: 0
      case .constant(let stride)?: min(1, Double(abs(stride)) / 8)
      case .row?, .unknown?: 1
      case nil: 0
      }
    }
    return costs.isEmpty ? 0 : costs.reduce(0, +) / Double(costs.count)
  }

  static func powerOfTwo(atMost value: Int) -> Int {
    value < 1 ? 0 : 1 << (Int.bitWidth - 1 - value.leadingZeroBitCount)
  }
}

/// Every order of the elements; at most 24 for the four loops that a nest may have here.
func permutations<T>(of elements: [T]) -> [[T]] {
  guard elements.count > 1 else { return [elements] }
  return elements.indices.flatMap { index -> [[T]] in
    var rest = elements
    let first = rest.remove(at: index)
    return permutations(of: rest).map { [first] + $0 }
  }
}
