import IslBindings
import KernelModel

/// Recovers multi-dimensional subscripts from polynomial ones, such as `i*n + j`.
///
/// Candidate strides are the coefficients of the varying quantities in all subscripts of one
/// object. A chain in which each divides the next splits every subscript by division with
/// remainder; the result is used only where each inner index provably lies within its stride, since
/// only then do equal addresses mean equal indices. Reference: Grosser et al., Optimistic
/// delinearization of parametrically sized arrays, ICS 2015.
struct Delinearizer {
  let extractor: Extractor

  init(_ extractor: Extractor) { self.extractor = extractor }

  /// The statements with subscripts that isl can compare; what stays polynomial becomes unknown.
  func rewritten() -> [PolyhedralStatement] {
    var shapes: [MemoryObject: [Polynomial]] = [:]
    for (object, uses) in flatUses() { shapes[object] = bestShape(uses) }
    return extractor.statements.map { rewrite($0, shapes) }
  }

  // MARK: Uses

  private struct Use {
    let index: Polynomial
    let known: [Condition]
  }

  /// Subscripts of objects that are indexed by one number, at least one of them not affine.
  private func flatUses() -> [(MemoryObject, [Use])] {
    var uses: [MemoryObject: [Use]] = [:]
    var order: [MemoryObject] = []
    var polynomial: Set<MemoryObject> = []
    for statement in extractor.statements {
      for access in statement.accesses {
        guard let index = Self.flatIndex(access.location) else { continue }
        let object = access.location.object
        if uses[object] == nil { order.append(object) }
        let known = known(statement, access)
        let plain = extractor.simplified(index, given: known)
        uses[object, default: []].append(Use(index: plain, known: known))
        if !extractor.isAffine(plain) { polynomial.insert(object) }
      }
    }
    return order.filter(polynomial.contains).map { ($0, uses[$0] ?? []) }
  }

  static func flatIndex(_ location: Location) -> Polynomial? {
    guard case .index(let index?, _)? = location.components.first else { return nil }
    if location.components.count > 1, case .index = location.components[1] { return nil }
    return index
  }

  private func known(_ statement: PolyhedralStatement, _ access: Access) -> [Condition] {
    extractor.contextConditions + extractor.typeConditions + statement.conditions
      + access.innerConditions
  }

  // MARK: Shapes

  /// Strides from the largest to the smallest: the chain under which most subscripts split.
  private func bestShape(_ uses: [Use]) -> [Polynomial] {
    var best: (shape: [Polynomial], count: Int) = ([], 0)
    for shape in chains(uses.map(\.index)) {
      let count = uses.filter { split($0.index, shape, $0.known) != nil }.count
      if count == uses.count { return shape }
      if best.shape.isEmpty || count > best.count { best = (shape, count) }
    }
    return best.shape
  }

  private func chains(_ indices: [Polynomial]) -> [[Polynomial]] {
    var strides: [Polynomial] = []
    for index in indices {
      for stride in coefficients(of: index) where !strides.contains(stride) {
        strides.append(stride)
      }
    }
    let raw = chain(strides)
    let primitive = chain(strides.map(\.primitivePart).uniqued())
    return [raw, primitive].compactMap { $0 }.uniqued()
  }

  /// What multiplies each varying quantity, where that is not a constant.
  private func coefficients(of index: Polynomial) -> [Polynomial] {
    var coefficients: [Atom: Polynomial] = [:]
    for (monomial, factor) in index.terms.map({ ($0.monomial, $0.factor) }) {
      let varying = monomial.factors.filter { !extractor.isParameter(Polynomial($0)) }
      guard varying.count == 1, let atom = varying.first,
        let rest = monomial.dividing(by: Monomial(factors: [atom]))
      else { continue }
      coefficients[atom, default: Polynomial()] =
        coefficients[atom, default: Polynomial()] + Polynomial([(rest, factor)])
    }
    return coefficients.sorted { $0.key.key < $1.key.key }.map(\.value)
      .filter { $0.constant == nil }.map(\.withPositiveLead)
  }

  /// The strides ordered so that each is divided by the next; nil when that is not possible.
  private func chain(_ strides: [Polynomial]) -> [Polynomial]? {
    let ordered = strides.sorted { ($0.degree, $0.key) > ($1.degree, $1.key) }
    for (larger, smaller) in zip(ordered, ordered.dropFirst()) {
      guard let (_, remainder) = larger.divided(by: smaller), remainder.constant == 0 else {
        return nil
      }
    }
    return ordered.isEmpty ? nil : ordered
  }

  // MARK: Splitting

  /// Indices from the outermost in; nil when one cannot be shown to lie within its stride.
  private func split(
    _ index: Polynomial, _ shape: [Polynomial], _ known: [Condition]
  ) -> [Polynomial]? {
    guard var parts = divide(index, shape) else { return nil }
    let sizes = sizes(shape)
    for position in stride(from: parts.count - 1, to: 0, by: -1) {
      guard let carry = carry(parts[position], sizes[position - 1], known) else { return nil }
      parts[position] = parts[position] + Polynomial(carry) * sizes[position - 1]
      parts[position - 1] = parts[position - 1] - carry
    }
    return parts
  }

  private func divide(_ index: Polynomial, _ shape: [Polynomial]) -> [Polynomial]? {
    var parts: [Polynomial] = []
    var rest = index
    for stride in shape {
      guard let (quotient, remainder) = rest.divided(by: stride) else { return nil }
      parts.append(quotient)
      rest = remainder
    }
    return parts + [rest]
  }

  /// The number of elements of each inner dimension.
  private func sizes(_ shape: [Polynomial]) -> [Polynomial] {
    var sizes: [Polynomial] = []
    for (larger, smaller) in zip(shape, shape.dropFirst()) {
      sizes.append(larger.divided(by: smaller)?.quotient ?? larger)
    }
    return sizes + (shape.last.map { [$0] } ?? [])
  }

  /// How many whole strides to take from the next outer index so that this one lies within its
  /// stride: 0 mostly, 1 or -1 for subscripts such as `(i + 1)*n - 1 - j`.
  private func carry(_ part: Polynomial, _ size: Polynomial, _ known: [Condition]) -> Int? {
    [0, 1, -1].first { carry in
      let moved = part + Polynomial(carry) * size
      return extractor.prover.isAlwaysTrue(.nonNegative(moved), given: known)
        && extractor.prover.isAlwaysTrue(.less(moved, size), given: known)
    }
  }

  // MARK: Rewriting

  private func rewrite(
    _ statement: PolyhedralStatement, _ shapes: [MemoryObject: [Polynomial]]
  ) -> PolyhedralStatement {
    var copy = statement
    copy.accesses = statement.accesses.map { rewrite($0, in: statement, shapes) }
    if let update = statement.reduction,
      let position = statement.accesses.firstIndex(where: { $0.location == update.target })
    {
      copy.reduction = ReductionUpdate(
        target: copy.accesses[position].location, reduction: update.reduction)
    }
    return copy
  }

  private func rewrite(
    _ access: Access, in statement: PolyhedralStatement, _ shapes: [MemoryObject: [Polynomial]]
  ) -> Access {
    var copy = access
    let known = known(statement, access)
    if let shape = shapes[access.location.object], let flat = Self.flatIndex(access.location) {
      let index = extractor.simplified(flat, given: known)
      let rest = access.location.components.dropFirst()
      if let parts = split(index, shape, known) {
        copy.location.components =
          zip(parts, [nil] + sizes(shape)).map { .index($0, extent: $1) } + rest
      } else {
        copy.location.components[0] = .index(nil, extent: nil)
        copy.missingFacts = missingFacts(index, shape, statement, access)
      }
    }
    forgetUnprovenRow(&copy, known)
    forgetUnaffine(&copy)
    return copy
  }

  /// A pointer into a row may be moved out of it; then all indices around are unknown.
  private func forgetUnprovenRow(_ access: inout Access, _ known: [Condition]) {
    var components = access.location.components
    for position in access.location.looseIndices.sorted() where position < components.count {
      guard case .index(let index, let extent) = components[position],
        case .index = components[position - 1]
      else { continue }
      if let index, let extent, carry(index, extent, known) == 0 { continue }
      for other in components.indices {
        if case .index = components[other] { components[other] = .index(nil, extent: nil) }
      }
    }
    access.location.components = components
  }

  /// isl sees affine indices only; any other may have any value.
  private func forgetUnaffine(_ access: inout Access) {
    access.location.components = access.location.components.map { component in
      if case .index(let index?, let extent) = component, !extractor.isAffine(index) {
        return .index(nil, extent: extent)
      }
      return component
    }
  }

  // MARK: Facts

  /// A comparison of parameters that would let the subscript split, when there is a plain one.
  private func missingFacts(
    _ index: Polynomial, _ shape: [Polynomial], _ statement: PolyhedralStatement, _ access: Access
  ) -> [Fact] {
    guard let parts = divide(index, shape) else { return [] }
    let known = known(statement, access)
    var facts: [Fact] = []
    var conditions: [Condition] = []
    for (part, size) in zip(parts.dropFirst(), sizes(shape)) {
      if carry(part, size, known) == 0 { continue }
      guard let bound = ParametricBound(extractor).maximum(of: part, known: known),
        let condition = fact(bound + 1, atMost: size)
      else { return [] }
      conditions.append(.lessOrEqual(bound + 1, size))
      facts.append(condition)
    }
    return split(index, shape, known + conditions) == nil ? [] : facts
  }

  private func fact(_ left: Polynomial, atMost right: Polynomial) -> Fact? {
    // `width <= stride` reads better than `width - stride <= 0`: both sides keep their terms.
    guard let a = extractor.expression(left), let b = extractor.expression(right) else {
      return nil
    }
    return .holds(.binary(.lessOrEqual, a, b))
  }
}

extension Polynomial {
  var degree: Int { terms.map(\.monomial.factors.count).max() ?? 0 }

  /// The polynomial divided by the greatest common divisor of its coefficients.
  var primitivePart: Polynomial {
    let divisor = terms.reduce(0) { greatestCommonDivisor($0, $1.factor) }
    if divisor <= 1 { return self }
    return Polynomial(terms.map { ($0.monomial, $0.factor / divisor) })
  }

  /// The polynomial or its negative, so that the term with the most factors is positive.
  var withPositiveLead: Polynomial {
    let lead = terms.max { $0.monomial.factors.count < $1.monomial.factors.count }
    return (lead?.factor ?? 1) < 0 ? -self : self
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? abs(a) : greatestCommonDivisor(b, a % b)
}

extension Array where Element: Hashable {
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
