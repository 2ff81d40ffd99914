import ExperimentRecords
import KernelModel

/// Builds the merged loop of two loops of which the second runs some iterations later.
struct ShiftedFusion {
  private(set) var function: Function

  private let pair: LoopPair
  private let shift: Fuse.Shift
  private let evaluation: SafeEvaluation
  private let lower: Expr
  /// Exclusive.
  private let upper: Expr

  init(_ pair: LoopPair, by shift: Fuse.Shift, in kernel: Kernel, for pass: some Pass)
    throws(Refusal)
  {
    self.pair = pair
    self.shift = shift
    function = kernel.function
    for site in [pair.a, pair.b] {
      try site.requireDeadIterator(in: function, for: pass)
      try site.requireStableStart(for: pass)
    }
    guard pair.a.header.step == 1 else {
      throw pass.refusal("loop '\(pair.a.label)' does not count up by one")
    }
    let facts = BoundFacts(at: pair.a.label, inside: false, of: kernel)
    evaluation = SafeEvaluation(
      function: function, build: kernel.build, facts: facts, hasEvaluatedAtoms: true)
    lower = try pair.a.lower(for: pass)
    upper = try pair.a.exclusiveUpper(in: function, facts: facts, for: pass)
  }

  /// What stands in the place of the first loop.
  mutating func statements(for pass: some Pass) throws(Refusal) -> [Stmt] {
    let iterator = function.reference(pair.a.variable)
    let earlier = iterator.advanced(-shift.distance)
    let second = try pair.secondBody(at: earlier, in: &function, for: pass)
    switch shift.ends {
    case .peeled: return try peeled(second, pass)
    case .guarded: return [try guarded(second, iterator, pass)]
    }
  }

  private var facts: BoundFacts { evaluation.facts }

  private func form(_ expr: Expr) -> LinearForm { LinearForm(expr, facts: facts) }

  /// The value that is some iterations further, in the iterator's type; nil where it might not fit.
  private func moved(_ value: Expr, by distance: Int) -> Expr? {
    evaluation.moved(value, by: distance, in: function[pair.a.variable].type.unqualified)
  }

  private func secondStart(_ pass: some Pass) throws(Refusal) -> Expr {
    guard let start = moved(lower, by: shift.distance) else {
      throw pass.refusal("loop '\(pair.a.label)' might have no room for the shift")
    }
    return start
  }

  // MARK: Ends of their own

  private mutating func peeled(_ second: Stmt, _ pass: some Pass) throws(Refusal) -> [Stmt] {
    let start = try secondStart(pass)
    var header = pair.a.header
    header.relation = .less
    header.bound = upper
    var (head, main, tail) = (header, header, pair.b.header)
    let isLong = facts.prove(form(upper) - form(start))
    head.bound = isLong ? start : .minimum([start] + upper.minimumOperands)
    main.lower = start
    tail.lower = lastStart(start, isLong: isLong)
    let ends = try ends(head, tail, pass)
    var statement = pair.a.statement
    statement.origin = nil
    statement.comments = []
    statement.kind = .loop(
      Loop(
        label: pair.a.label, header: .counted(main),
        body: .block(pair.a.loop.body.statements + second.statements)))
    return [ends.head, statement, ends.tail]
  }

  /// Copies of the two loops under new headers.
  private mutating func ends(
    _ head: CountedHeader, _ tail: CountedHeader, _ pass: some Pass
  ) throws(Refusal) -> (head: Stmt, tail: Stmt) {
    var copier = StatementCopier(function)
    let first = Loop(label: pair.a.label, header: .counted(head), body: pair.a.loop.body)
    let last = Loop(label: pair.b.label, header: .counted(tail), body: pair.b.loop.body)
    guard
      var headCopy = copier.copy(.loop(first), suffix: "first"),
      let tailCopy = copier.copy(.loop(last), suffix: "last")
    else { throw pass.refusal("the loops contain text that cannot be copied") }
    headCopy.origin = pair.a.statement.origin
    headCopy.comments = pair.a.statement.comments
    function = copier.function
    return (headCopy, tailCopy)
  }

  /// `upper - d`, or `lower` where the loop is shorter than that.
  private func lastStart(_ start: Expr, isLong: Bool) -> Expr {
    let last = (form(upper) + -shift.distance).expression
    if isLong { return last }
    let type = CType.usualArithmeticConversion(lower.type, last.type) ?? last.type
    return Expr(.conditional(.binary(.less, upper, start), lower, last), type: type)
      .asInitialValue(of: function[pair.b.variable].type)
  }

  // MARK: Tests for the ends

  /// One loop over both ranges, and before each body what its range asks for besides.
  private func guarded(_ second: Stmt, _ iterator: Expr, _ pass: some Pass) throws(Refusal) -> Stmt
  {
    let types = [pair.a, pair.b].map { function[$0.variable].type.promoted }
    guard types[0] == types[1], pair.b.header.step == 1 else {
      throw pass.refusal("loops '\(pair.a.label)' and '\(pair.b.label)' count in different ways")
    }
    guard let start = moved(try pair.b.lower(for: pass), by: shift.distance),
      let end = moved(
        try pair.b.exclusiveUpper(in: function, facts: facts, for: pass), by: shift.distance)
    else {
      throw pass.refusal("loop '\(pair.a.label)' might have no room for the shift")
    }
    let stored = pair.a.loop.body.storedVariables.union(pair.b.loop.body.storedVariables)
    let storesToMemory = pair.a.loop.body.storesToMemory || pair.b.loop.body.storesToMemory
    guard
      [lower, upper, start, end].allSatisfy({
        $0.mentionedVariables.isDisjoint(with: stored) && !($0.readsMemory && storesToMemory)
      })
    else { throw pass.refusal("the range of a loop may change in the other one") }
    guard let early = (form(start) - form(lower)).constantValue,
      let late = (form(end) - form(upper)).constantValue
    else {
      throw pass.refusal(
        "the ranges of loops '\(pair.a.label)' and '\(pair.b.label)' do not differ by constants")
    }
    var header = pair.a.header
    header.relation = .less
    header.lower = early < 0 ? start : lower
    header.bound = late > 0 ? end : upper
    func test(_ from: Expr?, _ to: Expr?, _ body: Stmt) -> [Stmt] {
      let tests = [
        from.map { Expr.binary(.greaterOrEqual, iterator, $0) },
        to.map { Expr.binary(.less, iterator, $0) },
      ].compactMap(\.self)
      guard let first = tests.first else { return body.statements }
      return [.branch(tests.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }, body)]
    }
    let body =
      test(
        early < 0 ? lower : nil, late > 0 ? upper : nil, .block(pair.a.loop.body.statements))
      + test(early > 0 ? start : nil, late < 0 ? end : nil, .block(second.statements))
    var statement = pair.a.statement
    statement.kind = .loop(
      Loop(label: pair.a.label, header: .counted(header), body: .block(body)))
    return statement
  }
}
