import KernelModel

/// Writing integer expressions so that they may be evaluated where the source did not evaluate
/// them.
struct SafeEvaluation {
  let function: Function
  let build: BuildFlags
  /// What holds where the expression will stand.
  var facts: BoundFacts
  /// Whether the source evaluates all atoms at that place itself.
  var hasEvaluatedAtoms = false

  /// `long`, or `long long` where `long` has 32 bits.
  static func wideType(_ build: BuildFlags, isSigned: Bool) -> CType {
    let isNarrow = build.arguments.contains { ["-m32", "-mx32"].contains($0) }
    let signed = IntegerType(isNarrow ? .longLong : .long, width: 64, isSigned: true)
    return .integer(isSigned ? signed : signed.unsignedCounterpart)
  }

  /// An expression with the form's value for every input; nil when none is known that can neither
  /// overflow nor wrap.
  func expression(_ form: LinearForm) -> Expr? {
    if form.terms.isEmpty { return .int(form.constant) }
    let plain = form.expression
    if form.isSingleAtom { return hasEvaluatedAtoms || isSafe(plain) ? plain : nil }
    guard
      form.terms.allSatisfy({
        $0.atom.type.isInteger && (hasEvaluatedAtoms || isSafe($0.atom))
      })
    else { return nil }
    let types = form.terms.compactMap { $0.atom.type.promoted.integer }
    if types.allSatisfy({ !$0.isSigned }) {
      return facts.prove(form) && facts.proveAtMostMaximum(form, of: plain.type) ? plain : nil
    }
    guard types.allSatisfy(\.isSigned) else { return nil }
    if isInRange(form, plain.type) { return plain }
    guard types.allSatisfy({ $0.width <= 32 }) else { return nil }
    return form.widened(to: Self.wideType(build, isSigned: true)).expression
  }

  /// An expression with the same value that may be evaluated at the place; nil when there is none.
  func expression(_ expr: Expr) -> Expr? {
    isSafe(expr) ? expr : expression(LinearForm(expr, facts: facts))
  }

  /// A value moved by a constant, for an iterator of the type; nil where that might not hold the sum.
  func moved(_ value: Expr, by distance: Int, in type: CType) -> Expr? {
    if distance == 0 { return value }
    guard let sum = expression(LinearForm(value, facts: facts) + distance),
      facts.keepsValue(sum, convertedTo: type)
    else { return nil }
    return sum
  }

  /// Whether evaluation can neither fault nor overflow.
  private func isSafe(_ expr: Expr) -> Bool {
    if expr.constantValue != nil { return true }
    switch expr.kind {
    case .variable(let variable): return !function[variable].type.qualifiers.contains(.volatile)
    case .cast(let operand): return expr.type.isInteger && operand.type.isInteger && isSafe(operand)
    case .conditional(let a, let b, let c): return [a, b, c].allSatisfy(isSafe)
    case .member(let base, _, isArrow: false):
      return !expr.type.qualifiers.contains(.volatile) && isSafe(base)
    case .binary(let op, let a, let b):
      guard isSafe(a), isSafe(b), a.type.isInteger, b.type.isInteger else { return false }
      if op.isComparison || op.isLogical { return true }
      if [.divide, .remainder].contains(op) { return b.constantValue.map { $0 > 0 } == true }
      guard [.add, .subtract, .multiply].contains(op) else { return false }
      if expr.type.integer?.isSigned == false { return true }
      let form = LinearForm(expr, facts: facts)
      return !(form.isSingleAtom && form.terms[0].atom == expr) && isInRange(form, expr.type)
    default: return false
    }
  }

  /// Whether a signed sum is known to stay in its type, at every step of its evaluation: the bounds
  /// are shown for the whole; added terms first and those taken away after them stay between.
  private func isInRange(_ form: LinearForm, _ type: CType) -> Bool {
    guard form.terms.filter({ $0.coefficient > 0 }).count <= 1,
      form.terms.allSatisfy({ $0.coefficient <= 1 })
    else { return false }
    return facts.proveAtMostMaximum(form, of: type) && facts.proveAtLeastMinimum(form, of: type)
  }
}

extension LinearForm {
  var isSingleAtom: Bool { constant == 0 && terms.count == 1 && terms[0].coefficient == 1 }
}
