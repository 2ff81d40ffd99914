import ExperimentRecords
import KernelModel

/// The iteration some way ahead of the one that a loop is in.
struct LaterIteration {
  private let site: LoopSite
  private let kernel: Kernel
  /// What the iterator differs by: above zero in upward loops.
  private let distance: Int

  init(_ site: LoopSite, by iterations: Int, in kernel: Kernel) {
    self.site = site
    self.kernel = kernel
    distance = iterations * site.header.step
  }

  private var iterator: Expr { kernel.function.reference(site.variable) }

  /// The expression as that iteration computes it.
  func value(of expr: Expr) -> Expr {
    let later = iterator.advanced(distance)
    return expr.substituting(site.variable, with: later)
  }

  /// Whether the iteration takes place, as the loop's body may ask it.
  func takesPlace(for pass: some Pass) throws(Refusal) -> Expr {
    guard abs(distance) < 1 << 30 else { throw pass.refusal("the distance is too large") }
    try requireNoWrapping(pass)
    let header = site.header
    if let bound = header.bound.constantValue, header.bound.spelling == nil {
      return try test(against: bound, pass)
    }
    let isInclusive = [.lessOrEqual, .greaterOrEqual].contains(header.relation)
    let relation: BinaryOperator = isInclusive ? .greaterOrEqual : .greater
    return .binary(relation, remaining(), .int(abs(distance)))
  }

  /// A test with the iterator alone, for a bound that is a number.
  private func test(against bound: Int, _ pass: some Pass) throws(Refusal) -> Expr {
    let header = site.header
    let isUpward = header.step > 0
    let relation: BinaryOperator =
      header.relation == .notEqual ? (isUpward ? .less : .greater) : header.relation
    let end = bound - distance
    let type = header.bound.type.promoted
    guard type.integer?.holds(end) == true,
      CType.usualArithmeticConversion(iterator.type, type)?.integer?.holds(end) == true
    else { throw pass.refusal("loop '\(site.label)' has no iteration that far ahead") }
    return .binary(relation, iterator, .integer(end, type: type))
  }

  /// How far the iterator is from its bound: not below zero inside the loop, whose own comparison says
  /// so, and computed so that it cannot overflow.
  private func remaining() -> Expr {
    let bound = site.header.bound
    let (upper, lower) = site.header.step > 0 ? (bound, iterator) : (iterator, bound)
    let common = CType.usualArithmeticConversion(iterator.type, bound.type)
    if common?.integer?.isSigned == false { return .binary(.subtract, upper, lower) }
    let facts = BoundFacts(at: site.label, inside: true, of: kernel)
    let form = LinearForm(upper, facts: facts) - LinearForm(lower, facts: facts)
    let evaluation = SafeEvaluation(
      function: kernel.function, build: kernel.build, facts: facts, hasEvaluatedAtoms: true)
    if let plain = evaluation.expression(form) { return plain }
    let unsigned = CType.integer((common?.integer ?? .int).unsignedCounterpart)
    return .binary(.subtract, .cast(upper, to: unsigned), .cast(lower, to: unsigned))
  }

  /// Refuses an iterator that may wrap around before it reaches its bound: it is narrower than what it
  /// is compared in, so that later iterations are not those that the arithmetic says.
  private func requireNoWrapping(_ pass: some Pass) throws(Refusal) {
    let bound = site.header.bound
    guard let own = kernel.function[site.variable].type.integer, own.width < 32 else { return }
    let fits =
      bound.constantValue.map { own.holds($0) }
      ?? bound.type.integer.map { $0.width <= own.width && $0.isSigned == own.isSigned } ?? false
    guard fits else {
      throw pass.refusal("the iterator of loop '\(site.label)' may wrap before its bound")
    }
  }
}
