import KernelModel

/// Calls on which memories lie over each other, or close to each other.
extension PointPlan {
  /// Overlaps at these sizes, since guards ask what overlaps where; the smallest first, where all shifts
  /// are tried.
  func guardedOverlaps(_ sizes: GuardedCalls.Answer) -> [CallPoint] {
    let plan = SizePlan(shape, factors: [], effort: effort, seed: seed)
    let ordered = (sizes.small + sizes.drawn + sizes.dense).enumerated().sorted {
      (plan.memory($0.element), $0.offset) < (plan.memory($1.element), $1.offset)
    }
    return ordered.flatMap { overlapping([$0.element], plan, Self.shifts, isDense: true) }
  }

  func overlapping(
    _ sizes: [SizePlan.Assignment], _ plan: SizePlan, _ shifts: [Int], isDense: Bool = false
  ) -> [CallPoint] {
    let rules = OverlapRules(shape)
    let pairs = rules.pairs
    let busy = sizes.filter { plan.memory($0) > 0 }
    guard !busy.isEmpty, !shape.switchedOff.contains(.overlaps) else { return [] }
    let steady = [busy[0], busy[busy.count / 3], busy[busy.count * 3 / 4]]
    let chosen =
      busy.count == 1 ? busy : effort == .full ? steady : [busy[busy.count * 2 / 3]]
    var result: [CallPoint] = []
    for (number, pair) in pairs.enumerated() {
      for (index, assignment) in chosen.enumerated() {
        for (step, shift) in self.shifts(pair, assignment, shifts, isDense: isDense).enumerated() {
          let overlap = CallPoint.Overlap(memory: pair.1, into: pair.0, shift: shift)
          result.append(
            CallPoint(
              sizes: assignment,
              valueClass: step % 3 == 2 ? .special : step % 3 == 1 ? .wide : .ordinary,
              placement: step % 2 == 0 ? .flushEnd : .shifted, overlaps: [overlap],
              seed: seed &+ UInt64(10_000 + number * 500 + index * 100 + step)))
        }
      }
    }
    let mixed = shifts.contains(0) && !isDense ? self.mixed(rules, busy) : []
    return result + allTogether(pairs, busy) + mixed
  }

  /// Overlaps of unlike memories, few for each pair.
  private func mixed(_ rules: OverlapRules, _ busy: [SizePlan.Assignment]) -> [CallPoint] {
    var result: [CallPoint] = []
    for (number, pair) in rules.mixed.enumerated() {
      // Small and middle sizes, of which the first may reach nothing.
      let chosen = [busy[busy.count * 2 / 3], busy[busy.count / 2]].first {
        !rules.shifts(pair, $0, limit: 1).isEmpty
      }
      guard let chosen else { continue }
      for (step, shift) in rules.shifts(pair, chosen, limit: effort == .full ? 8 : 3).enumerated() {
        let overlap = CallPoint.Overlap(memory: pair.1, into: pair.0, shift: shift)
        result.append(
          CallPoint(
            sizes: chosen, valueClass: step % 2 == 0 ? .ordinary : .wide,
            placement: step % 2 == 0 ? .flushEnd : .shifted, overlaps: [overlap],
            seed: seed &+ UInt64(50_000 + number * 100 + step)))
      }
    }
    return Array(result.prefix(effort == .full ? 48 : 12))
  }

  /// Every memory that may lies over the first: `f(x, x, x)`, `f(x, x + 1, x - 1)`.
  private func allTogether(_ pairs: [(Int, Int)], _ busy: [SizePlan.Assignment]) -> [CallPoint] {
    var result: [CallPoint] = []
    for base in Set(pairs.map(\.0)) {
      let others = pairs.filter { $0.0 == base }.map(\.1)
      guard others.count > 1 else { continue }
      let smallest = effort == .full ? [(busy[0], 0)] : []
      let steady = [0, 1, -1].map { (busy[busy.count * 2 / 3], $0) }
      for (sizes, step) in smallest + steady {
        let overlaps = others.enumerated().map { position, memory in
          let elements = position % 2 == 0 ? step : -step
          return CallPoint.Overlap(
            memory: memory, into: base, shift: elements * shape.memories[base].elementSize)
        }
        result.append(
          CallPoint(
            sizes: sizes, valueClass: .ordinary, placement: .flushEnd, overlaps: overlaps,
            seed: seed &+ UInt64(20_000 + base * 3 + (step + 3) % 3)))
      }
    }
    return result.sorted { $0.seed < $1.seed }
  }

  /// Shifts in bytes: the given ones, and those at which extents meet, half overlap or touch; densely all,
  /// where they are few, or some by chance.
  private func shifts(
    _ pair: (Int, Int), _ assignment: SizePlan.Assignment, _ elements: [Int], isDense: Bool
  ) -> [Int] {
    let (first, second) = (shape.memories[pair.0], shape.memories[pair.1])
    let own = shape.count(of: first, assignment) ?? 0
    let other = shape.count(of: second, assignment) ?? 0
    var result = effort == .full ? elements : Array(elements.prefix(5))
    if elements.contains(0) {
      result += [own / 2, -(other / 2), own - 1, 1 - other]
      if effort == .full { result += [own, -other] }
    }
    var useful = result.filter { $0 <= own && $0 >= -other }
    if elements.contains(0) { useful += neighbours(pair, own, other) }
    if isDense {
      var random = SeededRandom(seed, path: pair.0 * 64 + pair.1 + 180_000)
      let span = own + other + 1
      useful += span <= 240 ? Array(-other...own) : (0..<24).map { _ in random.below(span) - other }
    }
    var seen: Set<Int> = []
    return useful.filter { seen.insert($0).inserted }.map { $0 * first.elementSize }
  }

  /// Distances at which two memories lie apart, but in one allocation as parts of it do.
  private func neighbours(_ pair: (Int, Int), _ own: Int, _ other: Int) -> [Int] {
    guard effort == .full, !shape.switchedOff.contains(.neighbours) else { return [] }
    var random = SeededRandom(seed, path: pair.0 * 64 + pair.1)
    let (near, wide) = (1 + random.below(16), 17 + random.below(400))
    return [own + near, own + wide, -other - near, -other - wide]
  }
}
