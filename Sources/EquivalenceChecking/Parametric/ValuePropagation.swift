import IslBindings

/// Claims carried to where a value was computed: along flow dependences, choices and masks.
extension GraphEquivalence {
  /// Carries a claim on to where either value was computed; compares them where both are.
  func examine(_ mine: Value, _ theirs: Value, _ pairs: Relation) throws {
    if case .node(let number, let node) = mine {
      if candidate.program.statements[number].value === node {
        try cover(number, pairs.domain())
      }
      let next = try step(node, number, candidate) { set in
        try pairs.restricted(toDomain: set)
      } along: { relation in
        try pairs.changingDomain(by: relation)
      }
      if let next {
        for (value, pairs) in next { try prove(value, theirs, pairs) }
        return
      }
    }
    if case .node(let number, let node) = theirs {
      let next = try step(node, number, original) { set in
        try pairs.restricted(toRange: set)
      } along: { relation in
        try pairs.composed(with: relation)
      }
      if let next {
        for (value, pairs) in next { try prove(mine, value, pairs) }
        return
      }
    }
    try compare(mine, theirs, pairs)
  }

  /// Where the value of a node is one that was computed elsewhere, those values with the pairs that
  /// are left for each; nil where the node computes it.
  private func step(
    _ node: OperationNode, _ number: Int, _ side: ReachingDefinitions,
    inside: (IntegerSet) throws -> Relation, along: (Relation) throws -> Relation
  ) throws -> [(Value, Relation)]? {
    let statement = side.program.statements[number]
    switch node.kind {
    case .definition(let writer):
      let source = side.program.statements[writer]
      return [(.node(writer, source.value), try along(prefix(statement, source)))]
    case .read(let access):
      let sources = try side.sources(of: node, access, in: statement)
      var next: [(Value, Relation)] = []
      for (writer, relation) in sources.writers {
        next.append((.node(writer, side.program.statements[writer].value), try along(relation)))
      }
      let initial = try along(sources.initial)
      if try !initial.isEmpty() {
        guard access.object.isExternal else {
          throw Unproved("'\(access.object.title)' is read before anything is stored to it")
        }
        next.append((.input(access.object), initial))
      }
      return next
    case .choice(let set, let a, let b):
      let chosen = try set.vectors(of: statement.counters, named: statement.name)
      let rest = try side.instances(of: statement).subtracting(chosen)
      return [(.node(number, a), try inside(chosen)), (.node(number, b), try inside(rest))]
    case .operation(.maskTruth, let operands):
      return try truth(of: operands[0], number, side, along)
    default: return nil
    }
  }

  /// The truth value that a mask was made of.
  private func truth(
    of mask: OperationNode, _ number: Int, _ side: ReachingDefinitions,
    _ along: (Relation) throws -> Relation
  ) throws -> [(Value, Relation)]? {
    let statement = side.program.statements[number]
    var (node, place) = (mask, statement)
    var whole = try prefix(statement, statement)
    while case .definition(let writer) = node.kind {
      let source = side.program.statements[writer]
      whole = try whole.composed(with: prefix(place, source))
      (node, place) = (source.value, source)
    }
    guard case .operation(.mask, let operands) = node.kind else { return nil }
    return [(.node(place.number, operands[0]), try along(whole))]
  }

  /// From a statement's instances to those of an earlier one in the same iterations.
  private func prefix(_ statement: AffineStatement, _ source: AffineStatement) throws -> Relation {
    guard source.counters.count <= statement.counters.count,
      Array(statement.counters.prefix(source.counters.count)) == source.counters
    else { throw Unproved("a value of another loop") }
    let all = statement.counters.joined(separator: ", ")
    let own = source.counters.joined(separator: ", ")
    return try Relation(
      space.context, parsing: "{ \(statement.name)[\(all)] -> \(source.name)[\(own)] }")
  }
}
