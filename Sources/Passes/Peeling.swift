import ExperimentRecords
import KernelModel

/// Builds a loop beside copies of its first or last iterations.
///
/// Each iteration that is taken out stands under the test that the loop itself would make, and what
/// remains of the loop stands there too, so that no bound is computed where the loop would not have
/// reached it. A loop whose iterator is used afterwards works on that iterator throughout.
struct Peeling {
  private(set) var function: Function

  private let site: LoopSite
  private let kernel: Kernel
  private let facts: BoundFacts
  /// The body without `continue`.
  private let iteration: [Stmt]
  /// Whether the iterator itself is stepped on between the parts.
  private let continues: Bool
  private var copier: StatementCopier

  init(_ site: LoopSite, in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    guard !site.loop.body.jumpsBehindLoop else {
      throw pass.refusal("loop '\(site.label)' can be left by a 'break' or an unknown jump")
    }
    guard let iteration = ContinueElimination.statements(site.loop.body) else {
      throw pass.refusal("a 'continue' in loop '\(site.label)' cannot be written without a jump")
    }
    guard site.header.lower?.hasEffects != true else {
      throw pass.refusal("computing the initial value of loop '\(site.label)' has effects")
    }
    self.site = site
    self.kernel = kernel
    self.iteration = iteration
    function = kernel.function
    facts = BoundFacts(at: site.label, inside: false, of: kernel)
    copier = StatementCopier(kernel.function)
    continues =
      site.header.lower == nil
      || (!site.header.declares && function.isIteratorLive(outside: site.label))
  }

  /// What stands in the loop's place.
  mutating func statements(_ side: Peel.Side, _ count: Int, for pass: some Pass) throws(Refusal)
    -> [Stmt]
  {
    if let trips = site.loop.constantTripCount, trips <= count {
      throw pass.refusal("loop '\(site.label)' has only \(trips) iterations")
    }
    var prelude: [Stmt] = []
    var start = iterator
    if !continues {
      start = try firstValue(&prelude, pass)
    } else if let lower = site.header.lower {
      prelude.append(.expression(.assign(iterator, lower)))
    }
    let rest =
      side == .first
      ? try first(count, from: start, facts, pass)
      : try last(count, from: start, header: site.header, facts, pass)
    function = copier.function
    var result = prelude + rest
    result[0].origin = site.statement.origin
    result[0].comments = site.statement.comments
    return result
  }

  private var iterator: Expr { kernel.function.reference(site.variable) }
  private var type: CType { kernel.function[site.variable].type.unqualified }

  /// The initial value in the iterator's type, in a variable of its own unless it is short.
  private mutating func firstValue(_ prelude: inout [Stmt], _ pass: some Pass) throws(Refusal)
    -> Expr
  {
    let lower = try site.lower(for: pass)
    guard !lower.mentionedVariables.contains(site.variable) else {
      throw pass.refusal("loop '\(site.label)' starts from its own iterator")
    }
    if lower.constantValue != nil { return lower }
    if lower.isShortSum, site.isStable(lower), lower.type.promoted == type.promoted { return lower }
    return introduce("first", lower, &prelude)
  }

  /// Declares a constant that holds a value of the iterator.
  private mutating func introduce(_ suffix: String, _ value: Expr, _ prelude: inout [Stmt]) -> Expr
  {
    let name = "\(kernel.function[site.variable].name)_\(suffix)"
    let variable = copier.function.introduce(name, type: .qualified(.const, type))
    prelude.append(.declare(variable, value.asInitialValue(of: type)))
    return copier.function.reference(variable)
  }

  // MARK: Parts

  /// One iteration at a value of the iterator; behind it the iterator moves on where it is used.
  private mutating func iteration(
    at value: Expr, _ side: Peel.Side, _ facts: BoundFacts, _ pass: some Pass
  ) throws(Refusal) -> [Stmt] {
    guard
      let copy = copier.copy(.block(iteration), suffix: side.rawValue),
      let body = continues
        ? copy : copy.replacing(site.variable, with: inOwnType(value), in: copier.function)
    else {
      throw pass.refusal("loop '\(site.label)' contains text that cannot be copied")
    }
    if continues {
      let step = site.header.step
      let moved = Expr.compound(step > 0 ? .add : .subtract, iterator, .int(abs(step)))
      return body.statements + [.expression(moved)]
    }
    let decided = DecidedConditions(facts: facts).statement(body)
    return decided.declaresNames ? [decided] : decided.statements
  }

  /// A value of the iterator computed in another type.
  private func inOwnType(_ value: Expr) -> Expr {
    if value.type.promoted == type.promoted { return value }
    if let constant = value.constantValue { return .integer(constant, type: type.arithmeticType) }
    return .cast(value, to: type)
  }

  private func main(_ header: CountedHeader, from start: Expr) -> Stmt {
    var header = header
    header.lower = continues ? nil : start
    return .loop(Loop(label: site.label, header: .counted(header), body: site.loop.body))
  }

  /// The statements under the condition that `value` is still inside the range.
  private func guarded(
    _ value: Expr, _ header: CountedHeader, _ facts: BoundFacts, _ body: [Stmt]
  ) -> [Stmt] {
    if !continues, let room = room(value, header, facts), facts.prove(room) { return body }
    let comparesPlainly =
      header.bound.type.promoted.integer?.isSigned == type.promoted.integer?.isSigned
    let test = Expr.binary(
      header.relation, comparesPlainly ? value : inOwnType(value), header.bound)
    return [.branch(test, .block(body))]
  }

  /// What is at least zero iff the value is inside the range; nil where that is not known.
  private func room(_ value: Expr, _ header: CountedHeader, _ facts: BoundFacts) -> LinearForm? {
    guard header.comparesAsIntegers(kernel.function) else { return nil }
    let room = LinearForm(header.bound, facts: facts) - LinearForm(value, facts: facts)
    switch header.relation {
    case .less: return room + -1
    case .lessOrEqual: return room
    case .greater: return room * -1 + -1
    case .greaterOrEqual: return room * -1
    default:
      // Where the start is known not to lie behind the bound, `!=` is `<`.
      let distance = header.step > 0 ? room : room * -1
      return facts.prove(distance) ? distance + -1 : nil
    }
  }

  /// What holds under that condition.
  private func inside(_ value: Expr, _ header: CountedHeader, _ facts: BoundFacts) -> BoundFacts {
    var result = facts
    if !continues, let room = room(value, header, facts) { result.assume(room) }
    return result
  }

  /// The value of the iterator one step further, computed as the loop itself does.
  private func next(after value: Expr, _ facts: BoundFacts, _ pass: some Pass) throws(Refusal)
    -> Expr
  {
    if continues { return value }
    let moved = LinearForm(value, facts: facts) + site.header.step
    if let constant = moved.constantValue, type.integer?.holds(constant) != true {
      throw pass.refusal("loop '\(site.label)' runs to the end of its type")
    }
    return moved.expression
  }

  private mutating func first(
    _ count: Int, from start: Expr, _ facts: BoundFacts, _ pass: some Pass
  ) throws(Refusal) -> [Stmt] {
    if count == 0 { return [main(site.header, from: start)] }
    let inside = inside(start, site.header, facts)
    let copy = try iteration(at: start, .first, inside, pass)
    let rest = try first(count - 1, from: next(after: start, inside, pass), inside, pass)
    return guarded(start, site.header, facts, copy + rest)
  }

  /// Inside the loop's own test the range is not empty, so that its last value can be computed.
  private mutating func last(
    _ count: Int, from start: Expr, header: CountedHeader, _ facts: BoundFacts, _ pass: some Pass
  ) throws(Refusal) -> [Stmt] {
    if count == 0 { return [main(header, from: start)] }
    let inside = inside(start, header, facts)
    var prelude: [Stmt] = []
    let end = try lastValue(header, from: start, inside, &prelude, pass)
    var shorter = header
    shorter.bound = end
    switch header.relation {
    case .lessOrEqual: shorter.relation = .less
    case .greaterOrEqual: shorter.relation = .greater
    default: break
    }
    let copy = try iteration(at: end, .last, inside, pass)
    let rest = try last(count - 1, from: start, header: shorter, inside, pass)
    return guarded(start, header, facts, prelude + rest + copy)
  }

  /// The last value that the range holds, given that it holds one.
  private mutating func lastValue(
    _ header: CountedHeader, from start: Expr, _ facts: BoundFacts, _ prelude: inout [Stmt],
    _ pass: some Pass
  ) throws(Refusal) -> Expr {
    let step = header.step
    let isStrict = ![.lessOrEqual, .greaterOrEqual].contains(header.relation)
    let bound = wideBound(header)
    let form = LinearForm(bound, facts: facts)
    if abs(step) == 1 { return isStrict ? (form + -step).expression : bound }
    // A range that was shortened before ends on an iteration's value.
    if header != site.header { return (form + -step).expression }
    if let trips = site.loop.constantTripCount, let value = header.lower?.constantValue {
      return .integer(value + (trips - 1) * step, type: type.arithmeticType)
    }
    guard step > 1, !continues, header.comparesAsIntegers(kernel.function) else {
      throw pass.refusal("the last iteration of loop '\(site.label)' is not known")
    }
    return try steppedLastValue(form + (isStrict ? -1 : 0), from: start, facts, &prelude, pass)
  }

  /// The bound in a type in which the iterator's own values next to it can be computed.
  private func wideBound(_ header: CountedHeader) -> Expr {
    let bound = header.bound.asComparedWith(iterator)
    guard bound.constantValue == nil, let own = bound.type.promoted.integer,
      let wide = type.promoted.integer, own.width < wide.width
    else { return bound }
    return .cast(bound, to: type)
  }

  /// `start + (last - start) / step * step` for the largest value `last` below the bound.
  private mutating func steppedLastValue(
    _ largest: LinearForm, from start: Expr, _ facts: BoundFacts, _ prelude: inout [Stmt],
    _ pass: some Pass
  ) throws(Refusal) -> Expr {
    let step = Expr.int(site.header.step)
    let distance = largest - LinearForm(start, facts: facts)
    let evaluation = SafeEvaluation(
      function: kernel.function, build: kernel.build, facts: facts, hasEvaluatedAtoms: true)
    guard let length = evaluation.expression(distance) else {
      throw pass.refusal("the trip count of loop '\(site.label)' may overflow")
    }
    let covered = Expr.binary(.multiply, .binary(.divide, length, step), step)
    let value = start.constantValue == 0 ? covered : .binary(.add, start, covered)
    return introduce("last", value, &prelude)
  }
}

extension Expr {
  /// A variable, or one and a constant.
  fileprivate var isShortSum: Bool {
    switch kind {
    case .variable: true
    case .binary(.add, let a, let b), .binary(.subtract, let a, let b):
      a.isVariable && b.constantValue != nil
    default: false
    }
  }

  private var isVariable: Bool { if case .variable = kind { true } else { false } }
}

extension Stmt {
  fileprivate var declaresNames: Bool { statements.contains { !$0.namesDeclaredHere.isEmpty } }
}
