import IslBindings
public import KernelModel

extension Legality {
  /// The order that isl's scheduler proposes for the smallest part of the tree that holds the loops:
  /// its times are functions of positions, which grow by one in each iteration.
  ///
  /// It keeps every dependence but those between updates of one accumulator that may come in any
  /// order. Whether passes can bring it about is theirs to say. Throws when a region has more
  /// statements than can be scheduled in reasonable time, and when isl gives up.
  public func schedule(
    around labels: [LoopLabel], fusion: ScheduleTree.Fusion
  ) throws(Obstacle) -> ScheduleTree {
    let region = try region(around: labels)
    guard region.model.statements.count <= Scheduler.mostStatements else {
      throw Obstacle(reason: "the region has too many statements for a schedule to be computed")
    }
    return try ask(region) { () throws(IslError) in
      try region.model.context.limited(to: min(Scheduler.mostOperations, operationLimit)) {
        () throws(IslError) in try Scheduler(region: region).tree(fusion)
      }
    }
  }
}

/// Asks isl for a new order of a region.
struct Scheduler {
  /// The unknowns of isl's linear programs grow with the statements, their time much faster.
  static let mostStatements = 24
  /// isl's elementary operations for one schedule.
  static let mostOperations = 10_000_000

  let region: Region

  private var model: PolyhedralModel { region.model }

  func tree(_ fusion: ScheduleTree.Fusion) throws(IslError) -> ScheduleTree {
    let root = try constraints().schedule(separatesComponents: fusion == .minimal)
    return ScheduleTree(
      fusion: fusion, statements: model.statements.map(region.dependences.reference),
      loops: countings(), root: try node(root, model.statements.map(\.index)))
  }

  // MARK: To isl

  private func name(_ statement: Int) -> String { "S\(statement)" }

  private func constraints() throws(IslError) -> ScheduleConstraints {
    var domain = try UnionSet(model.context, parsing: "{ }")
    for statement in model.statements {
      let instances = try model.domain(statement).named(name(statement.index))
      domain = try domain.union(UnionSet(instances))
    }
    let all = try pairs { _ in true }
    let fixed = try pairs { $0.reduction?.isExactInAnyOrder != true }
    return ScheduleConstraints(domain: domain, validity: fixed, coincidence: all, proximity: all)
  }

  private func pairs(
    _ isWanted: (DependenceRelation) -> Bool
  ) throws(IslError) -> UnionRelation {
    var sum = try UnionRelation(model.context, parsing: "{ }")
    var seen: Set<[AnyHashable]> = []
    for dependence in region.dependences.all where isWanted(dependence) {
      let (from, to) = (dependence.from.statement, dependence.to.statement)
      let key: [AnyHashable] = [from, to, ObjectIdentifier(dependence.pairs.relation)]
      guard seen.insert(key).inserted else { continue }
      let named = try dependence.pairs.relation.named(name(from), name(to))
      sum = try sum.union(UnionRelation(named))
    }
    return try sum.coalesced()
  }

  /// Loops by how they count: positions that begin and end alike make one range.
  private func countings() -> [LoopLabel: ScheduleTree.Counting] {
    var ranges: [[Polynomial]] = []
    var result: [LoopLabel: ScheduleTree.Counting] = [:]
    let used = Set(model.statements.flatMap(\.loops))
    for loop in model.loops where used.contains(loop.id) {
      // A loop of which the end is not known is like no other.
      let ends = loop.end.map { [loop.start, $0] } ?? [loop.position]
      let range = ranges.firstIndex(of: ends) ?? ranges.count
      if range == ranges.count { ranges.append(ends) }
      result[loop.label] = ScheduleTree.Counting(step: loop.step, range: range)
    }
    return result
  }

  // MARK: From isl

  private func node(
    _ node: ScheduleNode, _ statements: [Int]
  ) throws(IslError) -> ScheduleTree.Node {
    let kind = try node.kind()
    switch kind {
    case .leaf: return .leaf
    case .domain, .filter:
      guard let child = try node.children().first else { return .leaf }
      return try self.node(child, statements)
    case .sequence, .set:
      var parts: [ScheduleTree.Part] = []
      for child in try node.children() {
        let own = Set(try child.filter().parts().compactMap(\.tupleName))
        let kept = statements.filter { own.contains(name($0)) }
        parts.append(ScheduleTree.Part(statements: kept, node: try self.node(child, kept)))
      }
      return .sequence(parts, isOrdered: kind == .sequence)
    case .band: return .band(try band(node, statements))
    case .unsupported: throw .failed("a schedule holds a node of an unknown kind")
    }
  }

  private func band(
    _ node: ScheduleNode, _ statements: [Int]
  ) throws(IslError) -> ScheduleTree.Band {
    var members: [ScheduleTree.Member] = []
    for position in 0..<(try node.memberCount()) {
      var times: [Int: ScheduleTree.AffineTime?] = [:]
      let functions = try node.times(member: position)
      for statement in statements {
        guard let own = functions.first(where: { $0.tupleName == name(statement) }) else {
          continue
        }
        times.updateValue(try time(own), forKey: statement)
      }
      members.append(
        ScheduleTree.Member(
          times: times, isCoincident: try node.isCoincident(member: position)))
    }
    let child = try node.children().first
    return ScheduleTree.Band(
      members: members, isPermutable: try node.isPermutable(),
      inner: try child.map { child throws(IslError) in try self.node(child, statements) } ?? .leaf)
  }

  private func time(_ function: PiecewiseAffine) throws(IslError) -> ScheduleTree.AffineTime? {
    let pieces = try function.pieces()
    guard pieces.count == 1, let piece = pieces.first, piece.denominator == 1,
      !piece.hasDivisions
    else { return nil }
    return ScheduleTree.AffineTime(
      coefficients: piece.dimensions, constant: piece.constant, parameters: piece.parameters)
  }
}
