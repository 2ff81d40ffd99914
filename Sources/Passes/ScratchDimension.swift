import ExperimentRecords
import KernelModel

/// One dimension of scratch: the iterations of one loop, counted from a value that is known before
/// the outermost of the loops.
struct ScratchDimension {
  let site: LoopSite
  /// The number of iterations at most, when it is a constant.
  let count: Int?
  /// The number of iterations; a bound of it where `count` is known.
  let extent: Expr
  /// A lower bound of the iterator; the first value when the step is not 1.
  private let base: Expr
  /// The type in which the distance from the base cannot overflow, when it is not that of C.
  private let wideType: CType?

  /// The dimension of the loop in scratch that is declared before the loop `outermost`.
  init(
    _ site: LoopSite, before outermost: LoopLabel, in kernel: Kernel, for pass: some Pass
  ) throws(Refusal) {
    self.site = site
    if site.header.step < 0 {
      let (trips, start) = try Self.constantDescent(site, in: kernel, for: pass)
      (count, extent, base, wideType) = (trips, .int(trips), start, nil)
      return
    }
    if let (distance, start) = try Self.constantDistance(site, in: kernel, for: pass) {
      guard distance > 0 else { throw pass.refusal("loop '\(site.label)' never runs") }
      let trips = (distance + site.header.step - 1) / site.header.step
      count = trips
      extent = .int(trips)
      base = start
      wideType = nil
      return
    }
    count = nil
    base = try site.lower(for: pass)
    extent = try Self.extent(site, before: outermost, in: kernel, for: pass)
    let width = kernel.function[site.variable].type.promoted.integer?.width ?? 64
    let startsAtConstant = (base.constantValue ?? -1) >= 0
    wideType =
      width <= 32 && !startsAtConstant
      ? SafeEvaluation.wideType(kernel.build, isSigned: true) : nil
  }

  /// The least constant distance between an upper and a lower bound, and that lower bound.
  ///
  /// An end that wraps is below its start, and then the loop does not run: sums count as exact here.
  private static func constantDistance(_ site: LoopSite, in kernel: Kernel, for pass: some Pass)
    throws(Refusal) -> (distance: Int, start: Expr)?
  {
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    let lower = try site.lower(for: pass)
    let upper = try site.exclusiveUpper(in: kernel.function, facts: facts, for: pass)
    var best: (distance: Int, start: Expr)?
    for start in site.header.step == 1 ? lower.maximumOperands : [lower] {
      let first = LinearForm(start, facts: .ignoringWrapping)
      for end in upper.minimumOperands {
        let distance = (LinearForm(end, facts: .ignoringWrapping) - first).constantValue
        guard let distance, distance < best?.distance ?? .max else { continue }
        best = (distance, start)
      }
    }
    return best
  }

  /// The least constant number of iterations that a loop counting down by one has at most, and its start.
  private static func constantDescent(_ site: LoopSite, in kernel: Kernel, for pass: some Pass)
    throws(Refusal) -> (trips: Int, start: Expr)
  {
    let header = site.header
    let start = try site.lower(for: pass)
    let first = LinearForm(start, facts: .ignoringWrapping)
    let trips = header.bound.maximumOperands.compactMap {
      (first - LinearForm($0, facts: .ignoringWrapping)).constantValue
    }.min().map { $0 + (header.relation == .greaterOrEqual ? 1 : 0) }
    guard header.step == -1, header.relation != .notEqual, let trips, trips > 0 else {
      throw pass.refusal(
        "the number of iterations of loop '\(site.label)', which counts downward, is not bounded by "
          + "a constant")
    }
    return (trips, start)
  }

  /// The number of iterations, computed before the loop `outermost`.
  private static func extent(
    _ site: LoopSite, before outermost: LoopLabel, in kernel: Kernel, for pass: some Pass
  ) throws(Refusal) -> Expr {
    let obstacle = pass.refusal(
      "the number of iterations of loop '\(site.label)' is neither bounded by a constant nor known "
        + "before loop '\(outermost)'")
    let function = kernel.function
    let lower = try site.lower(for: pass)
    let bound = site.header.bound
    let changed = function.body.loop(outermost).map { Stmt.loop($0).storedVariables } ?? []
    guard case .when(let entry) = site.header.entry(in: function),
      lower.mentionedVariables.isDisjoint(with: changed),
      bound.mentionedVariables.isDisjoint(with: changed)
    else { throw obstacle }
    var facts = BoundFacts(at: outermost, inside: false, of: kernel)
    let upper = try site.exclusiveUpper(in: function, facts: facts, for: pass)
    let distance = LinearForm(upper, facts: facts) - LinearForm(lower, facts: facts)
    let step = site.header.step
    let isPositive = facts.prove(step == 1 ? distance : distance + -1)
    facts.assume(distance + -1)
    let evaluation = SafeEvaluation(function: function, build: kernel.build, facts: facts)
    guard evaluation.expression(lower) == lower, evaluation.expression(bound) == bound,
      var value = evaluation.expression(step == 1 ? distance : distance + -1)
    else { throw obstacle }
    if step > 1 { value = .binary(.add, .binary(.divide, value, .int(step)), .int(1)) }
    if isPositive { return value }
    let type = CType.usualArithmeticConversion(value.type, .int) ?? value.type
    return Expr(.conditional(entry, value, .int(0)), type: type)
  }

  /// Whether the position has an unsigned type.
  func isUnsigned(in function: Function) -> Bool {
    index(in: function).type.promoted.integer?.isSigned == false
  }

  /// The position of the present iteration.
  func index(in function: Function) -> Expr {
    var iterator = function.reference(site.variable)
    if site.header.step < 0 { return .binary(.subtract, base, iterator) }
    if let wideType { iterator = .cast(iterator, to: wideType) }
    let distance = base.constantValue == 0 ? iterator : Expr.binary(.subtract, iterator, base)
    guard site.header.step > 1 else { return distance }
    return .binary(.divide, distance, .int(site.header.step))
  }
}
