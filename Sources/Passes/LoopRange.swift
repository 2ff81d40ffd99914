import ExperimentRecords
import KernelModel

/// The header of an upward loop of step 1 as the largest of some lower bounds and the smallest of
/// some exclusive upper bounds, each linear, so that a bound may follow an outer iterator.
struct LoopRange {
  var variable: VariableID
  /// A mention of the variable.
  var iterator: Expr
  var lowers: [LinearForm]
  var uppers: [LinearForm]

  /// Refuses headers that have another form.
  init(_ site: LoopSite, in function: Function, facts: BoundFacts, for pass: some Pass)
    throws(Refusal)
  {
    guard site.header.step == 1 else {
      throw pass.refusal(
        "a bound follows an outer loop and '\(site.label)' has a step other than 1")
    }
    let lower = try site.lower(for: pass)
    let upper = try site.exclusiveUpper(in: function, facts: facts, for: pass)
    variable = site.variable
    iterator = function.reference(site.variable)
    lowers = lower.maximumOperands.map { LinearForm($0, facts: facts) }
    uppers = upper.minimumOperands.map { LinearForm($0, facts: facts) }
  }

  func mentions(_ other: VariableID) -> Bool {
    (lowers + uppers).contains { $0.mentions(other) }
  }

  /// The ranges of two nested loops in exchanged order, which visit the same pairs: every bound of
  /// the inner loop that follows the outer iterator with coefficient 1 or -1 is solved for it
  /// (Fourier–Motzkin elimination, exact for such coefficients). Nil for other coefficients.
  static func exchanged(outer: LoopRange, inner: LoopRange) -> (outer: LoopRange, inner: LoopRange)?
  {
    let i = outer.variable
    guard
      (inner.lowers + inner.uppers).allSatisfy({
        $0.isLinear(in: i) && abs($0.coefficient(of: i)) <= 1
      })
    else { return nil }
    var newOuter = inner
    var newInner = outer
    let lasts = outer.uppers.map { $0 + -1 }
    newOuter.lowers = inner.lowers.flatMap { bound in
      switch bound.coefficient(of: i) {
      case 1: outer.lowers.map { bound.replacing(i, with: $0) }
      case -1: lasts.map { bound.replacing(i, with: $0) }
      default: [bound]
      }
    }
    newOuter.uppers = inner.uppers.flatMap { bound in
      switch bound.coefficient(of: i) {
      case 1: lasts.map { bound.replacing(i, with: $0).relaxed }
      case -1: outer.lowers.map { bound.replacing(i, with: $0) }
      default: [bound]
      }
    }
    let j = LinearForm(inner.iterator)
    for bound in inner.lowers where bound.coefficient(of: i) != 0 {
      let rest = bound.replacing(i, with: LinearForm(0))
      // rest + i <= j, or rest - i <= j.
      if bound.coefficient(of: i) == 1 {
        newInner.uppers.append(j - rest + 1)
      } else {
        newInner.lowers.append(rest - j)
      }
    }
    for bound in inner.uppers where bound.coefficient(of: i) != 0 {
      let rest = bound.replacing(i, with: LinearForm(0))
      // j < rest + i, or j < rest - i.
      if bound.coefficient(of: i) == 1 {
        newInner.lowers.append(j - rest + 1)
      } else {
        newInner.uppers.append(rest - j)
      }
    }
    return (newOuter, newInner)
  }

  /// Drops bounds that another one implies.
  mutating func simplify(_ facts: BoundFacts) {
    lowers = Self.strongest(lowers) { facts.prove($0 - $1) }
    uppers = Self.strongest(uppers) { facts.prove($1 - $0) }
  }

  private static func strongest(
    _ bounds: [LinearForm], _ implies: (LinearForm, LinearForm) -> Bool
  ) -> [LinearForm] {
    var kept: [LinearForm] = []
    for bound in bounds where !kept.contains(where: { implies($0, bound) }) {
      kept.removeAll { implies(bound, $0) }
      kept.append(bound)
    }
    return kept
  }
}

extension LinearForm {
  /// `n` for `n - 1`: an outer bound may be too large by one, for the inner one is exact, and `n`
  /// can neither overflow nor wrap.
  fileprivate var relaxed: LinearForm {
    guard constant == -1, terms.count == 1, terms[0].coefficient == 1 else { return self }
    return self + 1
  }
}
