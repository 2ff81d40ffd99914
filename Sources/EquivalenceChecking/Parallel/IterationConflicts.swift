import IslBindings

/// Pairs of accesses in different iterations of a parallel loop.
struct IterationConflicts {
  let program: AffineProgram
  let definitions: ReachingDefinitions
  let space: ParameterSpace

  /// An object of which one iteration may store to a cell that another one touches; nil for none.
  func object(in loop: ParallelLoop) throws -> MemoryObject? {
    var objects: [ObjectIdentifier: MemoryObject] = [:]
    var stored: [ObjectIdentifier: Relation] = [:]
    var touched: [ObjectIdentifier: Relation] = [:]
    let inside = program.statements.filter { $0.counters.contains(loop.counter) }
    for statement in inside where isShared(statement.target.object, loop) {
      let key = ObjectIdentifier(statement.target.object)
      objects[key] = statement.target.object
      try add(statement.target, statement, loop, to: &stored[key])
    }
    for statement in inside {
      for access in statement.reads where objects[ObjectIdentifier(access.object)] != nil {
        // What a condition of data keeps is the cell that is stored to.
        if !access.isKept {
          try add(access, statement, loop, to: &touched[ObjectIdentifier(access.object)])
        }
      }
    }
    for key in objects.keys.sorted(by: { objects[$0]?.name ?? "" < objects[$1]?.name ?? "" }) {
      guard let own = stored[key] else { continue }
      let all = try touched[key].map { try own.union($0).coalesced() } ?? own
      let pairs = try own.composed(with: all.inverse()).intersection(apart(loop))
      if try !pairs.intersectingParameters(space.known).isEmpty() { return objects[key] }
    }
    return nil
  }

  private func isShared(_ object: MemoryObject, _ loop: ParallelLoop) -> Bool {
    object !== loop.iterator && !object.counters.contains(loop.counter)
  }

  /// Adds the relation from iterations of the loop, with those around it, to the cells of an access.
  private func add(
    _ access: CellAccess, _ statement: AffineStatement, _ loop: ParallelLoop,
    to relation: inout Relation?
  ) throws {
    let counters = statement.counters
    guard Array(counters.prefix(loop.outer.count + 1)) == loop.outer + [loop.counter] else {
      throw Unproved("a statement that stands in other loops than its own")
    }
    let iteration = counters.prefix(loop.outer.count + 1).joined(separator: ", ")
    let project = try Relation(
      space.context,
      parsing: "{ \(statement.name)[\(counters.joined(separator: ", "))] -> it[\(iteration)] }")
    let cells = try definitions.relation(access, in: statement).changingDomain(by: project)
    relation = try relation?.union(cells).coalesced() ?? cells
  }

  /// Two iterations of the loop in one iteration of the loops around it.
  private func apart(_ loop: ParallelLoop) throws -> Relation {
    let outer = loop.outer.indices
    let first = outer.map { "a\($0)" } + ["a"]
    let second = outer.map { "b\($0)" } + ["b"]
    let same = outer.map { "a\($0) = b\($0) and " }.joined()
    let names = (first.joined(separator: ", "), second.joined(separator: ", "))
    return try Relation(
      space.context,
      parsing: "{ it[\(names.0)] -> it[\(names.1)] : \(same)(a < b or a > b) }")
  }
}
