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
      // A function of the program's own may be called `min`: no name in C ends in a blank.
      "\(name == "min" || name == "max" ? name + " " : name)("
        + arguments.map(\.key).joined(separator: ",") + ")"
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
///
/// Values nest as deep as the expressions that they stand for, and are compared, hashed and sorted all
/// the time: a product's name is made once, with the product, and stands for it.
struct Monomial: Hashable, Sendable {
  private let node: Node

  private final class Node: Sendable {
    let factors: [Atom]
    /// Names every atom and what it is made from, and tells different products apart.
    let key: String
    let hash: Int
    init(_ factors: [Atom]) {
      self.factors = factors
      key = factors.count == 1 ? factors[0].key : factors.map(\.key).joined(separator: "*")
      hash = key.hashValue
    }
  }

  private static let one = Node([])

  /// - Parameter factors: in the order of their keys.
  init(factors: [Atom] = []) { node = factors.isEmpty ? Self.one : Node(factors) }

  var factors: [Atom] { node.factors }
  /// A name that is the same in every run.
  var key: String { node.key }

  static func == (a: Monomial, b: Monomial) -> Bool {
    a.node === b.node || (a.node.hash == b.node.hash && a.node.key == b.node.key)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(node.hash) }

  static func * (a: Monomial, b: Monomial) -> Monomial {
    if a.factors.isEmpty { return b }
    if b.factors.isEmpty { return a }
    let named = (a.factors + b.factors).map { (atom: $0, key: $0.key) }
    return Monomial(factors: named.sorted { $0.key < $1.key }.map(\.atom))
  }

  /// The quotient when `divisor` divides this product.
  func dividing(by divisor: Monomial) -> Monomial? {
    if divisor.factors.isEmpty { return self }
    var rest = factors
    for factor in divisor.factors {
      guard let position = rest.firstIndex(of: factor) else { return nil }
      rest.remove(at: position)
    }
    return Monomial(factors: rest)
  }

  /// Whether some atom, or one inside it, satisfies the predicate.
  func contains(where predicate: (Atom) -> Bool) -> Bool {
    factors.contains { atom in
      predicate(atom) || atom.arguments.contains { $0.contains(where: predicate) }
    }
  }
}

/// A polynomial with integer coefficients over atoms: the value of an integer expression, without
/// regard to the width of its type.
struct Polynomial: Hashable, Sendable {
  /// A product with its coefficient, which is not 0.
  struct Term: Hashable, Sendable {
    var monomial: Monomial
    var factor: Int
  }

  /// In the order of the products' keys, which is the same in every run; one term for each product.
  private(set) var terms: [Term] = []

  init() {}
  init(_ constant: Int) { add(constant, Monomial()) }
  init(_ atom: Atom) { add(1, Monomial(factors: [atom])) }
  init(_ terms: [(Monomial, Int)]) { for (monomial, factor) in terms { add(factor, monomial) } }

  /// A name that is the same in every run.
  var key: String {
    if terms.count == 1 { return "\(terms[0].factor)*\(terms[0].monomial.key)" }
    return terms.map { "\($0.factor)*\($0.monomial.key)" }.joined(separator: "+")
  }

  /// The value when no atom occurs.
  var constant: Int? {
    if terms.isEmpty { return 0 }
    return terms.count == 1 && terms[0].monomial.factors.isEmpty ? terms[0].factor : nil
  }

  /// Whether it is made from more than `limit` atoms, each counted as often as it stands inside others.
  func isLarger(than limit: Int) -> Bool {
    var left = limit
    return !counts(within: &left)
  }

  private func counts(within left: inout Int) -> Bool {
    for term in terms {
      for atom in term.monomial.factors {
        left -= 1
        guard left >= 0, atom.arguments.allSatisfy({ $0.counts(within: &left) }) else {
          return false
        }
      }
    }
    return true
  }

  /// The constant's key is empty and comes first.
  var constantTerm: Int {
    if let first = terms.first, first.monomial.factors.isEmpty { first.factor } else { 0 }
  }

  /// Every atom, those inside atoms too.
  var atoms: Set<Atom> {
    var result: Set<Atom> = []
    for term in terms {
      for atom in term.monomial.factors {
        result.insert(atom)
        for argument in atom.arguments { result.formUnion(argument.atoms) }
      }
    }
    return result
  }

  /// Adds every variable whose value on entry takes part.
  func collectInputs(_ inputs: inout Set<VariableID>) {
    for term in terms {
      for atom in term.monomial.factors {
        if case .input(let variable) = atom { inputs.insert(variable) }
        for argument in atom.arguments { argument.collectInputs(&inputs) }
      }
    }
  }

  /// Whether some atom, or one inside it, satisfies the predicate.
  func contains(where predicate: (Atom) -> Bool) -> Bool {
    terms.contains { $0.monomial.contains(where: predicate) }
  }

  /// Adds with wrap-around so that absurd constants cannot trap; such values never prove anything
  /// because isl sees the same number on both sides of a comparison.
  private mutating func add(_ factor: Int, _ monomial: Monomial) {
    if factor == 0 { return }
    // Few terms: values of programs are short sums.
    var position = terms.count
    while position > 0, monomial.key < terms[position - 1].monomial.key { position -= 1 }
    guard position > 0, terms[position - 1].monomial == monomial else {
      return terms.insert(Term(monomial: monomial, factor: factor), at: position)
    }
    let sum = terms[position - 1].factor &+ factor
    if sum == 0 { terms.remove(at: position - 1) } else { terms[position - 1].factor = sum }
  }

  static func + (a: Polynomial, b: Polynomial) -> Polynomial {
    if a.terms.isEmpty { return b }
    var sum = a
    for term in b.terms { sum.add(term.factor, term.monomial) }
    return sum
  }
  static func - (a: Polynomial, b: Polynomial) -> Polynomial {
    var difference = a
    for term in b.terms { difference.add(0 &- term.factor, term.monomial) }
    return difference
  }
  static prefix func - (a: Polynomial) -> Polynomial { Polynomial() - a }
  static func * (a: Polynomial, b: Polynomial) -> Polynomial {
    var product = Polynomial()
    for left in a.terms {
      for right in b.terms {
        product.add(left.factor &* right.factor, left.monomial * right.monomial)
      }
    }
    return product
  }
  static func + (a: Polynomial, b: Int) -> Polynomial { a + Polynomial(b) }
  static func - (a: Polynomial, b: Int) -> Polynomial { a - Polynomial(b) }

  /// Replaces an atom wherever it occurs, inside other atoms too.
  func replacing(_ atom: Atom, with value: Polynomial) -> Polynomial {
    guard contains(where: { $0 == atom }) else { return self }
    var result = Polynomial()
    for term in terms {
      var product = Polynomial(term.factor)
      for part in term.monomial.factors {
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
        let next = rest.terms.compactMap({ term -> (Monomial, Int)? in
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

  private var leadingTerm: Term? {
    terms.max { $0.monomial.factors.count < $1.monomial.factors.count }
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
