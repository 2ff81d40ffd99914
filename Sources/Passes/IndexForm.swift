import KernelModel

/// An integer expression as a sum of products of atoms: what it computes over the integers, as far
/// as addition, subtraction and multiplication tell.
///
/// Atoms are variables and other expressions that are not taken apart, known by their `Expr.key`.
/// A form says nothing of when its atoms change: comparing two forms is meaningful only where every
/// atom has one value.
struct IndexForm: Hashable {
  /// Factors by product; a product is the sorted list of its atoms' keys.
  private(set) var terms: [[String]: Int] = [:]
  /// Whether some operation is reduced modulo 2^32 or less, so that neighbours of the whole need not
  /// be neighbours in memory.
  private(set) var mayWrap = false
  /// The atoms by key.
  private(set) var atoms: [String: Expr] = [:]

  init(_ constant: Int = 0) { terms = constant == 0 ? [:] : [[]: constant] }

  init(_ expr: Expr) {
    self.init(expr.constantValue ?? 0)
    if expr.constantValue != nil { return }
    switch expr.kind {
    case .binary(.add, let a, let b): self = IndexForm(a).combined(IndexForm(b), 1)
    case .binary(.subtract, let a, let b): self = IndexForm(a).combined(IndexForm(b), -1)
    case .binary(.multiply, let a, let b): self = IndexForm(a).multiplied(by: IndexForm(b))
    case .unary(.minus, let a): self = IndexForm().combined(IndexForm(a), -1)
    case .unary(.plus, let a): self = IndexForm(a)
    case .cast(let operand) where Self.keepsValue(from: operand.type, to: expr.type):
      self = IndexForm(operand)
      return
    default:
      terms = [[expr.key]: 1]
      atoms = [expr.key: expr]
      return
    }
    if let type = expr.type.integer, !type.isSigned, type.width < 64 { mayWrap = true }
  }

  /// Conversions that addresses do not notice: widening ones, and any to 64 bits.
  private static func keepsValue(from source: CType, to target: CType) -> Bool {
    guard let a = source.integer, let b = target.integer, b.kind != .bool else { return false }
    return b.width >= 64 || (b.width >= a.width && (b.isSigned == a.isSigned || !a.isSigned))
  }

  /// The value when no atom occurs.
  var constant: Int? {
    if terms.isEmpty { return 0 }
    return terms.count == 1 ? terms[[]] : nil
  }

  /// The form as a sum of variables; nil where it has products or other atoms, or may wrap.
  var linear: LinearForm? {
    guard !mayWrap else { return nil }
    var sum = LinearForm(0)
    for (product, factor) in terms.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      guard let key = product.first else {
        sum = sum + factor
        continue
      }
      guard product.count == 1, let atom = atoms[key], case .variable = atom.kind else {
        return nil
      }
      sum = sum + LinearForm(atom: atom) * factor
    }
    return sum
  }

  static func - (a: IndexForm, b: IndexForm) -> IndexForm { a.combined(b, -1) }
  static func + (a: IndexForm, b: IndexForm) -> IndexForm { a.combined(b, 1) }

  /// What one step of the variable adds; nil when the form is not linear in it.
  func coefficient(of variable: VariableID) -> IndexForm? {
    let key = "v\(variable.index)"
    var result = IndexForm()
    result.mayWrap = mayWrap
    result.atoms = atoms
    for (product, factor) in terms {
      let occurrences = product.filter { $0 == key }.count
      let hidden = product.contains {
        $0 != key && atoms[$0]?.mentionedVariables.contains(variable) == true
      }
      if hidden || occurrences > 1 { return nil }
      if occurrences == 1 { result.add(factor, product.filter { $0 != key }) }
    }
    return result
  }

  /// Adds with wrap-around so that absurd constants cannot trap.
  private mutating func add(_ factor: Int, _ product: [String]) {
    let sum = (terms[product] ?? 0) &+ factor
    terms[product] = sum == 0 ? nil : sum
  }

  private func combined(_ other: IndexForm, _ sign: Int) -> IndexForm {
    var result = self
    for (product, factor) in other.terms { result.add(sign &* factor, product) }
    result.mayWrap = mayWrap || other.mayWrap
    result.atoms = atoms.merging(other.atoms) { first, _ in first }
    return result
  }

  private func multiplied(by other: IndexForm) -> IndexForm {
    var result = IndexForm()
    for (left, x) in terms {
      for (right, y) in other.terms { result.add(x &* y, (left + right).sorted()) }
    }
    result.mayWrap = mayWrap || other.mayWrap
    result.atoms = atoms.merging(other.atoms) { first, _ in first }
    return result
  }
}
