import IslBindings

/// Equality of two dependence graphs for all sizes.
///
/// Claims are pairs (value of the candidate, value of the original) with a relation between the
/// instances that compute them. A claim about two operations holds when the operators are the same
/// and the claims about their operands hold; a read is the claim about the values that were stored
/// last; two reads of what stood there before the call are equal when the cells are. A claim that
/// was made before need not be proved again: every operand is computed, and every value stored,
/// before it is used, so that among all false claims one would be first. Recurrences are closed by
/// making the claim for the affine hull of the pairs seen so far, which must then reproduce itself.
///
/// Source: Verdoolaege, Janssens and Bruynooghe, "Equivalence checking of static affine programs
/// using widening to handle recurrences" (TOPLAS 34(3), 2012).
final class GraphEquivalence {
  /// A value: a node of a statement, or what a cell holds before the call.
  enum Value {
    case node(Int, OperationNode)
    case input(MemoryObject)
  }

  struct Key: Hashable {
    var candidate: ObjectIdentifier
    var original: ObjectIdentifier
  }

  let candidate: ReachingDefinitions
  let original: ReachingDefinitions
  let space: ParameterSpace
  /// Claims made, as pairs of instances.
  private(set) var claims: [Key: Relation] = [:]
  /// Instances of the candidate's statements whose value has been claimed equal to something.
  private(set) var covered: [Int: IntegerSet] = [:]
  private var active: [Key: Int] = [:]
  private var identities: [ObjectIdentifier: Relation] = [:]
  private var leaves: [ObjectIdentifier: Relation] = [:]
  private var depth = 0

  init(candidate: ReachingDefinitions, original: ReachingDefinitions, space: ParameterSpace) {
    self.candidate = candidate
    self.original = original
    self.space = space
  }

  /// Proves that every cell of an object is last stored to with equal values; the sets of cells are
  /// compared, too.
  func prove(_ mine: MemoryObject?, _ theirs: MemoryObject?, title: String) throws {
    let own = try mine.flatMap { try candidate.last($0) }
    let other = try theirs.flatMap { try original.last($0) }
    guard let own, let other else {
      if own == nil, other == nil { return }
      throw Unproved("'\(title)' is stored to by one of the two only")
    }
    let (a, b) = (try cells(own), try cells(other))
    guard try isSame(a, b) else {
      throw Unproved("the cells of '\(title)' that are stored to may differ")
    }
    for (first, writes) in own.writers {
      for (second, reads) in other.writers {
        let pairs = try reads.changingDomain(by: writes)
        try prove(
          .node(first, candidate.program.statements[first].value),
          .node(second, original.program.statements[second].value), pairs)
      }
    }
  }

  private func isSame(_ a: IntegerSet, _ b: IntegerSet) throws -> Bool {
    if try a.isEqual(to: b) { return true }
    let (x, y) = (
      try a.intersectingParameters(space.known), try b.intersectingParameters(space.known)
    )
    return try x.isEqual(to: y)
  }

  private func cells(_ sources: ReachingDefinitions.Sources) throws -> IntegerSet {
    var all = try sources.initial.domain()
    for (_, relation) in sources.writers { all = try all.union(relation.domain()) }
    return all
  }

  // MARK: claims

  private func prove(_ mine: Value, _ theirs: Value, _ pairs: Relation) throws {
    if try pairs.isEmpty() { return }
    depth += 1
    defer { depth -= 1 }
    guard depth < 400 else { throw Unproved("a chain of operations that is too long") }
    guard let key = key(mine, theirs) else {
      try examine(mine, theirs, pairs)
      return
    }
    let known = claims[key]
    let fresh = try known.map { try pairs.subtracting($0).coalesced() } ?? pairs.coalesced()
    if try fresh.isEmpty() { return }
    if active[key, default: 0] > 0, let known {
      let (before, coveredBefore) = (claims, covered)
      for hull in try hulls(known.union(fresh), mine, theirs) {
        do {
          try claim(key, known, hull, mine, theirs)
          return
        } catch is Unproved {
          (claims, covered) = (before, coveredBefore)
        }
      }
      guard active[key, default: 0] < 4 else {
        throw Unproved("a recurrence that widening does not close")
      }
    }
    try claim(key, known, fresh, mine, theirs)
  }

  private func claim(
    _ key: Key, _ known: Relation?, _ pairs: Relation, _ mine: Value, _ theirs: Value
  ) throws {
    let fresh = try known.map { try pairs.subtracting($0).coalesced() } ?? pairs
    claims[key] = try known?.union(pairs).coalesced() ?? pairs
    active[key, default: 0] += 1
    defer { active[key, default: 1] -= 1 }
    try examine(mine, theirs, fresh)
  }

  /// Claims are kept for the values of whole statements and for inputs: every cycle passes one.
  private func key(_ mine: Value, _ theirs: Value) -> Key? {
    guard isWhole(mine, candidate) || isWhole(theirs, original) else { return nil }
    return Key(candidate: identity(mine), original: identity(theirs))
  }

  private func isWhole(_ value: Value, _ side: ReachingDefinitions) -> Bool {
    guard case .node(let number, let node) = value else { return false }
    return side.program.statements[number].value === node
  }

  private func identity(_ value: Value) -> ObjectIdentifier {
    switch value {
    case .node(_, let node): node.identity
    case .input(let object): ObjectIdentifier(object)
    }
  }

  /// Larger relations that may reproduce themselves, within what is executed.
  private func hulls(_ pairs: Relation, _ mine: Value, _ theirs: Value) throws -> [Relation] {
    let all = try Relation.product(
      instances(mine, candidate, pairs.domain()), instances(theirs, original, pairs.range()))
    var found: [Relation] = []
    for hull in [try pairs.affineHull(), try pairs.simpleHull()] {
      found.append(try hull.intersection(all).coalesced())
    }
    return found
  }

  private func instances(_ value: Value, _ side: ReachingDefinitions, _ cells: IntegerSet) throws
    -> IntegerSet
  {
    switch value {
    case .node(let number, _): try side.instances(of: side.program.statements[number])
    case .input: cells
    }
  }

  // MARK: steps

  private func examine(_ mine: Value, _ theirs: Value, _ pairs: Relation) throws {
    if case .node(let number, let node) = mine {
      if candidate.program.statements[number].value === node {
        let instances = try pairs.domain()
        covered[number] = try covered[number]?.union(instances).coalesced() ?? instances
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

  private func compare(_ mine: Value, _ theirs: Value, _ pairs: Relation) throws {
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
    let (before, coveredBefore) = (claims, covered)
    do {
      try inOrder(order)
    } catch let reason as Unproved {
      (claims, covered) = (before, coveredBefore)
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
