public import ExperimentRecords
public import KernelModel

/// Takes the test around a loop's body into the loop's range.
///
///     for i < n { if (i >= m && i + t < k) { S(i) } }   →   for i from max(0, m) ..< min(n, k - t) { S(i) }
///
/// Loops that `fuse` has put together under tests and `distribute` has parted again in blocks become plain
/// loops, which compilers vectorize. Parts of the test that are no bounds of the iterator stay.
///
/// Legal iff: a part of the test compares the iterator, alone and once, with signed values that the loop
/// does not change and that can be computed where it makes no iteration; the loop counts up by one and
/// its iterator is not used after it.
///
/// Also called: guard absorption, bound tightening, restriction of a loop's range.
///
/// Reference: Quilleré, Rajopadhye & Wilde, "Generation of Efficient Nested Loops from Polyhedra", IJPP
/// 28(5), 2000; Kelly, Pugh & Rosser, "Code Generation for Multiple Mappings", 1995.
public struct Narrow: Pass {
  public static let name = "narrow"
  public static let parameters = [PassParameter("loop", .loop, "the loop")]

  public let loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    let statements = site.loop.body.statements
    guard statements.count == 1, case .branch(let condition, let then, nil) = statements[0].kind
    else { throw refusal("the body of loop '\(loop)' is not one test without an 'else'") }
    guard !condition.hasEffects else {
      throw refusal("the test in loop '\(loop)' has effects")
    }
    try site.requireDeadIterator(in: kernel.function, for: self)
    var range = try NarrowedRange(site, in: kernel, for: self)
    let rest = condition.conjuncts.filter { !range.absorb($0) }
    guard rest.count < condition.conjuncts.count else {
      throw refusal(
        "the test in loop '\(loop)' bounds its iterator by no value that the loop keeps")
    }
    let whole = rest.dropFirst().reduce(rest.first) { a, b in a.map { .binary(.logicalAnd, $0, b) }
    }
    return try kernel.replacingLoop(loop, for: self) { statement, _ in
      var result = statement
      let body = Stmt.block(then.statements)
      result.comments += kernel.comments(of: statements[0])
      result.kind = .loop(
        Loop(
          label: loop, header: .counted(range.header),
          body: whole.map { .block([.branch($0, body)]) } ?? body))
      return [result]
    }
  }
}

extension Kernel {
  /// The comments before a statement, line by line, for another statement to carry.
  fileprivate func comments(of statement: Stmt) -> [String] {
    let leading = statement.origin.flatMap { function.origins[$0]?.leading }
    let lines = leading.map { source.text($0).split(whereSeparator: \.isNewline) } ?? []
    return lines.map { String($0.drop(while: \.isWhitespace)) } + statement.comments
  }
}

/// The range of a loop and the tests that it takes in.
struct NarrowedRange {
  private let site: LoopSite
  private let function: Function
  private let evaluation: SafeEvaluation
  private var lowers: [Expr]
  /// Exclusive.
  private var uppers: [Expr]

  init(_ site: LoopSite, in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    self.site = site
    function = kernel.function
    guard site.header.step == 1, function[site.variable].type.promoted.integer?.isSigned == true
    else { throw pass.refusal("loop '\(site.label)' does not count up by one over signed values") }
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    evaluation = SafeEvaluation(function: function, build: kernel.build, facts: facts)
    lowers = try site.lower(for: pass).maximumOperands
    uppers = try site.exclusiveUpper(in: function, facts: facts, for: pass).minimumOperands
    guard (lowers + uppers).allSatisfy({ $0.type.promoted.integer?.isSigned == true }) else {
      throw pass.refusal("loop '\(site.label)' does not count up by one over signed values")
    }
  }

  /// The header with all tests taken in.
  var header: CountedHeader {
    var result = site.header
    result.lower = .maximum(lowers)
    result.relation = .less
    result.bound = .minimum(uppers)
    return result
  }

  /// Takes a test into the range; false when it is no bound that may stand there.
  mutating func absorb(_ test: Expr) -> Bool {
    guard case .binary(let op, let a, let b) = test.kind, op.isComparison, isStable(test),
      [a, b].allSatisfy({ $0.type.promoted.integer?.isSigned == true })
    else { return false }
    let difference = LinearForm(a, facts: facts) - LinearForm(b, facts: facts)
    let factor = difference.coefficient(of: site.variable)
    guard difference.isLinear(in: site.variable), abs(factor) == 1 else { return false }
    // `i + rest op 0`, or `-i + rest op 0`: what the iterator is compared with.
    let rest = difference.replacing(site.variable, with: LinearForm(0))
    let value = factor == 1 ? rest * -1 : rest
    switch factor == 1 ? op : op.mirrored {
    case .less: return add(upper: value)
    case .lessOrEqual: return add(upper: value + 1)
    case .greater: return add(lower: value + 1)
    case .greaterOrEqual: return add(lower: value)
    default: return false
    }
  }

  private var facts: BoundFacts { evaluation.facts }

  /// Whether a test, apart from the iterator, is the same in all iterations.
  private func isStable(_ test: Expr) -> Bool {
    let body = site.loop.body
    let inputs = test.mentionedVariables.subtracting([site.variable])
    return !test.hasEffects && !test.readsMemory && inputs.isDisjoint(with: body.storedVariables)
      && (inputs.isDisjoint(with: function.sharedVariables) || !body.storesToMemory)
  }

  private mutating func add(upper value: LinearForm) -> Bool {
    guard let bound = evaluation.expression(value) else { return false }
    uppers = joined(uppers, bound) { facts.prove($1 - $0) }
    return true
  }

  private mutating func add(lower value: LinearForm) -> Bool {
    guard let bound = evaluation.expression(value),
      bound.asInitialValue(of: function[site.variable].type.unqualified) == bound
    else { return false }
    lowers = joined(lowers, bound) { facts.prove($0 - $1) }
    return true
  }

  /// The bounds with one more, without those that another one implies.
  private func joined(
    _ bounds: [Expr], _ new: Expr, _ implies: (LinearForm, LinearForm) -> Bool
  ) -> [Expr] {
    let form = LinearForm(new, facts: facts)
    if bounds.contains(where: { implies(LinearForm($0, facts: facts), form) }) { return bounds }
    return bounds.filter { !implies(form, LinearForm($0, facts: facts)) } + [new]
  }
}

extension Expr {
  /// The operands of `&&`, or the expression alone.
  fileprivate var conjuncts: [Expr] {
    guard spelling == nil, case .binary(.logicalAnd, let a, let b) = kind else { return [self] }
    return a.conjuncts + b.conjuncts
  }
}
