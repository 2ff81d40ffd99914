import KernelModel

/// An integer expression as a constant plus integer multiples of atoms, over exact integers.
///
/// Atoms are variables and whatever is not linear. Operations in types that wrap, unsigned ones and,
/// under `-fwrapv`, signed ones, are taken apart only where `facts` show that they do not. Constants
/// spelled by name stay atoms until `resolved`, so that printing keeps the name.
struct LinearForm: Hashable {
  struct Term: Hashable {
    var atom: Expr
    var coefficient: Int
  }

  var constant: Int
  /// In order of first appearance, without zero coefficients.
  private(set) var terms: [Term]

  init(_ constant: Int) {
    self.constant = constant
    terms = []
  }

  init(_ expr: Expr, facts: BoundFacts = .none) {
    self = Self.read(expr, facts)
  }

  /// The value of an expression that is not looked into.
  init(atom: Expr) {
    constant = 0
    terms = [Term(atom: atom, coefficient: 1)]
  }

  private static func read(_ expr: Expr, _ facts: BoundFacts) -> LinearForm {
    if expr.spelling != nil { return LinearForm(atom: expr) }
    if let value = expr.constantValue, isModest(value) { return LinearForm(value) }
    switch expr.kind {
    case .unary(.plus, let operand): return read(operand, facts)
    case .unary(.minus, let operand) where isSigned(expr):
      let negated = read(operand, facts) * -1
      return isExact(expr, facts) || isInRange(negated, of: expr, facts)
        ? negated : LinearForm(atom: expr)
    case .cast(let operand) where isWidening(from: operand.type, to: expr.type):
      return read(operand, facts)
    case .cast(let operand) where facts.keepsValue(operand, convertedTo: expr.type):
      return read(operand, facts)
    case .binary(.add, let left, let right):
      let sum = read(left, facts) + read(right, facts)
      return isExact(expr, facts) || isInRange(sum, of: expr, facts)
        ? sum : LinearForm(atom: expr)
    case .binary(.subtract, let left, let right):
      let difference = read(left, facts) - read(right, facts)
      return isExact(expr, facts) || isInRange(difference, of: expr, facts)
        ? difference : LinearForm(atom: expr)
    case .binary(.multiply, let left, let right) where isExact(expr, facts):
      let (a, b) = (read(left, facts), read(right, facts))
      if a.terms.isEmpty, a.isSmall, b.isSmall { return b * a.constant }
      if b.terms.isEmpty, a.isSmall, b.isSmall { return a * b.constant }
    default: break
    }
    return LinearForm(atom: expr)
  }

  /// Larger numbers stay atoms, so that sums of forms cannot overflow.
  private static func isModest(_ value: Int) -> Bool { (-(1 << 40)...(1 << 40)).contains(value) }

  /// Whether products of two such forms stay modest.
  private var isSmall: Bool {
    let small = -(1 << 20)...(1 << 20)
    return small.contains(constant) && terms.allSatisfy { small.contains($0.coefficient) }
  }

  /// Whether the operation does not wrap.
  private static func isExact(_ expr: Expr, _ facts: BoundFacts) -> Bool {
    (isSigned(expr) && !facts.wrapsSigned) || facts.ignoresWrapping
  }

  /// Whether the exact value of an operation is known to lie in its type: at both ends for signed
  /// types; unsigned sums do not fall below it, nor do differences rise above it.
  private static func isInRange(_ value: LinearForm, of expr: Expr, _ facts: BoundFacts) -> Bool {
    let isSum = if case .binary(.add, _, _) = expr.kind { true } else { false }
    let mayRise = isSum || isSigned(expr)
    let mayFall = !isSum || isSigned(expr)
    return (!mayRise || facts.proveAtMostMaximum(value, of: expr.type))
      && (!mayFall || facts.proveAtLeastMinimum(value, of: expr.type))
  }

  private static func isSigned(_ expr: Expr) -> Bool { expr.type.integer?.isSigned == true }

  /// Whether a conversion keeps every value.
  static func isWidening(from: CType, to: CType) -> Bool {
    guard let from = from.integer, let to = to.integer, to.kind != .bool else { return false }
    if from.isSigned == to.isSigned { return to.width >= from.width }
    return to.isSigned && to.width > from.width
  }

  /// The form with constants that are spelled by name as numbers.
  var resolved: LinearForm {
    var result = LinearForm(constant)
    for term in terms {
      if let value = term.atom.constantValue, Self.isModest(value) {
        result.constant += value * term.coefficient
      } else {
        result.add(term)
      }
    }
    return result
  }

  /// The value when no atom is left.
  var constantValue: Int? {
    let form = resolved
    return form.terms.isEmpty ? form.constant : nil
  }

  func coefficient(of variable: VariableID) -> Int {
    terms.first { $0.atom.kind == .variable(variable) }?.coefficient ?? 0
  }

  /// Whether the variable occurs, in an atom that is not linear too.
  func mentions(_ variable: VariableID) -> Bool {
    terms.contains { $0.atom.mentionedVariables.contains(variable) }
  }

  /// Whether the variable occurs only as an atom of its own.
  func isLinear(in variable: VariableID) -> Bool {
    terms.allSatisfy {
      $0.atom.kind == .variable(variable) || !$0.atom.mentionedVariables.contains(variable)
    }
  }

  /// The form with a linear occurrence of the variable replaced.
  func replacing(_ variable: VariableID, with value: LinearForm) -> LinearForm {
    let factor = coefficient(of: variable)
    var rest = self
    rest.terms.removeAll { $0.atom.kind == .variable(variable) }
    return rest + value * factor
  }

  private mutating func add(_ term: Term) {
    guard let index = terms.firstIndex(where: { $0.atom.isSameAtom(as: term.atom) }) else {
      if term.coefficient != 0 { terms.append(term) }
      return
    }
    terms[index].coefficient += term.coefficient
    if terms[index].coefficient == 0 { terms.remove(at: index) }
  }

  static func + (a: LinearForm, b: LinearForm) -> LinearForm {
    var result = a
    result.constant += b.constant
    for term in b.terms { result.add(term) }
    return result
  }

  static func - (a: LinearForm, b: LinearForm) -> LinearForm { a + b * -1 }

  static func * (a: LinearForm, factor: Int) -> LinearForm {
    guard factor != 0 else { return LinearForm(0) }
    var result = a
    result.constant *= factor
    for index in result.terms.indices { result.terms[index].coefficient *= factor }
    return result
  }

  static func + (a: LinearForm, b: Int) -> LinearForm {
    var result = a
    result.constant += b
    return result
  }

  /// The form as an expression: added terms first, then those taken away, then the constant.
  /// Constants take the type of the first atom.
  var expression: Expr {
    let added = terms.filter { $0.coefficient > 0 }
    let removed = terms.filter { $0.coefficient < 0 }
    var result: Expr?
    for term in added { result = Self.append(.add, to: result, term) }
    if result == nil, constant != 0 || removed.isEmpty { result = .int(constant) }
    let leadsWithConstant = added.isEmpty
    for term in removed { result = Self.append(.subtract, to: result, term) }
    guard let result else { return .int(constant) }
    if leadsWithConstant || constant == 0 { return result }
    return .binary(constant > 0 ? .add : .subtract, result, .int(abs(constant)))
  }

  /// The form with its arithmetic carried out in a wider type: every product and the term that is
  /// printed first are converted.
  func widened(to type: CType) -> LinearForm {
    var result = self
    let first = terms.firstIndex { $0.coefficient > 0 } ?? 0
    for index in result.terms.indices where index == first || abs(terms[index].coefficient) != 1 {
      result.terms[index].atom = .cast(terms[index].atom, to: type)
    }
    return result
  }

  private static func append(_ op: BinaryOperator, to sum: Expr?, _ term: Term) -> Expr {
    let factor = abs(term.coefficient)
    let product = factor == 1 ? term.atom : .binary(.multiply, .int(factor), term.atom)
    guard let sum else { return op == .add ? product : .negate(product) }
    return .binary(op, sum, product)
  }
}

extension Expr {
  /// Whether two atoms stand for the same value whenever they are evaluated together.
  fileprivate func isSameAtom(as other: Expr) -> Bool {
    if case .variable(let a) = kind, case .variable(let b) = other.kind { return a == b }
    return self == other
  }
}
