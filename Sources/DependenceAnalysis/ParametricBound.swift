import IslBindings
import KernelModel

/// Greatest and smallest values of expressions over instances, as functions of the parameters.
struct ParametricBound {
  let extractor: Extractor

  init(_ extractor: Extractor) { self.extractor = extractor }

  /// The greatest value when one polynomial in the parameters states it for all of them.
  func maximum(of value: Polynomial, known: [Condition]) -> Polynomial? {
    let loops = Set(
      ([value] + known.flatMap(\.polynomials)).flatMap(\.atoms).compactMap { atom in
        if case .iterator(let loop) = atom, extractor.varies(atom) { loop } else { nil }
      }
    ).sorted()
    let notation = IslNotation(varies: extractor.varies)
    let dimensions = Dictionary(
      uniqueKeysWithValues: loops.enumerated().map { ($1, "i\($0)") })
    guard let text = notation.text(value, dimensions) else { return nil }
    let guards = notation.affinePart(known, dimensions)
    let names = loops.indices.map { "i\($0)" }.joined(separator: ", ")
    let body = "q = \(text) and \(guards)"
    let set =
      "\(notation.header){ [q] : " + (names.isEmpty ? body : "exists \(names) : \(body)") + " }"
    extractor.prover.context.restartOperationCount()
    do throws(IslError) {
      let bound = try IntegerSet(extractor.prover.context, parsing: set)
        .parametricMaximum(ofDimension: 0).coalesced().pieces()
      guard let first = bound.first, bound.count == 1, first.denominator == 1,
        !first.hasDivisions
      else { return nil }
      return polynomial(first, notation)
    } catch {
      return nil
    }
  }

  func polynomial(_ piece: PiecewiseAffine.Piece, _ notation: IslNotation) -> Polynomial? {
    var result = Polynomial(piece.constant)
    for (name, factor) in piece.parameters {
      guard let monomial = notation.monomial(named: name) else { return nil }
      result = result + Polynomial([(monomial, factor)])
    }
    return result
  }
}

extension Extractor {
  /// The polynomial as C over variables and members; nil when an atom has no C form.
  func expression(_ polynomial: Polynomial) -> Expr? {
    var sum: Expr?
    for (monomial, factor) in polynomial.terms.sorted(by: { $0.factor > $1.factor })
      .map({ ($0.monomial, $0.factor) })
    {
      guard let term = expression(monomial, abs(factor)) else { return nil }
      if let left = sum {
        sum = .binary(factor < 0 ? .subtract : .add, left, term)
      } else {
        sum = factor < 0 ? .negate(term) : term
      }
    }
    return sum ?? .int(0)
  }

  private func expression(_ monomial: Monomial, _ factor: Int) -> Expr? {
    var product: Expr? = factor == 1 && !monomial.factors.isEmpty ? nil : .int(factor)
    for atom in monomial.factors {
      guard let part = expression(atom) else { return nil }
      product = product.map { .binary(.multiply, $0, part) } ?? part
    }
    return product
  }

  private func expression(_ atom: Atom) -> Expr? {
    switch atom {
    case .input(let variable):
      // The variable must still hold what it held on entry.
      if let value = valuesAtRegion[variable], value != .integer(Polynomial(atom)) { return nil }
      return function.reference(variable)
    case .field(let path): return function.reference(to: path)
    case .iterator(let loop):
      let instance = loops[loop]
      guard abs(instance.step) == 1 else { return nil }
      let value = function.reference(instance.variable)
      return instance.step > 0 ? value : .negate(value)
    default: return nil
    }
  }
}

extension Function {
  /// `v->f.g` for a path.
  func reference(to path: ObjectPath) -> Expr? {
    guard symbols[path.base] != nil else { return nil }
    var expr = reference(path.base)
    for field in path.fields {
      let isArrow = expr.type.isPointer
      guard let record = isArrow ? expr.type.element : expr.type,
        case .record(let reference) = record.canonical,
        let member = records[reference]?.fields.first(where: { $0.name == field })
      else { return nil }
      expr = Expr(.member(expr, field: field, isArrow: isArrow), type: member.type)
    }
    return expr
  }
}
