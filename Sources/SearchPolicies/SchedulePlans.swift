import ExperimentRecords

/// Plans that follow a schedule which a general cost function chose: its loops as passes make them, the
/// loops of its permutable bands in blocks, and vectors or jammed copies of what its coincident members
/// allow.
///
/// Source: Bondhugula et al., "A Practical Automatic Polyhedral Parallelizer and Locality Optimizer",
/// PLDI 2008 (bands, tiling of permutable bands, the parallel loop inside for vectors).
struct SchedulePlans {
  var library: PlanLibrary

  static let name = "schedule"
  /// Steps of time and what they sweep over, in blocks.
  private static let blocksOfTime = [(8, 32), (16, 32)]
  /// Deeper blocks than these hold more than any cache.
  private static let mostTiled = 3

  func plans(for schedule: ScheduleShape, in shape: KernelShape) -> [Plan] {
    let costs = shape.loops.map { ($0.label, library.strideCost(innermost: $0.label, in: shape)) }
    let byStride = Dictionary(costs) { first, _ in first }
    // Of two schedules that promise the same, the one with more in common is tried first.
    let worth = schedule.isFused ? 0.8 : 0.77
    var plans: [Plan] = []
    var seen: Set<[Step]> = []
    // Guards of an outer loop's ends keep inner ones apart: then two members are what can be made.
    for depth in [Int.max, 2] {
      for (rank, costs) in [byStride, [:]].enumerated() {
        let translation = ScheduleTranslation(schedule, costs: costs, depth: depth)
        guard seen.insert(translation.steps).inserted else { continue }
        plans += self.plans(for: translation, worth - 0.02 * Double(rank), in: shape)
      }
    }
    return plans
  }

  private func plans(
    for translation: ScheduleTranslation, _ worth: Double, in shape: KernelShape
  ) -> [Plan] {
    let steps = translation.steps.map(Plan.Part.step)
    // A skew by itself changes no order.
    let order =
      translation.nests.contains(where: \.isWavefront)
      ? translation.steps : translation.steps.filter { $0.pass != "skew" }
    var plans: [Plan] = []
    if !order.isEmpty {
      let parts = order.map(Plan.Part.step)
      let lanes = translation.nests.map { Plan.Part.optional(self.lanes(of: $0.coincident)) }
      plans.append(Plan(name: Self.name, prior: worth, parts: parts + lanes))
      plans.append(Plan(name: Self.name, prior: worth - 0.1, parts: parts))
    }
    let bands = translation.nests.filter { $0.isPermutable && $0.labels.count > 1 }
    for rank in 0..<(bands.isEmpty ? 0 : 2) {
      for depth in depths(of: bands) {
        let prior = worth - 0.06 - 0.05 * Double(rank) - (depth > 2 ? 0.02 : 0)
        plans.append(
          Plan(
            name: Self.name, prior: prior,
            parts: steps
              + blocks(
                of: bands, depth: depth, rank: rank, isAlone: steps.isEmpty, in: shape)))
      }
    }
    return plans
  }

  /// How many loops of each band are cut: all, and the outer two, around which guards do no harm.
  private func depths(of bands: [ScheduleTranslation.Nest]) -> [Int] {
    bands.contains { $0.labels.count > 2 } ? [Self.mostTiled, 2] : [2]
  }

  /// - Parameter isAlone: nothing stands before; blocks of a nest as it stands are planned without a
  ///   schedule, so that vectors have to come with them.
  private func blocks(
    of bands: [ScheduleTranslation.Nest], depth: Int, rank: Int, isAlone: Bool,
    in shape: KernelShape
  ) -> [Plan.Part] {
    bands.enumerated().flatMap { number, band -> [Plan.Part] in
      let labels = Array(band.labels.prefix(depth))
      let tile = Step.tile(labels, by: sizes(of: labels, band, rank, in: shape))
      let lanes = lanes(of: band.coincident)
      guard number == 0 else { return [.optionalStep(tile), .optional(lanes)] }
      return [.step(tile), isAlone ? .required(lanes) : .optional(lanes)]
    }
  }

  private func sizes(
    of labels: [String], _ band: ScheduleTranslation.Nest, _ rank: Int, in shape: KernelShape
  ) -> [Int] {
    if band.isSkewed {
      let (steps, rows) = Self.blocksOfTime[rank]
      return [steps] + Array(repeating: rows, count: labels.count - 1)
    }
    let sides = library.blockSides(elementBytes: max(1, shape.elementBytes(in: labels[0])))
    let side = sides[min(rank, sides.count - 1)]
    return Array(repeating: side, count: labels.count)
  }

  /// Vectors along the loop with the smallest strides, where they are small; else copies of an outer
  /// loop.
  private func lanes(of coincident: [String]) -> Plan.Choice {
    { shape in
      let loops = coincident.compactMap { shape.loop("\($0).point") ?? shape.loop($0) }
        .filter { $0.isParallel && !$0.isVectorized }
      let costs = loops.map { library.strideCost(innermost: $0.label, in: shape) }
      guard let best = loops.indices.min(by: { costs[$0] < costs[$1] }) else { return nil }
      if costs[best] <= 0.5, let width = library.widths(of: loops[best], in: shape).first {
        return .vectorize(loops[best].label, width: width)
      }
      return loops.first { !shape.isInnermost($0.label) }
        .map { .onLoop("unroll_jam", $0.label, by: 4) }
    }
  }
}
