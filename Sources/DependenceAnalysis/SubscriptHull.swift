import IslBindings
import KernelModel

/// A bound as a polynomial in inputs and as a size.
struct SizeBound {
  let value: Polynomial
  let size: SizeExpr
}

/// Bounds of polynomials over instances. Affine ones come from isl's parametric optima and are
/// exact; others from Bernstein expansion (Clauss et al., TPDS 2009), which says when it is exact.
struct SubscriptHull {
  let extractor: Extractor

  /// Bounds of which the greatest (or smallest) counts.
  struct Result {
    var bounds: [SizeBound]
    var isTight: Bool
    var isEmpty: Bool
  }

  init(_ extractor: Extractor) { self.extractor = extractor }

  /// Whether a value that depends on data takes part.
  func mentionsUnknown(_ value: Polynomial) -> Bool {
    value.contains { atom in
      switch atom {
      case .unknown: true
      case .function(let name, _): name.hasPrefix("load ")
      default: false
      }
    }
  }

  /// Nil when the value is not bounded by a function of the inputs.
  func bound(
    of value: Polynomial, _ side: QuasiPolynomial.Side, known: [Condition]
  ) -> Result? {
    extractor.prover.context.restartOperationCount()
    let value = extractor.simplified(value, given: known)
    do throws(IslError) {
      if let affine = try affineBound(of: value, side, known) { return affine }
      extractor.prover.context.restartOperationCount()
      return try polynomialBound(of: value, side, known)
    } catch {
      return nil
    }
  }

  private func loops(_ value: Polynomial, _ known: [Condition]) -> [Int: String] {
    let ids = Set(
      ([value] + known.flatMap(\.polynomials)).flatMap(\.atoms).compactMap { atom in
        if case .iterator(let loop) = atom { loop } else { nil }
      }
    ).sorted()
    return Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, "i\($0)") })
  }

  // MARK: Affine subscripts

  private func affineBound(
    of value: Polynomial, _ side: QuasiPolynomial.Side, _ known: [Condition]
  ) throws(IslError) -> Result? {
    let notation = IslNotation(varies: extractor.varies)
    let dimensions = loops(value, known)
    guard let text = notation.text(value, dimensions) else { return nil }
    let guards = notation.affinePart(known, dimensions)
    let names = dimensions.values.sorted().joined(separator: ", ")
    let body = "q = \(text) and \(guards)"
    let set = try IntegerSet(
      extractor.prover.context,
      parsing: "\(notation.header){ [q] : "
        + (names.isEmpty ? body : "exists \(names) : \(body)") + " }")
    if try set.isEmpty() { return Result(bounds: [], isTight: true, isEmpty: true) }
    let optimum =
      side == .upper
      ? try set.parametricMaximum(ofDimension: 0) : try set.parametricMinimum(ofDimension: 0)
    let pieces = try optimum.coalesced().pieces()
    var bounds: [(piece: PiecewiseAffine.Piece, bound: SizeBound)] = []
    for piece in pieces {
      guard piece.denominator == 1, !piece.hasDivisions,
        let polynomial = ParametricBound(extractor).polynomial(piece, notation),
        let bound = try size(polynomial, notation, piece.domain)
      else { return nil }
      bounds.append((piece, bound))
    }
    return try combined(bounds, side, notation)
  }

  /// Pieces as one minimum or maximum where that is what they are.
  private func combined(
    _ bounds: [(piece: PiecewiseAffine.Piece, bound: SizeBound)], _ side: QuasiPolynomial.Side,
    _ notation: IslNotation
  ) throws(IslError) -> Result {
    if bounds.count == 1 {
      return Result(bounds: bounds.map(\.bound), isTight: true, isEmpty: false)
    }
    var isLeast = true
    var isGreatest = true
    for (piece, own) in bounds {
      for (_, other) in bounds {
        if try !holds(.lessOrEqual(own.value, other.value), on: piece, notation) { isLeast = false }
        if try !holds(.lessOrEqual(other.value, own.value), on: piece, notation) {
          isGreatest = false
        }
      }
    }
    let isNatural = side == .upper ? isGreatest : isLeast
    if isNatural { return Result(bounds: bounds.map(\.bound), isTight: true, isEmpty: false) }
    if side == .upper ? isLeast : isGreatest, let first = bounds.first {
      let size = bounds.dropFirst().reduce(first.bound.size) {
        side == .upper ? .minimum($0, $1.bound.size) : .maximum($0, $1.bound.size)
      }
      let value = bounds.dropFirst().reduce(first.bound.value) {
        side == .upper
          ? Polynomial(.minimum($0, $1.bound.value)) : Polynomial(.maximum($0, $1.bound.value))
      }
      return Result(bounds: [SizeBound(value: value, size: size)], isTight: true, isEmpty: false)
    }
    return Result(bounds: bounds.map(\.bound), isTight: false, isEmpty: false)
  }

  private func holds(
    _ condition: Condition, on piece: PiecewiseAffine.Piece, _ notation: IslNotation
  ) throws(IslError) -> Bool {
    guard let text = notation.text(condition.negated, [:]) else { return false }
    let refuted = try IntegerSet(
      extractor.prover.context, parsing: "\(notation.header){ : \(text) }")
    return try piece.domain.intersection(refuted).isEmpty()
  }

  // MARK: Polynomial subscripts

  private func polynomialBound(
    of value: Polynomial, _ side: QuasiPolynomial.Side, _ known: [Condition]
  ) throws(IslError) -> Result? {
    let notation = IslNotation(varies: extractor.varies)
    let dimensions = loops(value, known)
    guard let text = notation.product(value, dimensions) else { return nil }
    let guards = notation.affinePart(known, dimensions)
    let names = dimensions.values.sorted().joined(separator: ", ")
    let function = try QuasiPolynomial(
      extractor.prover.context,
      parsing: "\(notation.header){ [\(names)] -> \(text) : \(guards) }")
    let bound = try function.bound(side)
    var bounds: [SizeBound] = []
    for (domain, candidates) in bound.pieces {
      for candidate in candidates where candidate.denominator == 1 {
        guard let polynomial = polynomial(candidate, notation),
          let size = try size(polynomial, notation, domain)
        else { return nil }
        if !bounds.contains(where: { $0.value == polynomial }) { bounds.append(size) }
      }
      if candidates.contains(where: { $0.denominator != 1 }) { return nil }
    }
    return Result(
      bounds: bounds, isTight: bound.isTight && bounds.count == 1, isEmpty: bounds.isEmpty)
  }

  private func polynomial(
    _ candidate: ParameterPolynomial, _ notation: IslNotation
  ) -> Polynomial? {
    var sum = Polynomial()
    for term in candidate.terms {
      var product = Polynomial(term.coefficient)
      for (name, exponent) in term.exponents {
        guard let monomial = notation.monomial(named: name) else { return nil }
        for _ in 0..<exponent { product = product * Polynomial([(monomial, 1)]) }
      }
      sum = sum + product
    }
    return sum
  }

  // MARK: Sizes

  /// The polynomial over inputs; nil when something else takes part. In products, inputs that are
  /// never negative where the bound holds are clamped, so that two negative sizes make no extent.
  private func size(
    _ value: Polynomial, _ notation: IslNotation, _ domain: IntegerSet
  ) throws(IslError) -> SizeBound? {
    var sum: SizeExpr?
    for ranked in value.terms.sorted(by: { Self.rank($0) < Self.rank($1) }) {
      let (monomial, factor) = (ranked.monomial, ranked.factor)
      var product: SizeExpr?
      for atom in monomial.factors {
        guard var part = size(atom) else { return nil }
        if monomial.factors.count > 1, try isNonNegative(atom, notation, domain) {
          part = .maximum(part, .constant(0))
        }
        product = product.map { .multiply($0, part) } ?? part
      }
      let magnitude = abs(factor)
      let term: SizeExpr
      if let product {
        term = magnitude == 1 ? product : .multiply(.constant(magnitude), product)
      } else {
        term = .constant(magnitude)
      }
      if let left = sum {
        sum = factor < 0 ? .subtract(left, term) : .add(left, term)
      } else {
        sum = factor < 0 ? .subtract(.constant(0), term) : term
      }
    }
    return SizeBound(value: value, size: sum ?? .constant(0))
  }

  /// Positive terms first, those with more factors before others.
  private static func rank(_ term: Polynomial.Term) -> Int {
    (term.factor < 0 ? 100 : 0) - term.monomial.factors.count
  }

  private func isNonNegative(
    _ atom: Atom, _ notation: IslNotation, _ domain: IntegerSet
  ) throws(IslError) -> Bool {
    guard let text = notation.text(Polynomial(atom), [:]) else { return false }
    let negative = try IntegerSet(
      extractor.prover.context, parsing: "\(notation.header){ : \(text) < 0 }")
    return try domain.intersection(negative).isEmpty()
  }

  private func size(_ atom: Atom) -> SizeExpr? {
    switch atom {
    case .input(let variable):
      let storage = extractor.function[variable].storage
      return storage == .parameter || storage == .global ? .input(ObjectPath(variable)) : nil
    case .field(let path): return .input(path)
    case .minimum(let a, let b): return sizes(a, b).map { .minimum($0, $1) }
    case .maximum(let a, let b): return sizes(a, b).map { .maximum($0, $1) }
    default: return nil
    }
  }

  private func sizes(_ a: Polynomial, _ b: Polynomial) -> (SizeExpr, SizeExpr)? {
    guard let x = plain(a), let y = plain(b) else { return nil }
    return (x, y)
  }

  private func plain(_ value: Polynomial) -> SizeExpr? {
    var sum: SizeExpr?
    for term in value.terms {
      var product = SizeExpr.constant(term.factor)
      for atom in term.monomial.factors {
        guard let part = size(atom) else { return nil }
        product = product == .constant(1) ? part : .multiply(product, part)
      }
      sum = sum.map { .add($0, product) } ?? product
    }
    return sum ?? .constant(0)
  }
}
