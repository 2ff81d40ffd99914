import IslBindings
public import KernelModel

extension Legality {
  /// Merging the second loop into the first: iteration by iteration of equal iterator values, the
  /// first body before the second. Both must stand in one block; statements between them must not
  /// depend on the order, which is tested with the merged loop in the first one's place.
  ///
  /// That the headers agree is the caller's to see; with different bounds the test still holds for
  /// guarded bodies.
  ///
  /// - Parameter shift: how many iterations later the second body runs.
  public func fuse(
    _ first: LoopLabel, _ second: LoopLabel, shift: Int = 0
  ) throws(Obstacle) {
    let region = try region(around: [first, second])
    let a = try loop(first, in: region)
    let b = try loop(second, in: region)
    let firstStatements = region.statements(in: a)
    let secondStatements = region.statements(in: b)
    guard let depth = region.depth(of: a), depth == region.depth(of: b),
      let lead = firstStatements.first, let follower = secondStatements.first,
      lead.positions[depth] < follower.positions[depth],
      lead.loops.prefix(depth) == follower.loops.prefix(depth)
    else {
      throw Obstacle(
        reason: "loops \"\(first)\" and \"\(second)\" do not follow each other in one block")
    }
    let common = Polynomial(.unknown(-1))
    guard
      a.value.replacing(.iterator(a.id), with: common)
        == b.value.replacing(.iterator(b.id), with: common)
    else {
      throw Obstacle(
        reason: "loops \"\(first)\" and \"\(second)\" count in different ways", place: b.origin)
    }
    var times = region.dependences.originalTimes()
    let offset = (firstStatements.map { $0.positions[depth + 1] }.max() ?? 0) + 1
    for statement in secondStatements {
      guard var time = times[statement.index] else { continue }
      time[2 * depth] = .constant(lead.positions[depth])
      if shift != 0 { time[2 * depth + 1] = .sum(time[2 * depth + 1], .constant(shift)) }
      time[2 * depth + 2] = .constant(statement.positions[depth + 1] + offset)
      times[statement.index] = time
    }
    try check(region, Schedule(times: times), "fusion")
  }

  /// Splitting the loop into one loop per group of its body's statements, in the order of the
  /// groups. Groups hold positions in the body, counted over `Stmt.statements` of the loop's body;
  /// a declaration's position stands with the group that uses it.
  public func distribute(
    _ label: LoopLabel, into groups: [[Int]]
  ) throws(Obstacle) {
    let region = try region(around: [label])
    let target = try loop(label, in: region)
    let depth = region.depth(of: target) ?? 0
    let owners = try bodyPositions(label, in: region, depth)
    var groupOf: [Int: Int] = [:]
    for (number, group) in groups.enumerated() {
      for position in group { groupOf[position] = number }
    }
    var times = region.dependences.originalTimes()
    for statement in region.statements(in: target) {
      guard let owner = owners[statement.index], let group = groupOf[owner],
        var time = times[statement.index]
      else {
        throw Obstacle(
          reason: "the groups leave out a statement of loop \"\(label)\"",
          place: statement.source.origin)
      }
      time.insert(.constant(group), at: 2 * depth + 1)
      times[statement.index] = time
    }
    try requireNoSharedPrivates(label, groupOf, in: region)
    // All other statements of the region (there are none: the region is the loop) keep their times.
    try check(region, Schedule(times: times), "distribution")
  }

  /// The position in the loop's body of the child that holds each statement.
  private func bodyPositions(
    _ label: LoopLabel, in region: Region, _ depth: Int
  ) throws(Obstacle) -> [Int: Int] {
    guard let loop = function.body.loop(label) else { throw .noLoop(label) }
    var owners: [Int: Int] = [:]
    var next = 0
    let all = region.model.statements
    // Statements come in textual order, so each child owns the next run of them.
    for (position, child) in loop.body.statements.enumerated() {
      let count = try statementCount(of: child, from: next, in: all)
      for offset in 0..<count { owners[all[next + offset].index] = position }
      next += count
    }
    return owners
  }

  private func statementCount(
    of child: Stmt, from next: Int, in all: [PolyhedralStatement]
  ) throws(Obstacle) -> Int {
    var count = 0
    while next + count < all.count, child.contains(where: { $0 == all[next + count].source }) {
      count += 1
      if child == all[next + count - 1].source { break }
    }
    return count
  }

  /// A variable declared in the body serves one iteration; split apart, its value would be lost.
  private func requireNoSharedPrivates(
    _ label: LoopLabel, _ groupOf: [Int: Int], in region: Region
  ) throws(Obstacle) {
    guard let loop = function.body.loop(label) else { throw .noLoop(label) }
    let children = loop.body.statements
    for (position, child) in children.enumerated() {
      guard case .declaration(let declarators) = child.kind else { continue }
      for declarator in declarators {
        for (other, user) in children.enumerated()
        where other != position && user.mentionedVariables.contains(declarator.variable)
          && groupOf[other] != groupOf[position]
        {
          throw Obstacle(
            reason: "\"\(function[declarator.variable].name)\" is declared in the body and used in "
              + "another group; it needs expansion", place: user.origin)
        }
      }
    }
  }
}

extension Legality {
  /// Making the work of `loop` in a copy of the loops from `nest` inward, before all other work of these.
  ///
  /// - Parameter privates: variables of which each iteration around the loop gets one of its own that
  ///   outlives it, so that no dependence on them counts.
  public func setApart(
    _ label: LoopLabel, from nest: LoopLabel, ignoring privates: Set<VariableID>
  ) throws(Obstacle) {
    try widening([nest]) { (region) throws(Obstacle) in
      let outer = try loop(nest, in: region)
      let inner = try loop(label, in: region)
      let depth = region.depth(of: outer) ?? 0
      var times = region.dependences.originalTimes()
      for statement in region.statements(in: outer) {
        let group = statement.loops.contains(inner.id) ? 0 : 1
        times[statement.index]?.insert(.constant(group), at: 2 * depth + 1)
      }
      try check(region, Schedule(times: times), "setting the loop apart") { dependence in
        guard case .variable(let variable) = dependence.sourceAccess.location.object else {
          return false
        }
        return privates.contains(variable)
      }
    }
  }
}
