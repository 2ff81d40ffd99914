import ExperimentRecords
import KernelModel

/// Two versions of the outermost loop around a loop over `lower ..< upper`: one for `lower <= upper`, where
/// the range has an iteration once it is made longer by one, and one for when it is empty by more than
/// that, from which loops that then make no iteration are left out.
///
///     for t { for j { A }  for i from 1 ..< n { S } }
///         →   if (n > 0) { for t { for j { A }  for i from 1 ..< n { S } } } else { for t { for j { A } } }
struct OrderedRangeVersions {
  let kernel: Kernel

  /// Refuses when there is no loop around, when that is or holds a parallel one, or when the range may
  /// change while it runs.
  init(around embedding: Embedding, in original: Kernel, for pass: some Pass) throws(Refusal) {
    let label = embedding.site.label
    guard let around = original.function.body.enclosingLoops(of: label)?.first,
      let region = original.function.body.statement(labelled: around)
    else { throw pass.refusal("loop '\(label)' may have no iteration") }
    guard !region.holdsParallelLoop else {
      throw pass.refusal(
        "loop '\(label)' may have no iteration, and a parallel loop would be made twice")
    }
    let facts = BoundFacts(at: around, inside: false, of: original)
    let evaluation = SafeEvaluation(
      function: original.function, build: original.build, facts: facts)
    guard let condition = evaluation.isOrdered(embedding.lower, embedding.upper),
      !condition.readsMemory, !condition.hasEffects,
      condition.mentionedVariables.isDisjoint(
        with: region.storedVariables.union(original.function.sharedVariables))
    else {
      throw pass.refusal(
        "loop '\(label)' may have no iteration, which loop '\(around)' cannot be asked before it")
    }
    // Later steps see a scalar that serves each iteration anew as the loop's own only where nothing else
    // mentions it, and the other version would.
    let own = region.loopLabels.reduce(original) { PrivateScalars.localized(in: $1, of: $0) }
    var unordered = facts
    unordered.assume(embedding.length * -1 + -1)
    let rest = region.withoutEmptyLoops(in: original.function, unordered)
    var copier = StatementCopier(own.function)
    guard let fallback = copier.copy(rest, suffix: "fallback") else {
      throw pass.refusal("loop '\(around)' cannot be copied")
    }
    let both = Versioned(
      checks: [RuntimeCheck(condition: condition, fact: .holds(condition))],
      fast: .block([own.function.body.statement(labelled: around) ?? region]),
      fallback: .block(fallback.statements))
    var result = original
    result.function = copier.function
    result.function.body = original.function.body.replacingStatement(
      around, with: Stmt(.versioned(both)))
    kernel = result
  }
}

extension SafeEvaluation {
  /// The condition `lower <= upper`; nil when it cannot be evaluated without overflow.
  fileprivate func isOrdered(_ lower: Expr, _ upper: Expr) -> Expr? {
    let end = LinearForm(upper, facts: facts)
    if let start = lower.constantValue, let free = expression(end + -end.constant) {
      return .binary(.greater, free, .int(start - end.constant - 1))
    }
    guard let first = expression(lower), let last = expression(upper),
      first.type.promoted.integer?.isSigned == last.type.promoted.integer?.isSigned
    else { return nil }
    return .binary(.lessOrEqual, first, last)
  }
}

extension Stmt {
  /// The statement without the loops that make no iteration where the facts hold, or do nothing in any.
  fileprivate func withoutEmptyLoops(in function: Function, _ facts: BoundFacts) -> Stmt {
    let result = rewritten { statement in
      guard case .block(let statements) = statement.kind else { return statement }
      let rest = statements.filter { !$0.isEmptyLoop(in: function, facts) }
      guard rest.count < statements.count else { return statement }
      var copy = statement
      copy.kind = .block(rest)
      return copy
    }
    return result.isEmptyLoop(in: function, facts) ? .block([]) : result
  }

  private func isEmptyLoop(in function: Function, _ facts: BoundFacts) -> Bool {
    guard let loop = asLoop, let header = loop.counted, header.step > 0, let lower = header.lower,
      header.comparesAsIntegers(function), !lower.hasEffects, !header.bound.hasEffects,
      !function.isIteratorLive(outside: loop.label)
    else { return false }
    if loop.body.statements.isEmpty { return true }
    let distance = LinearForm(lower, facts: facts) - LinearForm(header.bound, facts: facts)
    switch header.relation {
    case .less: return facts.prove(distance)
    case .lessOrEqual: return facts.prove(distance + -1)
    default: return false
    }
  }
}
