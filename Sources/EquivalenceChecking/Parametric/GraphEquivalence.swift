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

  /// Two values with the statements whose instances compute them: a condition is one node in all
  /// statements that stand under it.
  struct Key: Hashable {
    var candidate: ObjectIdentifier
    var original: ObjectIdentifier
    var readers: [Int]
  }

  let candidate: ReachingDefinitions
  let original: ReachingDefinitions
  let space: ParameterSpace
  /// Claims made, as pairs of instances.
  private(set) var claims: [Key: Relation] = [:]
  /// Instances of the candidate's statements whose value has been claimed equal to something.
  private(set) var covered: [Int: IntegerSet] = [:]
  private var active: [Key: Int] = [:]
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

  /// Proves that two values are equal for all pairs of instances.
  func prove(_ mine: Value, _ theirs: Value, _ pairs: Relation) throws {
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
      for hull in try hulls(known.union(fresh), mine, theirs) {
        do {
          try tentatively { try claim(key, known, hull, mine, theirs) }
          return
        } catch is Unproved {
          continue
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

  /// Notes that the value of a candidate's statement is claimed equal to something.
  func cover(_ number: Int, _ instances: IntegerSet) throws {
    covered[number] = try covered[number]?.union(instances).coalesced() ?? instances
  }

  /// Takes back the claims that `body` has made when one of them is not proved.
  func tentatively(_ body: () throws -> Void) throws {
    let (before, coveredBefore) = (claims, covered)
    do {
      try body()
    } catch let reason as Unproved {
      (claims, covered) = (before, coveredBefore)
      throw reason
    }
  }

  /// Claims are kept for the values of whole statements and for inputs: every cycle passes one.
  private func key(_ mine: Value, _ theirs: Value) -> Key? {
    guard isWhole(mine, candidate) || isWhole(theirs, original) else { return nil }
    return Key(
      candidate: identity(mine), original: identity(theirs),
      readers: [number(mine), number(theirs)])
  }

  private func isWhole(_ value: Value, _ side: ReachingDefinitions) -> Bool {
    guard case .node(let number, let node) = value else { return false }
    return side.program.statements[number].value === node
  }

  private func number(_ value: Value) -> Int {
    if case .node(let number, _) = value { number } else { -1 }
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
}
