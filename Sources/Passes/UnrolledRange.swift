import ExperimentRecords
import KernelModel

/// The headers of a loop that makes `factor` iterations at a time and of the loop that makes the
/// rest.
struct UnrolledRange {
  /// Declares the first value that the main loop does not reach; empty when that is a constant.
  var prelude: [Stmt] = []
  var main: CountedHeader
  /// Nil when nothing is left over.
  var rest: CountedHeader?
  /// The loop's exclusive upper bound, for upward loops.
  var upper: Expr?

  /// Computes the headers; `function` receives the variable that `prelude` declares.
  init(
    _ site: LoopSite, by factor: Int, in kernel: Kernel, _ function: inout Function,
    for pass: some Pass
  ) throws(Refusal) {
    let step = factor.multipliedReportingOverflow(by: site.header.step)
    guard !step.overflow, abs(step.partialValue) < 1 << 30 else {
      throw pass.refusal("the factor \(factor) is too large")
    }
    guard site.header.lower?.hasEffects != true else {
      throw pass.refusal("computing the initial value of loop '\(site.label)' has effects")
    }
    main = site.header
    main.step = step.partialValue
    if main.relation == .notEqual { main.relation = main.step > 0 ? .less : .greater }
    var rest = site.header
    if let trips = site.loop.constantTripCount {
      guard trips >= factor else {
        throw pass.refusal("loop '\(site.label)' has only \(trips) iterations")
      }
      if trips % factor == 0 { return }
    }
    if kernel.function.endsEvenly(site.header, by: factor) {
      upper = site.header.bound
      return
    }
    var split = Split(site, factor: factor, kernel: kernel)
    let end = try split.end(for: pass)
    upper = split.upper
    let value: Expr
    if let constant = end.constantValue {
      value = .integer(constant, type: end.type)
    } else {
      let name = function[site.variable].name + "_end"
      let type = CType.qualified(.const, end.type.arithmeticType)
      let variable = function.introduce(name, type: type)
      prelude = [.declare(variable, end)]
      value = function.reference(variable)
    }
    main.relation = split.relation
    main.bound = value
    let continues =
      site.header.lower == nil
      || (!site.header.declares && function.isIteratorLive(outside: site.label))
    rest.lower = continues ? nil : split.startOfRest(after: value)
    self.rest = rest
  }

  /// The value of an upward loop's iterator after its last iteration.
  static func endOfIterations(
    _ site: LoopSite, in kernel: Kernel, for pass: some Pass
  ) throws(Refusal) -> Expr {
    var split = Split(site, factor: 1, kernel: kernel)
    return try split.end(for: pass)
  }
}

/// Where the iterations of a loop part into full groups and a rest.
private struct Split {
  let site: LoopSite
  let factor: Int
  let kernel: Kernel
  var upper: Expr?
  /// The relation of the main loop to the end that `end` computes.
  var relation: BinaryOperator = .less

  private var function: Function { kernel.function }

  init(_ site: LoopSite, factor: Int, kernel: Kernel) {
    self.site = site
    self.factor = factor
    self.kernel = kernel
  }

  mutating func end(for pass: some Pass) throws(Refusal) -> Expr {
    site.header.step > 0 ? try upwardEnd(pass) : try downwardEnd(pass)
  }

  func startOfRest(after end: Expr) -> Expr {
    relation == .greaterOrEqual ? (LinearForm(end) + -1).expression : end
  }

  private var facts: BoundFacts { BoundFacts(at: site.label, inside: false, of: kernel) }

  /// For `v = lower; v < upper; v += s`, with T = ceil((upper - lower) / s) iterations:
  /// lower + (T - T % factor) * s.
  private mutating func upwardEnd(_ pass: some Pass) throws(Refusal) -> Expr {
    var facts = facts
    let upper = try site.exclusiveUpper(in: function, facts: facts, for: pass)
    self.upper = upper
    let step = site.header.step
    let lower = site.header.lower ?? function.reference(site.variable)
    if let trips = site.loop.constantTripCount, let start = lower.constantValue {
      return .integer(start + (trips - trips % factor) * step, type: upper.type)
    }
    if lower.constantValue == 0, step == 1 { return upper.rounded(.subtract, remainderOf: factor) }
    guard step == 1 || !site.loop.body.leavesLoop else {
      throw pass.refusal("loop '\(site.label)' may be left before its bound is reached")
    }
    let distance = LinearForm(upper, facts: facts) - LinearForm(lower, facts: facts)
    let startsInside =
      facts.prove(distance + -1) || (step == 1 && facts.prove(distance))
      || site.isEntered(in: function, facts, for: pass)
    if let count = distance.constantValue, count <= 0 { throw neverRuns(pass) }
    facts.assume(distance + -1)
    let evaluation = SafeEvaluation(
      function: function, build: kernel.build, facts: facts, hasEvaluatedAtoms: true)
    guard let count = evaluation.expression(step == 1 ? distance : distance + -1) else {
      throw pass.refusal("the trip count of loop '\(site.label)' may overflow")
    }
    let end =
      step == 1
      ? Expr.binary(.subtract, upper, .binary(.remainder, count, .int(factor)))
      : stepped(from: lower, count, step)
    if startsInside { return end }
    return Expr(
      .conditional(.binary(.greater, upper, lower), end, lower), type: upper.type.arithmeticType)
  }

  /// Comparing a bound with itself draws warnings, and there is nothing to gain.
  private func neverRuns(_ pass: some Pass) -> Refusal {
    pass.refusal("loop '\(site.label)' never runs")
  }

  private func stepped(from lower: Expr, _ last: Expr, _ step: Int) -> Expr {
    let trips = Expr.binary(.add, .binary(.divide, last, .int(step)), .int(1))
    let groups = factor == 1 ? trips : Expr.binary(.divide, trips, .int(factor))
    let covered = Expr.binary(.multiply, groups, .int(factor * step))
    return lower.constantValue == 0 ? covered : .binary(.add, lower, covered)
  }

  /// For `v = start; v >= last; v--`: last + T % factor, T = start - last + 1, and likewise for `>`.
  private mutating func downwardEnd(_ pass: some Pass) throws(Refusal) -> Expr {
    let header = site.header
    guard header.step == -1, header.relation != .notEqual else {
      throw pass.refusal("loop '\(site.label)' counts downward by a step other than 1")
    }
    guard header.comparesAsIntegers(function) else {
      throw pass.refusal("loop '\(site.label)' compares signed with unsigned values")
    }
    relation = header.relation
    let start = header.lower ?? function.reference(site.variable)
    var facts = facts
    let inclusive = relation == .greaterOrEqual ? 1 : 0
    let trips =
      LinearForm(start, facts: facts) - LinearForm(header.bound, facts: facts) + inclusive
    if header.bound.constantValue == 0, trips.isSingleAtom {
      return trips.expression.remainder(factor)
    }
    let startsInside = header.bound.maximumOperands.allSatisfy {
      facts.prove(LinearForm(start, facts: facts) - LinearForm($0, facts: facts) + inclusive)
    }
    if let count = trips.constantValue, count <= 0 { throw neverRuns(pass) }
    facts.assume(trips + -1)
    let evaluation = SafeEvaluation(
      function: function, build: kernel.build, facts: facts, hasEvaluatedAtoms: true)
    guard let count = evaluation.expression(trips) else {
      throw pass.refusal("the trip count of loop '\(site.label)' may overflow")
    }
    let end = Expr.binary(.add, header.bound, count.remainder(factor))
    if startsInside { return end }
    let fallback = inclusive == 1 ? header.bound : start
    return Expr(
      .conditional(.binary(relation, start, header.bound), end, fallback),
      type: end.type.arithmeticType)
  }
}

extension Expr {
  fileprivate func remainder(_ factor: Int) -> Expr { .binary(.remainder, self, .int(factor)) }

  /// `n - n % 4`.
  fileprivate func rounded(_ op: BinaryOperator, remainderOf factor: Int) -> Expr {
    .binary(op, self, remainder(factor))
  }
}

extension CType {
  /// The type itself where arithmetic keeps it, else the type to which it is promoted.
  var arithmeticType: CType {
    unqualified.canonical == promoted ? unqualified : promoted
  }
}
