/// Finds the facts that can decide a question, since isl takes long over many parameters.
///
/// Most facts of unrolled code say of one value that its type is unsigned. Any number of such facts, and
/// of those that tie the image of a conversion to its operand, hold together for some values: 0 for
/// every name that is no image, and for each image, from the inside out, 0 or its operand. So those that
/// share no name, not even through others, with the question or with any other fact decide nothing:
/// they may be left out without changing any answer.
struct Relevance {
  private struct Footprint {
    /// What isl sees as one name each.
    var names: Set<Monomial>
    var isOfTypes: Bool
  }
  private var footprints: [Condition: Footprint] = [:]

  /// The facts, in their order, without those of types that have nothing to do with the rest.
  mutating func part(of known: [Condition], to question: Condition) -> [Condition] {
    let footprints = known.map { footprint($0) }
    var names = footprint(question).names
    var isKept = footprints.map { !$0.isOfTypes }
    for (kept, footprint) in zip(isKept, footprints) where kept {
      names.formUnion(footprint.names)
    }
    // Each round keeps at least one more.
    var grows = true
    while grows {
      grows = false
      for index in known.indices
      where !isKept[index] && !footprints[index].names.isDisjoint(with: names) {
        isKept[index] = true
        let count = names.count
        names.formUnion(footprints[index].names)
        grows = grows || names.count > count
      }
    }
    return known.indices.filter { isKept[$0] }.map { known[$0] }
  }

  private mutating func footprint(_ condition: Condition) -> Footprint {
    if let known = footprints[condition] { return known }
    var names: Set<Monomial> = []
    for polynomial in condition.polynomials { polynomial.collectNames(&names) }
    let made = Footprint(names: names, isOfTypes: condition.isOfTypes)
    footprints[condition] = made
    return made
  }
}

extension Polynomial {
  /// What isl sees as names: products, but for the functions of one value that it knows.
  fileprivate func collectNames(_ names: inout Set<Monomial>) {
    for term in terms {
      let factors = term.monomial.factors
      if factors.count == 1, factors[0].isExpanded {
        for argument in factors[0].arguments { argument.collectNames(&names) }
      } else if !factors.isEmpty {
        names.insert(term.monomial)
      }
    }
  }
}

extension Atom {
  fileprivate var isExpanded: Bool {
    switch self {
    case .minimum, .maximum, .quotient, .remainder: true
    case .input, .field, .iterator, .unknown, .function: false
    }
  }
}

extension Condition {
  /// Whether it says that one name is not negative, or what a conversion to an unsigned type gives.
  fileprivate var isOfTypes: Bool {
    switch self {
    case .nonNegative(let value):
      return value.terms.count == 1 && value.terms[0].factor == 1
        && value.terms[0].monomial.factors.count == 1
        && !value.terms[0].monomial.factors[0].isExpanded
    case .any(let cases):
      guard cases.count == 2, case .nonNegative(let below) = cases[0],
        case .zero(let difference) = cases[1]
      else { return false }
      let operand = -below - 1
      return (difference + operand).isImage(of: operand)
    case .zero, .all: return false
    }
  }
}

extension Polynomial {
  /// Whether it is a function of this one operand alone.
  fileprivate func isImage(of operand: Polynomial) -> Bool {
    guard terms.count == 1, terms[0].factor == 1, terms[0].monomial.factors.count == 1,
      case .function(_, let arguments) = terms[0].monomial.factors[0]
    else { return false }
    return arguments == [operand]
  }
}
