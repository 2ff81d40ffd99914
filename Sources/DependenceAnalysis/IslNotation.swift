import IslBindings
import KernelModel

/// Writes symbolic values in isl's notation; keeps the names of parameters.
final class IslNotation {
  /// Products of atoms that isl sees as one parameter each, in the order of their names.
  private(set) var parameters: [Monomial] = []
  private var names: [Monomial: String] = [:]
  private let varies: (Atom) -> Bool

  /// - Parameter varies: whether an atom differs between instances; what does not is a parameter.
  init(varies: @escaping (Atom) -> Bool) { self.varies = varies }

  /// The declaration of all parameters met so far.
  var header: String {
    parameters.isEmpty ? "" : "[" + parameters.map { name($0) }.joined(separator: ", ") + "] -> "
  }

  func monomial(named name: String) -> Monomial? { parameters.first { names[$0] == name } }

  private func name(_ monomial: Monomial) -> String {
    if let known = names[monomial] { return known }
    let name = "p\(parameters.count)"
    names[monomial] = name
    parameters.append(monomial)
    return name
  }

  /// An affine expression; nil when the polynomial is none in the given dimensions.
  func text(_ polynomial: Polynomial, _ dimensions: [Int: String]) -> String? {
    var parts: [String] = []
    for (monomial, factor) in polynomial.terms.map({ ($0.monomial, $0.factor) }) {
      guard let term = text(monomial, dimensions) else { return nil }
      parts.append(term.isEmpty ? "\(factor)" : factor == 1 ? term : "\(factor) * \(term)")
    }
    return parts.isEmpty ? "0" : "(" + parts.joined(separator: " + ") + ")"
  }

  private func text(_ monomial: Monomial, _ dimensions: [Int: String]) -> String? {
    if monomial.factors.isEmpty { return "" }
    if monomial.factors.count == 1, let atom = monomial.factors.first {
      if case .iterator(let loop) = atom, let dimension = dimensions[loop] { return dimension }
      if let expanded = text(atom, dimensions) { return expanded }
    }
    let isVarying = monomial.contains { atom in
      if case .iterator(let loop) = atom, dimensions[loop] != nil { return true }
      return varies(atom)
    }
    return isVarying ? nil : name(monomial)
  }

  private func text(_ atom: Atom, _ dimensions: [Int: String]) -> String? {
    switch atom {
    case .minimum(let a, let b), .maximum(let a, let b):
      guard let x = text(a, dimensions), let y = text(b, dimensions) else { return nil }
      if case .minimum = atom { return "min(\(x), \(y))" }
      return "max(\(x), \(y))"
    case .quotient(let a, let divisor):
      guard let x = text(a, dimensions) else { return nil }
      return truncated(x, divisor)
    case .remainder(let a, let divisor):
      guard let x = text(a, dimensions) else { return nil }
      return "(\(x) - \(divisor) * \(truncated(x, divisor)))"
    default: return nil
    }
  }

  /// Division toward zero, as C does it, from isl's division toward negative infinity.
  private func truncated(_ x: String, _ divisor: Int) -> String {
    "(floor((max(\(x), 0)) / \(divisor)) - floor((max(-\(x), 0)) / \(divisor)))"
  }

  /// A polynomial expression in which every atom has a name of its own; nil when one varies but is
  /// no dimension.
  func product(_ polynomial: Polynomial, _ dimensions: [Int: String]) -> String? {
    var parts: [String] = []
    for term in polynomial.terms {
      var names = ["\(term.factor)"]
      for atom in term.monomial.factors {
        guard let name = text(Monomial(factors: [atom]), dimensions) else { return nil }
        names.append(name)
      }
      parts.append(names.joined(separator: " * "))
    }
    return parts.isEmpty ? "0" : "(" + parts.joined(separator: " + ") + ")"
  }

  /// A condition; nil when some part is not affine.
  func text(_ condition: Condition, _ dimensions: [Int: String]) -> String? {
    switch condition {
    case .nonNegative(let p): return text(p, dimensions).map { "\($0) >= 0" }
    case .zero(let p): return text(p, dimensions).map { "\($0) = 0" }
    case .all(let parts): return join(parts, dimensions, " and ", empty: "true")
    case .any(let parts): return join(parts, dimensions, " or ", empty: "false")
    }
  }

  private func join(
    _ parts: [Condition], _ dimensions: [Int: String], _ connective: String, empty: String
  ) -> String? {
    var texts: [String] = []
    for part in parts {
      guard let text = text(part, dimensions) else { return nil }
      texts.append(text)
    }
    return texts.isEmpty ? empty : "(" + texts.joined(separator: connective) + ")"
  }

  /// The conditions that are affine, joined; dropping one only makes the set larger.
  func affinePart(_ conditions: [Condition], _ dimensions: [Int: String]) -> String {
    let texts = conditions.compactMap { text($0, dimensions) }
    return texts.isEmpty ? "true" : texts.joined(separator: " and ")
  }
}

/// Answers whether a condition always holds, under a limit on isl's operations.
final class Prover {
  let context: Context
  private let memory: ProofMemory
  /// What was not decided within this prover's limit.
  private var undecided: Set<String> = []
  private var relevance = Relevance()

  /// - Parameter memory: answers that other provers may have found; this one's own when `nil`.
  init(_ context: Context, memory: ProofMemory? = nil) {
    self.context = context
    self.memory = memory ?? ProofMemory()
  }

  /// True only when proved; every product that is not affine counts as a value of its own.
  func isAlwaysTrue(_ condition: Condition, given known: [Condition]) -> Bool {
    let notation = IslNotation { _ in false }
    let negated = condition.negated
    guard let refuted = notation.text(negated, [:]) else { return false }
    let facts = notation.affinePart(relevance.part(of: known, to: negated), [:])
    let text = "\(notation.header){ : \(refuted) and \(facts) }"
    if let answer = memory.answer(to: text) { return answer }
    if undecided.contains(text) { return false }
    return isEmpty(text)
  }

  private func isEmpty(_ text: String) -> Bool {
    context.restartOperationCount()
    do throws(IslError) {
      let answer = try IntegerSet(context, parsing: text).isEmpty()
      memory.keep(answer, to: text)
      return answer
    } catch {
      // Not decided within the limit counts as not proved.
      undecided.insert(text)
      return false
    }
  }
}
