import IslBindings
public import KernelModel

extension Legality {
  /// Swapping two loops of a nest in which no statement stands between them.
  public func interchange(_ outer: LoopLabel, _ inner: LoopLabel) throws(Obstacle) {
    try widening([outer, inner]) { (region) throws(Obstacle) in
      let first = try loop(outer, in: region)
      let second = try loop(inner, in: region)
      try requireNested([first, second], in: region)
      try check(region, permuting([outer: inner, inner: outer], in: region), "interchange")
    }
  }

  /// Giving the loops of a nest, named in their present order, another order.
  public func permute(_ loops: [LoopLabel], to order: [LoopLabel]) throws(Obstacle) {
    guard let outermost = loops.first, loops.sorted() == order.sorted() else {
      throw Obstacle(reason: "the new order does not name the same loops")
    }
    let exchange = Dictionary(uniqueKeysWithValues: zip(loops, order))
    try widening([outermost]) { (region) throws(Obstacle) in
      var instances: [LoopInstance] = []
      for label in loops { instances.append(try loop(label, in: region)) }
      try requireNested(instances, in: region)
      try check(region, permuting(exchange, in: region), "this loop order")
    }
  }

  private func permuting(_ exchange: [LoopLabel: LoopLabel], in region: Region) -> Schedule {
    Schedule(
      times: region.dependences.originalTimes().mapValues { time in
        time.map { component in
          if case .position(let label) = component, let other = exchange[label] {
            return .position(other)
          }
          return component
        }
      })
  }

  /// Tiling a band: every statement stands in all of its loops, and they may be permuted freely.
  public func tile(_ band: [LoopLabel]) throws(Obstacle) {
    guard let outermost = band.first else { throw Obstacle(reason: "no loop is named") }
    try widening([outermost]) { (region) throws(Obstacle) in
      var instances: [LoopInstance] = []
      for label in band { instances.append(try loop(label, in: region)) }
      try requireNested(instances, in: region)
      try requireNoLiveIterators(in: region)
      try refuse(
        ask(region) { () throws(IslError) in
          try backward(instances, in: region, mayReorderReductions: true)
        }, in: region, "tiling")
    }
  }

  /// Dependences not carried outside the band that run backward in one of its loops.
  private func backward(
    _ band: [LoopInstance], in region: Region, mayReorderReductions: Bool
  ) throws(IslError) -> [DependenceRelation] {
    if band.count < 2 { return [] }
    var found: [DependenceRelation] = []
    for dependence in region.dependences.all {
      if mayReorderReductions, dependence.reduction?.isExactInAnyOrder == true { continue }
      if let outer = dependence.source.loops.firstIndex(of: band[0].id), dependence.level < outer {
        continue
      }
      for loop in band {
        guard let depth = dependence.source.loops.firstIndex(of: loop.id),
          depth < region.model.commonDepth(dependence.source, dependence.sink),
          depth > dependence.level
        else { continue }
        let tuples =
          region.model.tuple(dependence.source, "i") + " -> "
          + region.model.tuple(dependence.sink, "o")
        let backward = try region.model.relation("\(tuples) : o\(depth) < i\(depth)")
        if try !region.model.intersection(dependence.pairs, backward).isEmpty {
          found.append(dependence)
          break
        }
      }
    }
    return found
  }

  /// The longest run of loops, from this one inward, that may be tiled and permuted freely.
  public func permutableBand(from label: LoopLabel) throws(Obstacle) -> [LoopLabel] {
    guard let nest = function.body.loop(label)?.perfectNest.map(\.label) else {
      throw .noLoop(label)
    }
    for count in stride(from: nest.count, to: 1, by: -1) {
      let band = Array(nest.prefix(count))
      do throws(Obstacle) {
        try tile(band)
        return band
      } catch {
        continue
      }
    }
    return [label]
  }

  /// Running the loop backward.
  public func reverse(_ label: LoopLabel) throws(Obstacle) {
    try widening([label]) { (region) throws(Obstacle) in
      _ = try loop(label, in: region)
      let times = region.dependences.originalTimes().mapValues { time in
        time.map { $0 == .position(label) ? TimeExpression.scaled(-1, $0) : $0 }
      }
      try check(region, Schedule(times: times), "reversal")
    }
  }

  /// Replacing the inner iterator by itself plus `factor` times the outer one, to be interchanged or
  /// tiled; skewing alone never violates a dependence, so the test is that of the band after it.
  public func skewedTile(
    outer: LoopLabel, inner: LoopLabel, by factor: Int
  ) throws(Obstacle) {
    let region = try region(around: [outer])
    let instances = [try loop(outer, in: region), try loop(inner, in: region)]
    try requireNested(instances, in: region)
    for loop in instances where abs(loop.step) != 1 {
      throw Obstacle(
        reason: "loop \"\(loop.label)\" does not step by one", place: loop.origin)
    }
    let times = region.dependences.originalTimes().mapValues { time in
      time.map { component -> TimeExpression in
        switch component {
        case .position(outer):
          return .sum(.position(inner), .scaled(factor, .position(outer)))
        case .position(inner): return .position(outer)
        default: return component
        }
      }
    }
    try check(region, Schedule(times: times), "interchange after skewing")
  }

  /// Unrolling the loop by `count` and merging the copies of its inner loops. Copies of statements
  /// that stand together run copy by copy.
  ///
  /// With a lag the loop's body is one loop, which steps by one; every copy makes whole iterations of it, that
  /// many behind the copy before.
  public func unrollJam(_ label: LoopLabel, by count: Int, lag: Int = 0) throws(Obstacle) {
    try widening([label]) { (region) throws(Obstacle) in
      let target = try loop(label, in: region)
      try requireInvariantInnerBounds(target, in: region)
      let schedule =
        lag == 0
        ? jammed(target, count, in: region) : try lagged(target, count, lag, in: region)
      try check(region, schedule, "unroll-and-jam")
    }
  }

  private func lagged(
    _ target: LoopInstance, _ count: Int, _ lag: Int, in region: Region
  ) throws(Obstacle) -> Schedule {
    var times = region.dependences.originalTimes()
    for statement in region.statements(in: target) {
      guard let depth = statement.loops.firstIndex(of: target.id),
        let original = times[statement.index]
      else { continue }
      guard statement.loops.count > depth + 1 else {
        throw Obstacle(
          reason: "a statement stands in loop \"\(target.label)\" but in no loop inside",
          place: statement.source.origin)
      }
      for id in statement.loops[depth...].prefix(2) {
        let loop = region.model.loops[id]
        if abs(loop.step) != 1 {
          throw Obstacle(
            reason: "loop \"\(loop.label)\" does not step by one", place: loop.origin)
        }
      }
      let inner = 2 * (depth + 1)
      times[statement.index] =
        Array(original[..<(inner - 1)]) + [
          .block(target.label, size: count), original[inner],
          .sum(original[inner + 1], .scaled(lag, .position(target.label))),
          .position(target.label),
        ] + original[(inner + 2)...]
    }
    return Schedule(times: times)
  }

  private func jammed(_ target: LoopInstance, _ count: Int, in region: Region) -> Schedule {
    var times = region.dependences.originalTimes()
    for statement in region.statements(in: target) {
      guard let depth = statement.loops.firstIndex(of: target.id),
        let original = times[statement.index]
      else { continue }
      var time = Array(original[..<(2 * depth + 1)])
      time.append(.block(target.label, size: count))
      for inner in (depth + 1)..<max(depth + 1, statement.loops.count) {
        time.append(.constant(group(statement, inner, in: region)))
        time.append(original[2 * inner + 1])
      }
      time.append(.constant(group(statement, statement.loops.count, in: region)))
      time.append(.position(target.label))
      time.append(.constant(statement.positions[statement.loops.count]))
      times[statement.index] = time
    }
    return Schedule(times: times)
  }

  /// A number that statements standing together, without a loop between them, share.
  private func group(_ statement: PolyhedralStatement, _ depth: Int, in region: Region) -> Int {
    if statement.loops.count > depth { return 2 * statement.positions[depth] }
    let siblings = region.model.statements.filter {
      $0.loops.prefix(depth) == statement.loops.prefix(depth)
    }
    let own = statement.positions[depth]
    let loopsBefore = siblings.filter { $0.loops.count > depth && $0.positions[depth] < own }
    return (loopsBefore.map { 2 * $0.positions[depth] }.max() ?? -2) + 1
  }

  /// Executing `width` consecutive iterations in lockstep, statement by statement.
  public func vectorize(_ label: LoopLabel, width: Int) throws(Obstacle) {
    try widening([label]) { (region) throws(Obstacle) in
      let target = try loop(label, in: region)
      try requireInvariantInnerBounds(target, in: region)
      var times = region.dependences.originalTimes()
      for statement in region.statements(in: target) {
        times[statement.index] = times[statement.index]?.map {
          $0 == .position(label) ? .block(label, size: width) : $0
        }
      }
      try check(
        region, Schedule(times: times, runsInLockstep: true), "vectorization",
        mayReorderReductions: false)
    }
  }

  /// Executing the iterations in any order or at once.
  public func parallelize(_ label: LoopLabel) throws(Obstacle) {
    try widening([label]) { (region) throws(Obstacle) in
      let target = try loop(label, in: region)
      try requireNoLiveIterators(in: region)
      let carried = region.dependences.all.filter { dependence in
        guard let depth = dependence.source.loops.firstIndex(of: target.id) else { return false }
        return dependence.level == depth && dependence.sink.loops.contains(target.id)
      }
      try refuse(carried, in: region, "parallel execution")
    }
  }

  /// Whether no dependence is carried by the loop.
  public func isParallel(_ label: LoopLabel) -> Bool {
    do throws(Obstacle) {
      try parallelize(label)
      return true
    } catch {
      return false
    }
  }

  /// Reductions whose updates are the only dependences that the loop carries, by statement origin;
  /// throws when others are carried too.
  public func reductions(carriedBy label: LoopLabel) throws(Obstacle) -> [Dependence] {
    let region = try region(around: [label])
    let target = try loop(label, in: region)
    let depth = region.depth(of: target) ?? 0
    let carried = region.dependences.all.filter { $0.level == depth }
    try refuse(carried.filter { $0.reduction == nil }, in: region, "a reduction over \"\(label)\"")
    var seen: Set<Int> = []
    return carried.filter { $0.kind == .flow && seen.insert($0.source.index).inserted }
      .map(region.dependences.describe)
  }

  // MARK: Shape

  /// Every statement of the outermost loop stands in all of the loops.
  private func requireNested(_ loops: [LoopInstance], in region: Region) throws(Obstacle) {
    for (outer, inner) in zip(loops, loops.dropFirst()) {
      for statement in region.statements(in: outer) {
        guard let depth = statement.loops.firstIndex(of: outer.id),
          let below = statement.loops.firstIndex(of: inner.id), below > depth
        else {
          throw Obstacle(
            reason: "a statement stands in loop \"\(outer.label)\" but outside loop "
              + "\"\(inner.label)\"", place: statement.source.origin)
        }
      }
    }
  }

  /// Copies of an inner loop merge only when all run over the same iterations.
  private func requireInvariantInnerBounds(
    _ target: LoopInstance, in region: Region
  ) throws(Obstacle) {
    let inner = Set(
      region.statements(in: target).flatMap { statement -> [Int] in
        guard let depth = statement.loops.firstIndex(of: target.id) else { return [] }
        return Array(statement.loops[(depth + 1)...])
      })
    for id in inner.sorted() {
      let loop = region.model.loops[id]
      let mentions = loop.conditions.flatMap(\.polynomials) + [loop.value]
      if mentions.contains(where: { $0.atoms.contains(.iterator(target.id)) }) {
        throw Obstacle(
          reason: "the bounds of loop \"\(loop.label)\" depend on loop \"\(target.label)\"",
          place: loop.origin)
      }
    }
  }

  private func requireNoLiveIterators(in region: Region) throws(Obstacle) {
    let used = Set(region.model.statements.flatMap(\.loops))
    for loop in region.model.loops where used.contains(loop.id) && loop.isIteratorLive {
      throw .liveIterator(function[loop.variable].name, loop)
    }
  }
}
