import KernelModel

/// A value that the symbolic layer does not take apart.
indirect enum Atom: Hashable, Sendable {
  /// What an integer variable holds on entry to the function, or throughout when nothing stores it.
  case input(VariableID)
  /// An integer member reached through a variable that nothing stores to.
  case field(ObjectPath)
  /// The position of a loop in its execution direction.
  case iterator(Int)
  /// A value that is fixed at one place of the program and not modelled further.
  case unknown(Int)
  case minimum(Polynomial, Polynomial)
  case maximum(Polynomial, Polynomial)
  /// Division and remainder as C defines them, by a positive constant.
  case quotient(Polynomial, Int)
  case remainder(Polynomial, Int)
  /// Any other function of integers that has no effects, such as `n & ~3`.
  case function(String, [Polynomial])

  /// A name that is the same in every run, for ordering.
  var key: String {
    switch self {
    case .input(let variable): "v\(variable.index)"
    case .field(let path): "f\(path.base.index)." + path.fields.joined(separator: ".")
    case .iterator(let loop): "i\(loop)"
    case .unknown(let number): "u\(number)"
    case .minimum(let a, let b): "min(\(a.key),\(b.key))"
    case .maximum(let a, let b): "max(\(a.key),\(b.key))"
    case .quotient(let a, let divisor): "(\(a.key))/\(divisor)"
    case .remainder(let a, let divisor): "(\(a.key))%\(divisor)"
    case .function(let name, let arguments):
      "\(name)(" + arguments.map(\.key).joined(separator: ",") + ")"
    }
  }

  /// The polynomials that the atom is made from.
  var arguments: [Polynomial] {
    switch self {
    case .input, .field, .iterator, .unknown: []
    case .minimum(let a, let b), .maximum(let a, let b): [a, b]
    case .quotient(let a, _), .remainder(let a, _): [a]
    case .function(_, let arguments): arguments
    }
  }
}

/// A product of atoms, each once per power, in the order of their keys; empty for 1.
struct Monomial: Hashable, Sendable {
  var factors: [Atom] = []

  var key: String { factors.map(\.key).joined(separator: "*") }

  static func * (a: Monomial, b: Monomial) -> Monomial {
    Monomial(factors: (a.factors + b.factors).sorted { $0.key < $1.key })
  }

  /// The quotient when `divisor` divides this product.
  func dividing(by divisor: Monomial) -> Monomial? {
    var rest = factors
    for factor in divisor.factors {
      guard let position = rest.firstIndex(of: factor) else { return nil }
      rest.remove(at: position)
    }
    return Monomial(factors: rest)
  }
}

/// A polynomial with integer coefficients over atoms: the value of an integer expression, without
/// regard to the width of its type.
struct Polynomial: Hashable, Sendable {
  private(set) var terms: [Monomial: Int] = [:]

  init() {}
  init(_ constant: Int) { add(constant, Monomial()) }
  init(_ atom: Atom) { add(1, Monomial(factors: [atom])) }
  init(_ terms: [(Monomial, Int)]) { for (monomial, factor) in terms { add(factor, monomial) } }

  /// Terms in an order that is the same in every run.
  var ordered: [(monomial: Monomial, factor: Int)] {
    terms.map { ($0.key, $0.value, $0.key.key) }.sorted { $0.2 < $1.2 }.map { ($0.0, $0.1) }
  }

  /// A name that is the same in every run. Each part's key is made once: keys nest as deep as values
  /// do, and making them twice at every level would take time that doubles with the depth.
  var key: String {
    terms.map { ($0.key.key, $0.value) }.sorted { $0.0 < $1.0 }.map { "\($0.1)*\($0.0)" }
      .joined(separator: "+")
  }

  /// The value when no atom occurs.
  var constant: Int? {
    if terms.isEmpty { return 0 }
    return terms.count == 1 ? terms[Monomial()] : nil
  }

  /// Whether it is made from more than `limit` atoms, each counted as often as it stands inside others.
  func isLarger(than limit: Int) -> Bool {
    var left = limit
    return !counts(within: &left)
  }

  private func counts(within left: inout Int) -> Bool {
    for monomial in terms.keys {
      for atom in monomial.factors {
        left -= 1
        guard left >= 0, atom.arguments.allSatisfy({ $0.counts(within: &left) }) else {
          return false
        }
      }
    }
    return true
  }

  var constantTerm: Int { terms[Monomial()] ?? 0 }

  /// Every atom, those inside atoms too.
  var atoms: Set<Atom> {
    var result: Set<Atom> = []
    for monomial in terms.keys {
      for atom in monomial.factors {
        result.insert(atom)
        for argument in atom.arguments { result.formUnion(argument.atoms) }
      }
    }
    return result
  }

  /// Adds with wrap-around so that absurd constants cannot trap; such values never prove anything
  /// because isl sees the same number on both sides of a comparison.
  private mutating func add(_ factor: Int, _ monomial: Monomial) {
    let sum = (terms[monomial] ?? 0) &+ factor
    terms[monomial] = sum == 0 ? nil : sum
  }

  static func + (a: Polynomial, b: Polynomial) -> Polynomial {
    var sum = a
    for (monomial, factor) in b.terms { sum.add(factor, monomial) }
    return sum
  }
  static func - (a: Polynomial, b: Polynomial) -> Polynomial { a + b * Polynomial(-1) }
  static prefix func - (a: Polynomial) -> Polynomial { a * Polynomial(-1) }
  static func * (a: Polynomial, b: Polynomial) -> Polynomial {
    var product = Polynomial()
    for (left, x) in a.terms {
      for (right, y) in b.terms { product.add(x &* y, left * right) }
    }
    return product
  }
  static func + (a: Polynomial, b: Int) -> Polynomial { a + Polynomial(b) }
  static func - (a: Polynomial, b: Int) -> Polynomial { a - Polynomial(b) }

  /// Replaces an atom wherever it occurs, inside other atoms too.
  func replacing(_ atom: Atom, with value: Polynomial) -> Polynomial {
    guard atoms.contains(atom) else { return self }
    var result = Polynomial()
    for (monomial, factor) in terms {
      var product = Polynomial(factor)
      for part in monomial.factors {
        product = product * (part == atom ? value : Polynomial(part.replacing(atom, with: value)))
      }
      result = result + product
    }
    return result
  }

  /// Quotient and remainder by a divisor whose leading term (the one with the most factors) divides
  /// terms of this polynomial; repeated until no term is divisible.
  func divided(by divisor: Polynomial) -> (quotient: Polynomial, remainder: Polynomial)? {
    guard let lead = divisor.leadingTerm else { return nil }
    var rest = self
    var quotient = Polynomial()
    // Each round removes a term divisible by the lead and adds only terms with fewer factors of it.
    for _ in 0..<64 {
      guard
        let next = rest.ordered.compactMap({ term -> (Monomial, Int)? in
          guard term.factor % lead.factor == 0,
            let monomial = term.monomial.dividing(by: lead.monomial)
          else { return nil }
          return (monomial, term.factor / lead.factor)
        }).first
      else { return (quotient, rest) }
      let part = Polynomial([next])
      quotient = quotient + part
      rest = rest - part * divisor
    }
    return nil
  }

  private var leadingTerm: (monomial: Monomial, factor: Int)? {
    ordered.max { $0.monomial.factors.count < $1.monomial.factors.count }
  }
}

extension Atom {
  func replacing(_ atom: Atom, with value: Polynomial) -> Atom {
    switch self {
    case .input, .field, .iterator, .unknown: self
    case .minimum(let a, let b):
      .minimum(a.replacing(atom, with: value), b.replacing(atom, with: value))
    case .maximum(let a, let b):
      .maximum(a.replacing(atom, with: value), b.replacing(atom, with: value))
    case .quotient(let a, let divisor): .quotient(a.replacing(atom, with: value), divisor)
    case .remainder(let a, let divisor): .remainder(a.replacing(atom, with: value), divisor)
    case .function(let name, let arguments):
      .function(name, arguments.map { $0.replacing(atom, with: value) })
    }
  }
}

/// A condition over integers, as guards and loop bounds state it.
indirect enum Condition: Hashable, Sendable {
  /// The polynomial is at least 0.
  case nonNegative(Polynomial)
  case zero(Polynomial)
  case all([Condition])
  case any([Condition])

  static let always = Condition.all([])
  static func less(_ a: Polynomial, _ b: Polynomial) -> Condition { .nonNegative(b - a - 1) }
  static func lessOrEqual(_ a: Polynomial, _ b: Polynomial) -> Condition { .nonNegative(b - a) }

  var negated: Condition {
    switch self {
    case .nonNegative(let p): .nonNegative(-p - 1)
    case .zero(let p): .any([.nonNegative(p - 1), .nonNegative(-p - 1)])
    case .all(let parts): .any(parts.map(\.negated))
    case .any(let parts): .all(parts.map(\.negated))
    }
  }

  var polynomials: [Polynomial] {
    switch self {
    case .nonNegative(let p), .zero(let p): [p]
    case .all(let parts), .any(let parts): parts.flatMap(\.polynomials)
    }
  }
}
