import IslBindings

/// An integer as a polynomial whose monomials are products of inputs and whose coefficients are
/// affine in inputs and loop counters: `i * n + j` is `i` at `n` and `j` at 1.
struct SymbolicIndex {
  /// Coefficients by the sorted names of the inputs that multiply them.
  var terms: [[String]: PiecewiseAffine]

  init(_ affine: PiecewiseAffine) { terms = [[]: affine] }
  private init(terms: [[String]: PiecewiseAffine]) { self.terms = terms }

  /// The function when nothing is multiplied.
  var affine: PiecewiseAffine? {
    terms.count == 1 ? terms[[]] : nil
  }

  func constantValue() throws(IslError) -> Int? { try affine?.constantValue() }

  func plus(_ other: SymbolicIndex) throws(IslError) -> SymbolicIndex {
    var sum = terms
    for (monomial, coefficient) in other.terms {
      sum[monomial] = try sum[monomial]?.plus(coefficient) ?? coefficient
    }
    return try SymbolicIndex(terms: sum).simplified()
  }

  func times(_ factor: Int) throws(IslError) -> SymbolicIndex {
    var product: [[String]: PiecewiseAffine] = [:]
    for (monomial, coefficient) in terms { product[monomial] = try coefficient.times(factor) }
    return try SymbolicIndex(terms: product).simplified()
  }

  func minus(_ other: SymbolicIndex) throws(IslError) -> SymbolicIndex {
    try plus(other.times(-1))
  }

  /// The product; nil when two factors that depend on loop counters meet.
  func times(_ other: SymbolicIndex) throws(IslError) -> SymbolicIndex? {
    var sum: SymbolicIndex?
    for (first, a) in terms {
      for (second, b) in other.terms {
        guard let part = try Self.product(a, b) else { return nil }
        var raised: [[String]: PiecewiseAffine] = [:]
        for (monomial, coefficient) in part.terms {
          raised[(monomial + first + second).sorted()] = coefficient
        }
        let term = SymbolicIndex(terms: raised)
        sum = try sum?.plus(term) ?? term
      }
    }
    return sum
  }

  private static func product(_ a: PiecewiseAffine, _ b: PiecewiseAffine)
    throws(IslError) -> SymbolicIndex?
  {
    if let factor = try a.constantValue() { return SymbolicIndex(try b.times(factor)) }
    if let factor = try b.constantValue() { return SymbolicIndex(try a.times(factor)) }
    if let parts = try inputsOnly(b) { return try raise(a, parts) }
    if let parts = try inputsOnly(a) { return try raise(b, parts) }
    return nil
  }

  /// `a` times the combination of inputs that `parts` is.
  private static func raise(_ a: PiecewiseAffine, _ parts: (Int, [String: Int]))
    throws(IslError) -> SymbolicIndex
  {
    var sum = SymbolicIndex(try a.times(parts.0))
    for (name, factor) in parts.1 {
      var term: [[String]: PiecewiseAffine] = [:]
      if let own = try inputsOnly(a) {
        term[[name]] = try a.times(0).plus(Self.constant(own.0 * factor, like: a))
        for (other, count) in own.1 {
          term[[name, other].sorted()] = try Self.constant(count * factor, like: a)
        }
      } else {
        term[[name]] = try a.times(factor)
      }
      sum = try sum.plus(SymbolicIndex(terms: term))
    }
    return sum
  }

  private static func constant(_ value: Int, like other: PiecewiseAffine)
    throws(IslError) -> PiecewiseAffine
  {
    try PiecewiseAffine(other.context, parsing: "{ [\(value)] }")
  }

  /// Constant and coefficients of a function of inputs alone, without divisions or pieces.
  static func inputsOnly(_ f: PiecewiseAffine) throws(IslError) -> (Int, [String: Int])? {
    let pieces = try f.pieces()
    guard pieces.count == 1, let piece = pieces.first, piece.denominator == 1,
      !piece.hasDivisions, piece.parameters.keys.allSatisfy(ParameterSpace.isInput)
    else { return nil }
    return (piece.constant, piece.parameters)
  }

  /// Without terms that are zero.
  private func simplified() throws(IslError) -> SymbolicIndex {
    var kept = terms
    for (monomial, coefficient) in terms where !monomial.isEmpty {
      if try coefficient.constantValue() == 0 { kept[monomial] = nil }
    }
    if kept.isEmpty, let any = terms.first?.value { kept[[]] = any }
    if kept[[]] == nil, let any = kept.first?.value {
      kept[[]] = try Self.constant(0, like: any)
    }
    return SymbolicIndex(terms: kept)
  }

  /// Every coefficient changed by `change`.
  func mapped(_ change: (PiecewiseAffine) throws -> PiecewiseAffine) rethrows -> SymbolicIndex {
    SymbolicIndex(terms: try terms.mapValues(change))
  }

  /// This value in `domain`, the other one elsewhere.
  func joined(in domain: IntegerSet, with other: SymbolicIndex, in rest: IntegerSet)
    throws(IslError) -> SymbolicIndex
  {
    var result: [[String]: PiecewiseAffine] = [:]
    for monomial in Set(terms.keys).union(other.terms.keys) {
      let zero = try PiecewiseAffine(domain.context, parsing: "{ [0] }")
      let here = try (terms[monomial] ?? zero).restricted(to: domain)
      let there = try (other.terms[monomial] ?? zero).restricted(to: rest)
      result[monomial] = try here.joined(with: there).coalesced()
    }
    return SymbolicIndex(terms: result)
  }

  /// Whether a loop counter or another parameter that is no input occurs.
  func involvesCounters(_ counters: [String]) throws(IslError) -> Bool {
    for coefficient in terms.values {
      for counter in counters where try coefficient.involves(parameter: counter) { return true }
    }
    return false
  }

  /// Where both values are the same, each monomial by itself.
  func isSame(as other: SymbolicIndex) throws(IslError) -> IntegerSet? {
    var same: IntegerSet?
    for monomial in Set(terms.keys).union(other.terms.keys) {
      guard let anyTerm = terms.first?.value else { return nil }
      let zero = try Self.constant(0, like: anyTerm)
      let here = try (terms[monomial] ?? zero).isSame(as: other.terms[monomial] ?? zero)
      same = try same?.intersection(here) ?? here
    }
    return same
  }
}
