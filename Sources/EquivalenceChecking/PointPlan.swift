import KernelModel

/// Chooses the points of an examination: sizes, crossed with contents, placements, the overlaps that
/// C allows, and null pointers.
///
/// Points that do not depend on the candidate come first, so that what the original does on them is
/// known from one candidate to the next.
struct PointPlan {
  let shape: InputShape
  let effort: Effort
  let seed: UInt64

  init(_ shape: InputShape, effort: Effort, seed: UInt64) {
    self.shape = shape
    self.effort = effort
    self.seed = seed
  }

  /// Points of every candidate.
  func common() -> [CallPoint] {
    let plan = SizePlan(shape, factors: [], effort: effort, seed: seed)
    let sizes = plan.assignments(limit: effort == .full ? 70 : 14)
    return points(sizes, plan, shifts: Self.shifts) + smallContents(sizes, plan)
      + steeredContents(plan) + extremes(plan) + nullPointers(sizes, plan)
  }

  /// Every class of contents several times where data that the contract bounds say how long loops
  /// are: a call has few loops of a given length then, and none where chance does not want it.
  private func steeredContents(_ plan: SizePlan) -> [CallPoint] {
    guard effort == .full,
      shape.memories.contains(where: { shape.contract.boundsContents(of: $0.path) })
    else { return [] }
    let bases = bases(plan)
    let all = bases.dropFirst().enumerated().flatMap { index, assignment in
      ValueClass.general.enumerated().map { number, valueClass in
        CallPoint(
          sizes: assignment, valueClass: valueClass, placement: .flushEnd,
          seed: seed &+ UInt64(160_000 + index * 16 + number))
      }
    }
    let alone = focuses.enumerated().flatMap { index, focus in
      (0..<4).map { round in
        CallPoint(
          sizes: bases[bases.count - 1 - round % min(2, bases.count)],
          valueClass: round < 3 ? .tiny : .negativeZeros, placement: .flushEnd, focus: focus,
          seed: seed &+ UInt64(165_000 + index * 4 + round))
      }
    }
    return all + alone
  }

  /// Memories of floating values that are read, of which one alone may hold what is looked for.
  private var focuses: [Int] {
    let found = shape.memories.indices.filter {
      let memory = shape.memories[$0]
      return memory.isConst && memory.element.floatingType != nil
    }
    return Array(found.prefix(4))
  }

  /// Many contents at the smallest sizes, where each order of a few values has its turn: what a branch on
  /// data does for one of them alone is seen there first.
  private func smallContents(_ sizes: [SizePlan.Assignment], _ plan: SizePlan) -> [CallPoint] {
    guard effort == .full else { return [] }
    let busy = sizes.filter { plan.memory($0) > 0 && $0.values.allSatisfy { $0 > 0 } }
    return busy.prefix(8).enumerated().flatMap { index, assignment in
      (0..<6).map { draw in
        CallPoint(
          sizes: assignment,
          valueClass: [.ordinary, .wide, .ordinary, .ties, .adjacent, .few][draw],
          placement: .flushEnd, seed: seed &+ UInt64(150_000 + index * 8 + draw))
      }
    }
  }

  /// Null where the original asks for it: each such pointer by itself, then all together.
  private func nullPointers(_ sizes: [SizePlan.Assignment], _ plan: SizePlan) -> [CallPoint] {
    let tested = shape.nullTested
    guard effort == .full, !tested.isEmpty, !shape.switchedOff.contains(.nullPointers) else {
      return []
    }
    let sets = tested.map { Set([$0]) } + (tested.count > 1 ? [Set(tested)] : [])
    let busy = sizes.filter { plan.memory($0) > 0 }
    let steady =
      busy.isEmpty
      ? [] : [0, 1, busy.count / 3, busy.count * 2 / 3].map { busy[min($0, busy.count - 1)] }
    var seen: Set<SizePlan.Assignment> = []
    let chosen = (sizes.prefix(1) + steady).filter { seen.insert($0).inserted }
    return sets.enumerated().flatMap { number, nulls in
      chosen.enumerated().map { index, assignment in
        CallPoint(
          sizes: assignment, valueClass: .ordinary, placement: .flushEnd, nulls: nulls,
          seed: seed &+ UInt64(60_000 + number * 8 + index))
      }
    }
  }

  /// Sizes at the ends of their types; a first look does without.
  private func extremes(_ plan: SizePlan) -> [CallPoint] {
    guard effort == .full, !shape.switchedOff.contains(.extremeSizes) else { return [] }
    return plan.extremes().enumerated().map { index, assignment in
      CallPoint(
        sizes: assignment, valueClass: .ordinary, placement: .flushEnd,
        seed: seed &+ UInt64(40_000 + index))
    }
  }

  /// Calls on which several loops of one candidate are in their second blocks at once.
  func joint(_ steps: [ObjectPath: Int], factors: [Int]) -> [CallPoint] {
    guard effort == .full, !shape.switchedOff.contains(.jointBlocks) else { return [] }
    let plan = SizePlan(shape, factors: factors, effort: effort, seed: seed)
    // A number in the text that no loop goes by may be a block all the same.
    let fallback = factors.filter { $0 <= 512 }.max() ?? 1
    return plan.joint(steps, fallback: fallback).enumerated().map { index, assignment in
      CallPoint(
        sizes: assignment, valueClass: .ordinary, placement: .flushEnd,
        seed: seed &+ UInt64(185_000 + index))
    }
  }

  /// Points around the block factors of one candidate.
  func specific(to factors: [Int]) -> [CallPoint] {
    guard !factors.isEmpty, !shape.switchedOff.contains(.blockSizes) else { return [] }
    let known = Set(
      SizePlan(shape, factors: [], effort: effort, seed: seed)
        .assignments(limit: effort == .full ? 70 : 14))
    let plan = SizePlan(shape, factors: factors, effort: effort, seed: seed)
    // Every input meets every factor.
    let limit = effort == .full ? max(150, plan.singleVariations) : 30
    let sizes = plan.assignments(limit: limit).filter { !known.contains($0) }
    let lags = factors.filter { $0 <= 512 }.flatMap { [$0 - 1, $0, $0 + 1, -$0 + 1, -$0, -$0 - 1] }
    return points(sizes, plan, shifts: lags.filter { !Self.shifts.contains($0) })
  }

  /// Contents at sizes that pass guards of the candidate's text.
  func guarded(_ sizes: GuardedCalls.Answer) -> [CallPoint] {
    (sizes.small + sizes.drawn).enumerated().map { index, assignment in
      CallPoint(
        sizes: assignment, valueClass: index % 3 == 2 ? .wide : .ordinary,
        placement: index % 2 == 0 ? .flushEnd : .shifted, seed: seed &+ UInt64(170_000 + index))
    }
  }

  /// Each scalar that is no size at each value at which it may matter, over ordinary and extreme
  /// contents.
  func scalarSweep(constants: [Int]) -> [CallPoint] {
    let plan = SizePlan(shape, factors: [], effort: effort, seed: seed)
    // Enough elements that an extreme is among them, few enough to be cheap.
    let base = self.base(plan)
    var result: [CallPoint] = []
    guard !shape.switchedOff.contains(.scalarSweep) else { return [] }
    for scalar in shape.scalars where !scalar.isSize {
      guard let type = scalar.type.integer else { continue }
      let near = constants.flatMap { [$0, $0 &+ 1, 0 &- $0] }.filter { type.holds($0) }
      var random = SeededRandom(seed, path: 30_000)
      let drawn = (0..<16).map { _ in random.below(80) }
      let all = Set(near.prefix(36) + ValueSource.edges(type) + drawn).sorted()
      let values = effort == .full ? all : [0, 1, 2, 3].filter(type.holds)
      for (index, value) in values.enumerated() {
        for (offset, valueClass) in [ValueClass.ordinary, .extremes].enumerated() {
          result.append(
            CallPoint(
              sizes: base, valueClass: valueClass, placement: .flushEnd,
              scalars: [scalar.path: value],
              seed: seed &+ UInt64(30_000 + index * 2 + offset)))
        }
      }
    }
    return result
  }

  /// Sizes on which every loop runs, with few enough elements to be cheap.
  private func base(_ plan: SizePlan) -> SizePlan.Assignment {
    let small = plan.assignments(limit: 70).filter { plan.memory($0) <= 4096 }
    return small.last { $0.values.allSatisfy { $0 > 0 } } ?? small.last ?? [:]
  }

  /// Several such sizes: those of which the least is greatest, so that every loop has blocks and a remainder,
  /// and large ones, so that inner loops are long where data say how long.
  private func bases(_ plan: SizePlan) -> [SizePlan.Assignment] {
    let busy = plan.assignments(limit: 150).filter {
      plan.memory($0) <= 1 << 14 && ($0.values.min() ?? 1) > 0
    }
    let even = busy.enumerated().sorted {
      ($0.element.values.min() ?? 0, $0.offset) > ($1.element.values.min() ?? 0, $1.offset)
    }
    let large = busy.filter { ($0.values.min() ?? 2) > 1 }
    var seen: Set<SizePlan.Assignment> = []
    return ([base(plan)] + even.prefix(2).map(\.element) + large.suffix(2))
      .filter { seen.insert($0).inserted }
  }

  /// Contents, scalars and sizes that the candidate's text names.
  func named(_ constants: NamedValues) -> [CallPoint] {
    guard effort == .full else { return [] }
    let plan = SizePlan(shape, factors: [], effort: effort, seed: seed)
    var result: [CallPoint] = []
    if !constants.values.isEmpty, !shape.switchedOff.contains(.namedValues) {
      let bases = bases(plan)
      let values = constants.values
      let groups = stride(from: 0, to: values.count, by: 24).map {
        Array(values[$0..<min($0 + 24, values.count)])
      }
      let focuses = focuses
      let rounds = focuses.isEmpty ? 0 : min(focuses.count * values.count, 48)
      for round in 0..<rounds {
        result.append(
          CallPoint(
            sizes: bases[bases.count - 1 - round % min(2, bases.count)], valueClass: .ordinary,
            placement: .flushEnd, named: [values[round / focuses.count % values.count]],
            focus: focuses[round % focuses.count], seed: seed &+ UInt64(75_000 + round)))
      }
      for round in 0..<2 * groups.count * min(2, bases.count) + 8
      where shape.memories.contains(where: { $0.element.floatingType != nil }) {
        result.append(
          CallPoint(
            sizes: bases[round % bases.count], valueClass: .ordinary, placement: .flushEnd,
            named: groups[round % groups.count], holdsNamedAlone: true,
            seed: seed &+ UInt64(78_000 + round)))
      }
      for round in 0..<2 * max(8, min(2 * values.count, 24)) {
        result.append(
          CallPoint(
            sizes: bases[round % bases.count], valueClass: .ordinary, placement: .flushEnd,
            named: groups[round / bases.count % groups.count],
            seed: seed &+ UInt64(70_000 + round)))
      }
    }
    guard !shape.switchedOff.contains(.farSizes) else { return result }
    for sizes in constants.far.flatMap({ plan.far($0) }) {
      result.append(
        CallPoint(
          sizes: sizes, valueClass: .ordinary, placement: .flushEnd,
          seed: seed &+ UInt64(80_000 + result.count)))
    }
    return result
  }

  /// Sizes of real use, on ordinary contents, and on equal ones, so that what is counted is large.
  func vast() -> [CallPoint] {
    guard effort == .full, !shape.switchedOff.contains(.vastSizes) else { return [] }
    let plan = SizePlan(shape, factors: [], effort: effort, seed: seed)
    return plan.vast().enumerated().flatMap { index, sizes in
      [ValueClass.ordinary, .zeros, .negativeZeros].enumerated().map { number, valueClass in
        CallPoint(
          sizes: sizes, valueClass: valueClass, placement: .flushEnd,
          seed: seed &+ UInt64(95_000 + 3 * index + number))
      }
    }
  }

  /// Contents on which sums lose most of their bits.
  func illConditioned() -> [CallPoint] {
    let plan = SizePlan(shape, factors: [], effort: effort, seed: seed)
    let busy = plan.assignments(limit: effort == .full ? 40 : 10).filter { plan.memory($0) > 0 }
    return busy.enumerated().flatMap { index, sizes in
      [ValueClass.cancelling, .close, .wide].enumerated().map { offset, valueClass in
        CallPoint(
          sizes: sizes, valueClass: valueClass, placement: .flushEnd,
          seed: seed &+ UInt64(90_000 + index * 3 + offset))
      }
    }
  }

  static let shifts = [0, 1, -1, 2, -2, 3, -3, 4, -4, 7, -8]

  private func points(_ sizes: [SizePlan.Assignment], _ plan: SizePlan, shifts: [Int])
    -> [CallPoint]
  {
    var result: [CallPoint] = []
    let classes = ValueClass.general
    let placements = CallPoint.Placement.allCases
    for (index, assignment) in sizes.enumerated() {
      result.append(
        CallPoint(
          sizes: assignment, valueClass: classes[index % classes.count],
          placement: placements[(index / classes.count + index) % placements.count],
          seed: seed &+ UInt64(index)))
    }
    let regular = sizes.filter(plan.isRegular)
    for (index, assignment) in representative(regular, plan).enumerated() {
      let chosen = effort == .full ? classes : [.ordinary, .special, .negativeZeros]
      for (offset, valueClass) in chosen.enumerated() {
        result.append(
          CallPoint(
            sizes: assignment, valueClass: valueClass,
            placement: placements[(index + offset) % placements.count],
            seed: seed &+ UInt64(1000 + index * 8 + offset)))
      }
    }
    return result + overlapping(regular, plan, shifts)
  }

  /// The smallest, middle and the largest sizes: steady states of every loop.
  private func representative(_ sizes: [SizePlan.Assignment], _ plan: SizePlan)
    -> [SizePlan.Assignment]
  {
    let busy = sizes.filter { plan.memory($0) > 0 }
    guard let last = busy.last else { return Array(sizes.suffix(1)) }
    guard effort == .full, busy.count > 4 else { return [busy[busy.count / 2]] }
    return [busy[0], busy[1], busy[busy.count / 3], busy[busy.count * 2 / 3], last]
  }
}
