import DependenceAnalysis
import ExperimentRecords
import KernelModel

/// The iterations of a nest's outer loop that `unroll_jam` makes side by side, each some iterations of the
/// inner loop behind the one before it.
///
///     for i { for j from a ..< b { S(i, j) } }
///         →   if (b > a + 2) { for i by 2 { for j from a ..< a + 2 { S(i, j) }
///               for j from a + 2 ..< b { S(i, j); S(i + 1, j - 2) }
///               for j from b - 2 ..< b { S(i + 1, j) } } … } else { the nest as it was }
struct LaggedJam<P: Pass> {
  private let outer: LoopSite
  private let inner: LoopSite
  private let factor: Int
  private let lag: Int
  private let pass: P
  private let facts: BoundFacts
  private let build: BuildFlags
  /// The inner loop's range, `lower ..< upper`.
  private let lower: Expr
  private let upper: Expr

  /// Iterations of the inner loop that the first copy is ahead of the last.
  private var span: Int { lag * (factor - 1) }

  /// Refuses when the loops are not a perfect nest that counts up by one inside, or when the moved ends
  /// of the inner loop might not fit their types.
  init(_ outer: LoopSite, by factor: Int, lag: Int, in kernel: Kernel, for pass: P) throws(Refusal)
  {
    guard let statements = ContinueElimination.statements(outer.loop.body), statements.count == 1,
      statements[0].asLoop != nil
    else {
      throw pass.refusal("the body of loop '\(outer.label)' is not one loop, as a lag asks for")
    }
    let inner = try LoopSite(statements[0], for: pass)
    try inner.requireNoEarlyExit(for: pass)
    try inner.requireStableStart(for: pass)
    try inner.requireDeadIterator(in: kernel.function, for: pass)
    guard abs(outer.header.step) == 1, inner.header.step == 1 else {
      throw pass.refusal("loop '\(inner.label)' must count up by one, as a lag asks for")
    }
    self.outer = outer
    self.inner = inner
    self.factor = factor
    self.lag = lag
    self.pass = pass
    build = kernel.build
    facts = BoundFacts(at: outer.label, inside: false, of: kernel)
    lower = try inner.lower(for: pass)
    upper = try inner.exclusiveUpper(in: kernel.function, facts: facts, for: pass)
    guard endsFit(kernel.function) else {
      throw pass.refusal("the ends of loop '\(inner.label)' may not be moved by \(span)")
    }
  }

  /// Both ends in types of one kind: sums between them then stay in these.
  private func endsFit(_ function: Function) -> Bool {
    guard let start = lower.type.promoted.integer, let end = upper.type.promoted.integer,
      let iterator = function[inner.variable].type.promoted.integer, span < 1 << 20,
      lower.mentionedVariables.isDisjoint(with: outer.loop.body.storedVariables)
    else { return false }
    if let value = lower.constantValue { return 0 <= value && value < 1 << 30 }
    return start == end && start == iterator
  }

  /// Whether the inner loop is long enough for all copies to run at once: nil when it always is; refuses
  /// when that cannot be told without overflow.
  func isLong(_ function: Function) throws(Refusal) -> Expr? {
    let length = LinearForm(upper, facts: facts) - LinearForm(lower, facts: facts)
    if facts.prove(length + -(span + 1)) { return nil }
    if let trips = inner.loop.constantTripCount {
      guard trips > span else {
        throw pass.refusal("loop '\(inner.label)' has only \(trips) iterations")
      }
      return nil
    }
    let evaluation = SafeEvaluation(function: function, build: build, facts: facts)
    if let start = lower.constantValue {
      let end = LinearForm(upper, facts: facts)
      let limit = start + span - end.constant
      if limit >= 0, let free = evaluation.expression(end + -end.constant) {
        return .binary(.greater, free, .int(limit))
      }
    }
    guard let distance = evaluation.expression(length) else {
      throw pass.refusal("the trip count of loop '\(inner.label)' may overflow")
    }
    return .binary(.greater, distance, .int(span))
  }

  /// The body of the outer loop for `factor` iterations at once.
  func body(_ copier: inout StatementCopier) throws(Refusal) -> [Stmt] {
    var result: [Stmt] = []
    for lane in 0..<factor - 1 {
      result.append(
        try part("start", of: lane, from: lower, to: lower.plus(span - lag * lane), &copier))
    }
    result.append(try together(&copier))
    for lane in 1..<factor {
      result.append(try part("end", of: lane, from: upper.plus(-lag * lane), to: upper, &copier))
    }
    return result
  }

  /// Iterations of one copy alone.
  private func part(
    _ suffix: String, of lane: Int, from start: Expr, to end: Expr, _ copier: inout StatementCopier
  ) throws(Refusal) -> Stmt {
    var header = inner.header
    header.lower = start
    header.relation = .less
    header.bound = end
    let loop = Loop(label: inner.label, header: .counted(header), body: inner.loop.body)
    guard let copy = copier.copy(.loop(loop), suffix: suffix) else { throw uncopied }
    return try moved(copy, lane, copier.function)
  }

  /// The copies side by side.
  private func together(_ copier: inout StatementCopier) throws(Refusal) -> Stmt {
    guard let statements = ContinueElimination.statements(inner.loop.body) else {
      throw pass.refusal("a 'continue' in loop '\(inner.label)' cannot be written without a jump")
    }
    let body = Stmt.block(statements)
    let shared = Set(statements.flatMap(\.namesDeclaredHere))
    var lanes = statements
    for lane in 1..<factor {
      let iterator = copier.function.reference(inner.variable)
      guard
        let copy = copier.copy(body, sharing: shared, suffix: "copy"),
        let behind = copy.replacing(
          inner.variable, with: iterator.advanced(-lag * lane),
          in: copier.function)
      else { throw uncopied }
      lanes += try moved(behind, lane, copier.function).statements.filter { !$0.isTypeAlias }
    }
    var header = inner.header
    header.lower = lower.plus(span)
    header.relation = .less
    header.bound = upper
    var result = inner.statement
    result.kind = .loop(
      Loop(label: inner.label, header: .counted(header), body: .block(lanes)))
    return result
  }

  /// A copy for the outer loop's iteration `lane` later.
  private func moved(_ copy: Stmt, _ lane: Int, _ function: Function) throws(Refusal) -> Stmt {
    guard lane > 0 else { return copy }
    let iterator = function.reference(outer.variable)
    let value = iterator.advanced(lane * outer.header.step)
    guard let result = copy.replacing(outer.variable, with: value, in: function) else {
      throw uncopied
    }
    return result
  }

  private var uncopied: Refusal {
    pass.refusal("loop '\(outer.label)' contains text that cannot be copied")
  }
}

extension Expr {
  /// The value moved by a constant, with constants folded.
  fileprivate func plus(_ offset: Int) -> Expr {
    if offset == 0 { return self }
    if let value = constantValue { return .integer(value + offset, type: type.promoted) }
    return (LinearForm(self) + offset).expression
  }
}
