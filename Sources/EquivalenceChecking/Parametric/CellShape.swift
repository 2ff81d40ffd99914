import IslBindings

/// Coordinates of cells: subscripts such as `i * n + j` as rows and columns.
///
/// The products that occur in any subscript of an object, of either text, part it: `n` gives rows of
/// `n` elements. Two subscripts name one cell exactly when their coordinates are equal, provided that
/// every coordinate but the first stays inside its row, which is shown for every access.
struct CellShape {
  let space: ParameterSpace

  /// Gives every object that the programs access its shape.
  func shape(_ programs: [AffineProgram]) throws {
    var monomials: [ObjectIdentifier: Set<[String]>] = [:]
    var objects: [MemoryObject] = []
    for program in programs {
      for (access, _) in program.accesses {
        let key = ObjectIdentifier(access.object)
        if monomials[key] == nil { objects.append(access.object) }
        monomials[key, default: []].formUnion(access.index.terms.keys)
      }
    }
    for object in objects {
      var chain = monomials[ObjectIdentifier(object)] ?? []
      chain.insert([])
      object.shape = try parts(chain, object)
    }
  }

  /// The products that part an object, each the next one times one input.
  private func parts(_ all: Set<[String]>, _ object: MemoryObject) throws -> [[String]] {
    var sorted = all.sorted { $0.count > $1.count }
    // n · n beside n is a row number that is a size, and no further dimension.
    while sorted.count > 1, let first = sorted.first,
      sorted.filter({ $0.count == first.count }).count == 1,
      Set(first).count < first.count, sorted[1].count == first.count - 1
    {
      sorted.removeFirst()
    }
    for (outer, inner) in zip(sorted, sorted.dropFirst()) where quotient(outer, inner) == nil {
      throw Unproved("subscripts of '\(object.title)' that fit no common shape")
    }
    return sorted
  }

  /// The one input by which `outer` is a multiple of `inner`.
  private func quotient(_ outer: [String], _ inner: [String]) -> String? {
    var rest = outer
    for name in inner {
      guard let position = rest.firstIndex(of: name) else { return nil }
      rest.remove(at: position)
    }
    return rest.count == 1 ? rest[0] : nil
  }

  /// The coordinates of an access, shown to lie in their rows wherever it happens.
  func coordinates(_ access: CellAccess, in statement: AffineStatement) throws
    -> [PiecewiseAffine]
  {
    let shape = access.object.shape
    var found = [PiecewiseAffine?](repeating: nil, count: shape.count)
    for (monomial, coefficient) in access.index.terms {
      if let position = shape.firstIndex(of: monomial) {
        found[position] = try found[position]?.plus(coefficient) ?? coefficient
        continue
      }
      guard let factor = try coefficient.constantValue(),
        let (position, name) = shape.indices.lazy.compactMap({ position in
          quotient(monomial, shape[position]).map { (position, $0) }
        }).first
      else { throw Unproved("a subscript of '\(access.object.title)' that fits no shape") }
      let term = try space.input(name).times(factor)
      found[position] = try found[position]?.plus(term) ?? term
    }
    var coordinates = try found.map { try $0 ?? space.constant(0) }
    for position in shape.indices.dropFirst().reversed() {
      guard let name = quotient(shape[position - 1], shape[position]) else {
        throw Unproved("a subscript of '\(access.object.title)' that fits no shape")
      }
      try confine(&coordinates, position, try space.input(name), access, statement)
    }
    return coordinates
  }

  /// Moves whole rows into the next coordinate, and shows that what is left lies within one.
  private func confine(
    _ coordinates: inout [PiecewiseAffine], _ position: Int, _ length: PiecewiseAffine,
    _ access: CellAccess, _ statement: AffineStatement
  ) throws {
    let domain = try statement.domain.intersection(access.domain).intersection(space.known)
    for rows in [0, 1, -1] {
      let inner = try coordinates[position].minus(length.times(rows))
      let isInside = try space.constant(0).isAtMost(inner).intersection(inner.isLess(than: length))
      if try domain.subtracting(isInside).isEmpty() {
        coordinates[position] = inner
        coordinates[position - 1] = try coordinates[position - 1].plus(space.constant(rows))
        return
      }
    }
    throw Unproved("a subscript of '\(access.object.title)' that may leave its row")
  }
}

extension AffineProgram {
  /// All accesses with the statement that makes them.
  var accesses: [(CellAccess, AffineStatement)] {
    statements.flatMap { statement in
      [(statement.target, statement)] + statement.reads.map { ($0, statement) }
    }
  }
}

extension AffineStatement {
  /// The cells that its value reads, on either side of every choice.
  var reads: [CellAccess] {
    var found: [CellAccess] = []
    value.walk { node in
      if case .read(let access) = node.kind { found.append(access) }
      for (guarding, _) in node.guards {
        guarding.walk { if case .read(let access) = $0.kind { found.append(access) } }
      }
    }
    return found
  }
}
