import IslBindings

/// Claims about two values that are computed where they stand, or stood there before the call.
extension GraphEquivalence {
  func compare(_ mine: Value, _ theirs: Value, _ pairs: Relation) throws {
    switch (mine, theirs) {
    case (.input(let a), .input(let b)):
      guard a.name == b.name else {
        throw Unproved("the candidate takes '\(a.title)' where the original takes '\(b.title)'")
      }
      guard try pairs.isSubset(of: pairs.domain().identity()) else {
        throw Unproved("another cell of '\(a.title)' is taken")
      }
    case (.node(let first, let a), .node(let second, let b)):
      try compare(first, a, second, b, pairs)
    case (.node(_, let node), .input(let object)):
      throw Unproved(
        "the candidate computes \(node.title) where the original takes '\(object.title)'")
    case (.input(let object), .node(_, let node)):
      throw Unproved(
        "the candidate takes '\(object.title)' where the original computes \(node.title)")
    }
  }

  private func compare(
    _ first: Int, _ a: OperationNode, _ second: Int, _ b: OperationNode, _ pairs: Relation
  ) throws {
    guard a.type == b.type else {
      throw Unproved("the candidate computes \(a.title) where the original computes \(b.title)")
    }
    switch (a.kind, b.kind) {
    case (.constant(let x), .constant(let y)) where x == y: return
    case (.undefined, .undefined): return
    case (.integer(let x), .integer(let y)):
      try compareIntegers(first, x, second, y, pairs)
    case (.operation(let op, let x), .operation(let other, let y))
    where op == other && x.count == y.count:
      if op == .storeIf { try compareTargets(first, second, pairs) }
      try compareGuards(first, a, second, b, pairs)
      try compareOperands(op, first, x, second, y, pairs)
    default:
      throw Unproved("the candidate computes \(a.title) where the original computes \(b.title)")
    }
  }

  private func compareOperands(
    _ op: GraphOperator, _ first: Int, _ x: [OperationNode], _ second: Int, _ y: [OperationNode],
    _ pairs: Relation
  ) throws {
    func inOrder(_ order: [Int]) throws {
      for (position, other) in order.enumerated() {
        try prove(.node(first, x[position]), .node(second, y[other]), pairs)
      }
    }
    let order = Array(x.indices)
    guard op.commutes, x.count >= 2 else {
      try inOrder(order)
      return
    }
    do {
      try tentatively { try inOrder(order) }
    } catch let reason as Unproved {
      do {
        try inOrder([1, 0] + order.dropFirst(2))
      } catch is Unproved {
        throw reason
      }
    }
  }

  /// An operation that may be undefined stands under the conditions under which the original has it.
  private func compareGuards(
    _ first: Int, _ a: OperationNode, _ second: Int, _ b: OperationNode, _ pairs: Relation
  ) throws {
    guard a.isRisky || a.isCall, !b.guards.isEmpty else { return }
    guard a.guards.count == b.guards.count,
      zip(a.guards, b.guards).allSatisfy({ $0.1 == $1.1 })
    else { throw Unproved("\(a.title) stands under other conditions than the original's") }
    for ((mine, _), (theirs, _)) in zip(a.guards, b.guards) {
      try prove(.node(first, mine), .node(second, theirs), pairs)
    }
  }

  /// What is stored under conditions is stored to one cell.
  private func compareTargets(_ first: Int, _ second: Int, _ pairs: Relation) throws {
    let (a, b) = (candidate.program.statements[first], original.program.statements[second])
    let mine = try candidate.relation(a.target, in: a)
    let theirs = try original.relation(b.target, in: b)
    guard a.target.object.name == b.target.object.name,
      try pairs.isSubset(of: mine.composed(with: theirs.inverse()))
    else { throw Unproved("stores under conditions to different cells") }
  }

  private func compareIntegers(
    _ first: Int, _ x: SymbolicIndex, _ second: Int, _ y: SymbolicIndex, _ pairs: Relation
  ) throws {
    let monomials = Set(x.terms.keys).union(y.terms.keys)
      .sorted { $0.lexicographicallyPrecedes($1) }
    let zero = try space.constant(0)
    func values(_ index: SymbolicIndex, _ side: ReachingDefinitions, _ number: Int) throws
      -> Relation
    {
      let statement = side.program.statements[number]
      return try Relation.values(
        of: monomials.map { index.terms[$0] ?? zero }, over: statement.counters,
        source: statement.name, image: "value", space.context)
    }
    let same = try values(x, candidate, first).composed(
      with: values(y, original, second).inverse())
    guard try pairs.isSubset(of: same) else {
      throw Unproved("an integer that may differ: \(x.text) for \(y.text)")
    }
  }
}

extension OperationNode {
  var isCall: Bool {
    if case .operation(.call, _) = kind { true } else { false }
  }

  /// For messages.
  var title: String {
    switch kind {
    case .integer: "an integer of its sizes"
    case .constant: "a constant"
    case .operation(let op, _): "'\(op)' in \(type)"
    case .undefined: "nothing"
    default: "a value"
    }
  }
}
