import IslBindings
import KernelModel

/// What must hold of the candidate's accesses and operations beside equal results: rule 5, bounds
/// of its own objects, and no operation that may be undefined where the original has none.
struct AccessObligations {
  let candidate: ReachingDefinitions
  let original: ReachingDefinitions
  let space: ParameterSpace
  let graph: GraphEquivalence
  /// Cells that a declared extent covers, by object.
  let declared: [ObjectIdentifier: (SymbolicIndex, SymbolicIndex)]

  func check() throws {
    let covered = graph.covered
    try checkReads()
    try checkStores()
    try checkBounds()
    try checkRisks(covered)
    try checkProducts()
  }

  /// Rule 5: what stood in memory before the call is read only where the original reads it on every
  /// such call, or where a declared extent covers it.
  private func checkReads() throws {
    var allowed: [ObjectIdentifier: IntegerSet] = [:]
    for statement in original.program.statements {
      for access in statement.reads
      where access.object.isExternal && !access.isGuarded && !access.isKept {
        let cells = try original.relation(access, in: statement).range()
        let key = ObjectIdentifier(access.object)
        allowed[key] = try allowed[key]?.union(cells).coalesced() ?? cells
      }
    }
    for statement in candidate.program.statements {
      for node in statement.readNodes {
        guard case .read(let access) = node.kind, !access.isKept, !access.object.isArgument else {
          continue
        }
        let initial = try candidate.sources(of: node, access, in: statement).initial
        if try initial.isEmpty() { continue }
        guard access.object.isExternal else {
          throw Unproved("'\(access.object.title)' is read before anything is stored to it")
        }
        let cells = try initial.range()
        let key = ObjectIdentifier(access.object)
        var rest = try allowed[key].map { try cells.subtracting($0) } ?? cells
        if try !isEmpty(rest) { rest = try rest.subtracting(alike(access, statement, rest)) }
        guard try isEmpty(rest) || isDeclared(rest, access.object) else {
          throw Unproved("'\(access.object.title)' is read where the original may not read it")
        }
      }
    }
  }

  /// Cells that the original reads under conditions of data, all of which are shown to hold wherever
  /// the candidate reads them.
  private func alike(_ access: CellAccess, _ reader: AffineStatement, _ cells: IntegerSet) throws
    -> IntegerSet
  {
    var found = try cells.subtracting(cells)
    guard !access.guards.isEmpty else { return found }
    let mine = try candidate.relation(access, in: reader)
    for statement in original.program.statements {
      for other in statement.reads
      where other.object === access.object && !other.guards.isEmpty && !other.isKept {
        let theirs = try original.relation(other, in: statement)
        let pairs = try mine.composed(with: theirs.inverse())
        if try pairs.isEmpty() { continue }
        if try holds(other.guards, in: statement, wherever: access.guards, in: reader, pairs) {
          found = try found.union(pairs.domain().apply(mine))
        }
      }
    }
    return found
  }

  private func holds(
    _ wanted: [(OperationNode, Bool)], in statement: AffineStatement,
    wherever given: [(OperationNode, Bool)], in reader: AffineStatement, _ pairs: Relation
  ) throws -> Bool {
    try wanted.allSatisfy { theirs, side in
      try given.contains { mine, own in
        guard side == own else { return false }
        do {
          try graph.tentatively {
            try graph.prove(
              .node(reader.number, mine), .node(statement.number, theirs), pairs)
          }
          return true
        } catch is Unproved {
          return false
        }
      }
    }
  }

  /// What the original stores to under conditions of data alone, the candidate does, too: elsewhere
  /// the memory may not be writable, and others may store there.
  private func checkStores() throws {
    for object in candidate.program.external.values where object !== candidate.program.result {
      guard let mine = try candidate.written(object, unguardedOnly: true) else { continue }
      let theirs = try original.written(object, unguardedOnly: true)
      guard try isEmpty(try theirs.map { try mine.subtracting($0) } ?? mine) else {
        throw Unproved("'\(object.title)' is stored to where the original may not store")
      }
    }
  }

  private func isEmpty(_ cells: IntegerSet) throws -> Bool {
    try cells.intersectingParameters(space.known).isEmpty()
  }

  private func isDeclared(_ cells: IntegerSet, _ object: MemoryObject) throws -> Bool {
    guard let (lower, upper) = declared[ObjectIdentifier(object)], let low = lower.affine,
      let high = upper.affine, object.shape.count == 1
    else { return false }
    let e = "e_cell"
    let cell = try space.input(e)
    let inside = try low.isAtMost(cell).intersection(cell.isLess(than: high))
      .vectors(of: [e], named: object.name)
    return try isEmpty(cells.subtracting(inside))
  }

  /// The candidate's own objects are accessed within their bounds.
  private func checkBounds() throws {
    for (access, statement) in candidate.program.accesses {
      guard let extent = access.object.extent?.affine else { continue }
      guard let index = access.index.affine else {
        throw Unproved("a subscript of '\(access.object.title)' that is not affine")
      }
      let inside = try space.constant(0).isAtMost(index).intersection(index.isLess(than: extent))
      let domain = try statement.domain.intersection(access.domain).intersection(space.known)
      guard try domain.subtracting(inside).isEmpty() else {
        throw Unproved("'\(access.object.title)' may be accessed beyond its end")
      }
    }
  }

  /// Every operation that may be undefined, and every store under a condition, is one that was
  /// compared with the original's.
  private func checkRisks(_ covered: [Int: IntegerSet]) throws {
    for statement in candidate.program.statements {
      let isConditional = statement.isGuarded && statement.target.object.isExternal
      guard statement.value.holdsRisk || isConditional else { continue }
      var rest = try candidate.instances(of: statement)
      if let covered = covered[statement.number] { rest = try rest.subtracting(covered) }
      guard try rest.intersectingParameters(space.known).isEmpty() else {
        throw Unproved("an operation that may be undefined does not take part in any result")
      }
    }
  }

  /// Values that are no affine function fit their type: some value that the original computes in a
  /// type no wider is as large in every coordinate.
  private func checkProducts() throws {
    for product in candidate.program.products {
      guard try isDominated(product) else {
        throw Unproved(
          "the candidate computes an '\(product.type)' that may overflow: \(product.value.text)")
      }
    }
  }

  private func isDominated(_ product: IndexProduct) throws -> Bool {
    let domain = try product.domain.intersection(space.known)
    let zero = try space.constant(0)
    let monomials = product.value.terms.keys.sorted { $0.count > $1.count }
    // With no factor and no coefficient below zero, the value is not, and grows with each.
    for (monomial, coefficient) in product.value.terms {
      for factor in try [coefficient] + monomial.map({ try space.input($0) }) {
        guard try domain.intersection(factor.isLess(than: zero)).isEmpty() else { return false }
      }
    }
    func values(_ value: SymbolicIndex, _ set: IntegerSet, _ counters: [String]) throws
      -> IntegerSet
    {
      let relation = try Relation.values(
        of: monomials.map { value.terms[$0] ?? zero }, over: counters, source: "at", image: "value",
        space.context)
      return try relation.restricted(toDomain: set.vectors(of: counters, named: "at")).range()
    }
    let mine = try values(product.value, domain, product.counters)
    var theirs: IntegerSet?
    for other in original.program.products {
      guard other.type.bits <= product.type.bits,
        other.value.terms.keys.allSatisfy({ monomials.contains($0) })
      else { continue }
      let set = try values(other.value, other.domain, other.counters)
      theirs = try theirs?.union(set) ?? set
    }
    guard let theirs else { return false }
    let small = monomials.indices.map { "x\($0)" }
    let large = monomials.indices.map { "y\($0)" }
    let order = zip(small, large).map { "\($0) <= \($1)" }.joined(separator: " and ")
    let below = try Relation(
      space.context,
      parsing:
        "{ value[\(large.joined(separator: ", "))] -> value[\(small.joined(separator: ", "))]"
        + " : \(order) }")
    return try mine.subtracting(theirs.apply(below)).isEmpty()
  }
}

extension AffineStatement {
  /// The nodes of its value that read cells, those of conditions of risky operations included.
  var readNodes: [OperationNode] {
    var found: [OperationNode] = []
    func add(_ node: OperationNode) {
      if case .read = node.kind { found.append(node) }
    }
    value.walk { node in
      add(node)
      for (condition, _) in node.guards { condition.walk(add) }
    }
    return found
  }
}
