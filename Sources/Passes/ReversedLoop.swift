import DependenceAnalysis
import ExperimentRecords
import KernelModel

/// The loop that makes the iterations of another one in the opposite order, as far as bounds and
/// types allow; the iterator may then stand beside the value that it had.
struct ReversedLoop {
  private(set) var header: CountedHeader
  private(set) var body: Stmt

  private let site: LoopSite
  private let kernel: Kernel

  /// Refuses where the iterations depend on their order, jump out, or leave a value behind.
  init(_ site: LoopSite, in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    self.site = site
    self.kernel = kernel
    header = site.header
    body = site.loop.body
    try site.requireNoEarlyExit(for: pass)
    try site.requireDeadIterator(in: kernel.function, for: pass)
    try site.requireStableStart(for: pass)
    guard try !site.lower(for: pass).mentionedVariables.contains(site.variable) else {
      throw pass.refusal("loop '\(site.label)' starts from its own iterator")
    }
    if site.header.step < 0 { try turnUpward(pass) } else { try turnDownward(pass) }
    try pass.ask(kernel) { (legality) throws(Obstacle) in try legality.reverse(site.label) }
  }

  /// The kernel with this loop in the other one's place.
  func replacingOriginal(for pass: some Pass) throws(Refusal) -> Kernel {
    try kernel.replacingLoop(site.label, for: pass) { statement, _ in
      var whole = statement
      whole.kind = .loop(Loop(label: site.label, header: .counted(header), body: body))
      return [whole]
    }
  }

  private var function: Function { kernel.function }
  private var iterator: Expr { function.reference(site.variable) }
  private var type: CType { function[site.variable].type.unqualified }
  private var facts: BoundFacts { BoundFacts(at: site.label, inside: false, of: kernel) }

  private func evaluation(_ facts: BoundFacts) -> SafeEvaluation {
    SafeEvaluation(
      function: function, build: kernel.build, facts: facts, hasEvaluatedAtoms: true)
  }

  private mutating func setHeader(_ lower: Expr, _ relation: BinaryOperator, _ bound: Expr) {
    header.lower = lower
    header.relation = relation
    header.bound = bound
    header.step = -site.header.step
  }

  /// Every mention of the iterator gives the value that is `offset` further.
  private mutating func moveIterator(by offset: Int, _ pass: some Pass) throws(Refusal) {
    let value = iterator.advanced(offset)
    guard let moved = body.replacing(site.variable, with: value, in: function) else {
      throw pass.refusal("loop '\(site.label)' contains text that cannot be rewritten")
    }
    body = moved
  }

  // MARK: Downward loops

  /// `v = start; v >= last; v--` as `v = last; v < start + 1; v++`, and `v > end` as
  /// `v = end; v < start; v++` over `v + 1` where a bound has no room for one more.
  private mutating func turnUpward(_ pass: some Pass) throws(Refusal) {
    let start = try site.lower(for: pass)
    guard site.header.comparesAsIntegers(function) else { throw cannot(pass) }
    guard site.header.step == -1 else { return try turnConstantRange(pass) }
    let isStrict = site.header.relation != .greaterOrEqual
    let bound = site.header.bound
    let facts = facts
    let distance = LinearForm(start, facts: facts) - LinearForm(bound, facts: facts)
    guard site.header.relation != .notEqual || facts.prove(distance),
      bound.asInitialValue(of: type) == bound
    else { throw cannot(pass) }
    let evaluation = evaluation(facts)
    if let upper = evaluation.expression(LinearForm(start, facts: facts) + 1),
      let lower = isStrict ? evaluation.expression(LinearForm(bound, facts: facts) + 1) : bound,
      lower.asInitialValue(of: type) == lower
    {
      return setHeader(lower, .less, upper)
    }
    guard isStrict else {
      throw pass.refusal("the bounds of loop '\(site.label)' may overflow")
    }
    setHeader(bound, .less, start)
    try moveIterator(by: 1, pass)
  }

  // MARK: Upward loops

  /// `v = lower; v < upper; v += s` as `v = end; v > lower; v -= s` over `v - s`, where `end` is the
  /// value after the last iteration; as `v = last; v >= lower; v -= s` where both ends have room.
  private mutating func turnDownward(_ pass: some Pass) throws(Refusal) {
    let lower = try site.lower(for: pass)
    let step = site.header.step
    if step > 1, site.loop.constantTripCount != nil {
      return try turnConstantRange(pass)
    }
    let facts = facts
    let upper =
      step == 1
      ? try site.exclusiveUpper(in: function, facts: facts, for: pass)
      : try UnrolledRange.endOfIterations(site, in: kernel, for: pass)
    let isSigned = type.integer?.isSigned == true
    if step == 1, isSigned,
      let last = evaluation(facts).expression(LinearForm(upper, facts: facts) + -1),
      last.asInitialValue(of: type) == last,
      facts.proveAtLeastMinimum(LinearForm(lower, facts: facts) + -1, of: type)
    {
      return setHeader(last, .greaterOrEqual, lower)
    }
    // A bound too large for a signed iterator would make the original overflow.
    let start = upper.asInitialValue(of: type)
    let fits = start == upper || (isSigned && upper.type.promoted.integer?.isSigned == false)
    guard fits, step == 1 || type.canonical == type.promoted else {
      throw pass.refusal("the bound of loop '\(site.label)' may not fit its iterator")
    }
    setHeader(start, .greater, lower)
    try moveIterator(by: -step, pass)
  }

  // MARK: Constant ranges

  private mutating func turnConstantRange(_ pass: some Pass) throws(Refusal) {
    let step = site.header.step
    guard let trips = site.loop.constantTripCount, trips > 0,
      let first = try site.lower(for: pass).constantValue, let integer = type.integer
    else { throw cannot(pass) }
    func constant(_ value: Int) -> Expr { .integer(value, type: type.arithmeticType) }
    let last = first + (trips - 1) * step
    // The value behind the first one is where the reversed loop ends.
    if integer.holds(first - step), integer.isSigned || step < 0 {
      let lower = try site.lower(for: pass)
      return step > 0
        ? setHeader(constant(last), .greaterOrEqual, lower)
        : setHeader(constant(last), .less, constant(first + 1))
    }
    guard step > 0, integer.holds(last + step) else { throw cannot(pass) }
    setHeader(constant(last + step), .greater, constant(first))
    try moveIterator(by: -step, pass)
  }

  private func cannot(_ pass: some Pass) -> Refusal {
    pass.refusal("loop '\(site.label)' cannot be reversed")
  }
}
