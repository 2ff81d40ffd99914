import ExperimentRecords
import KernelModel

/// Sorts the headers of a perfect nest into a new order by exchanging neighbours, and recomputes
/// the bounds that follow an iterator that moves inward.
struct NestReordering {
  private struct Level {
    var site: LoopSite
    var header: CountedHeader
  }

  private let kernel: Kernel
  private let body: Stmt
  private let outermost: Stmt
  /// What holds at the place of the nest.
  private let facts: BoundFacts
  private var levels: [Level]
  /// Conditions under which the original evaluates bounds that now stand further out.
  private var guards: [Expr] = []

  init(_ nest: PerfectNest, in kernel: Kernel) {
    self.kernel = kernel
    body = nest.body
    outermost = nest.sites[0].statement
    facts = BoundFacts(at: nest.labels[0], inside: false, of: kernel)
    levels = nest.sites.map { Level(site: $0, header: $0.header) }
  }

  /// Exchanges each pair that stands in the wrong order exactly once.
  mutating func sort(into target: [LoopLabel], for pass: some Pass) throws(Refusal) {
    func rank(_ level: Level) -> Int { target.firstIndex(of: level.site.label) ?? 0 }
    var isSorted = false
    while !isSorted {
      isSorted = true
      for index in levels.indices.dropLast() where rank(levels[index]) > rank(levels[index + 1]) {
        try exchange(at: index, for: pass)
        isSorted = false
      }
    }
  }

  /// The nest in its present order.
  func statement() -> Stmt {
    var inner = body
    for (depth, level) in levels.enumerated().reversed() {
      let loop = Loop(label: level.site.label, header: .counted(level.header), body: inner)
      let origin = depth == 0 ? outermost.origin : nil
      inner = Stmt(.loop(loop), origin: origin, comments: depth == 0 ? outermost.comments : [])
      if depth > 0 { inner = .block([inner]) }
    }
    guard let condition = guards.conjunction else { return inner }
    return .branch(condition, .block([inner]))
  }

  private mutating func exchange(at index: Int, for pass: some Pass) throws(Refusal) {
    let (outer, inner) = (levels[index], levels[index + 1])
    let follows = inner.header.mentions(outer.header.variable)
    if follows {
      try exchangeRanges(at: index, for: pass)
    } else {
      levels[index + 1] = outer
      levels[index] = inner
      try hoistBounds(at: index, over: outer, for: pass)
    }
  }

  /// The facts around the level.
  private func facts(at index: Int) -> BoundFacts {
    var facts = facts
    for level in levels[..<index] {
      facts.add(
        Loop(label: level.site.label, header: .counted(level.header), body: body),
        kernel.function)
    }
    return facts
  }

  private func evaluation(_ facts: BoundFacts) -> SafeEvaluation {
    SafeEvaluation(function: kernel.function, build: kernel.build, facts: facts)
  }

  /// Makes sure that the bounds of a loop that moved outward may be evaluated when the loop that
  /// it passed has no iteration.
  private mutating func hoistBounds(at index: Int, over passed: Level, for pass: some Pass)
    throws(Refusal)
  {
    let evaluation = evaluation(facts(at: index))
    var header = levels[index].header
    let lower = try levels[index].site.lower(for: pass)
    if let newLower = evaluation.expression(header.lower ?? lower),
      let newBound = evaluation.expression(header.bound)
    {
      header.lower = newLower
      header.bound = newBound
      levels[index].header = header
    } else {
      try addGuard(for: passed, pass)
    }
  }

  private mutating func addGuard(for passed: Level, _ pass: some Pass) throws(Refusal) {
    let header = passed.header
    let lower = try passed.site.lower(for: pass)
    let condition = Expr.binary(
      header.relation.mirrored, header.bound, header.lower ?? lower)
    let iterators = Set(levels.map(\.header.variable))
    guard condition.mentionedVariables.isDisjoint(with: iterators) else {
      throw pass.refusal(
        "the bounds of a loop inside '\(passed.site.label)' cannot be evaluated outside it")
    }
    if !guards.contains(condition) { guards.append(condition) }
  }

  private mutating func exchangeRanges(at index: Int, for pass: some Pass) throws(Refusal) {
    let (outer, inner) = (levels[index], levels[index + 1])
    let around = facts(at: index)
    let function = kernel.function
    var within = around
    within.add(
      Loop(label: outer.site.label, header: .counted(outer.header), body: body), function)
    let ranges = LoopRange.exchanged(
      outer: try LoopRange(outer.site.with(outer.header), in: function, facts: around, for: pass),
      inner: try LoopRange(inner.site.with(inner.header), in: function, facts: within, for: pass))
    guard var (newOuter, newInner) = ranges else {
      throw pass.refusal(
        "the bounds of loop '\(inner.site.label)' do not follow '\(function[outer.header.variable].name)'"
          + " with coefficient 1 or -1")
    }
    newOuter.simplify(around)
    let outerHeader = try header(newOuter, inner, evaluation(around), guardedBy: outer, pass)
    within = around
    newOuter.assume(in: &within)
    newInner.simplify(within)
    let innerHeader = try header(newInner, outer, evaluation(within), guardedBy: nil, pass)
    levels[index] = Level(site: inner.site, header: outerHeader)
    levels[index + 1] = Level(site: outer.site, header: innerHeader)
  }

  private mutating func header(
    _ range: LoopRange, _ level: Level, _ evaluation: SafeEvaluation, guardedBy passed: Level?,
    _ pass: some Pass
  ) throws(Refusal) -> CountedHeader {
    func safe(_ forms: [LinearForm]) -> [Expr]? {
      let values = forms.compactMap { evaluation.expression($0) }
      return values.count == forms.count ? values : nil
    }
    var header = level.header
    if let lowers = safe(range.lowers), let uppers = safe(range.uppers) {
      header.lower = .maximum(lowers)
      header.bound = .minimum(uppers)
    } else if let passed, (range.lowers + range.uppers).allSatisfy({ $0.terms.count <= 1 }) {
      // Inside the guard each bound is a value that the original computes in some iteration.
      try addGuard(for: passed, pass)
      header.lower = .maximum(range.lowers.map(\.expression))
      header.bound = .minimum(range.uppers.map(\.expression))
    } else {
      throw pass.refusal(
        "the new bounds of loop '\(level.site.label)' could overflow where the old ones do not")
    }
    let signs = Set((range.lowers + range.uppers).flatMap(\.signs))
    guard signs.count <= 1 else {
      throw pass.refusal("the bounds of loop '\(level.site.label)' mix signed with unsigned values")
    }
    header.relation = .less
    return header
  }
}

extension LoopSite {
  /// The site with a recomputed header.
  fileprivate func with(_ header: CountedHeader) -> LoopSite {
    LoopSite(statement: statement, loop: loop, header: header)
  }
}

extension LoopRange {
  /// Learns that the iterator lies in the range.
  func assume(in facts: inout BoundFacts) {
    for lower in lowers { facts.assume(LinearForm(iterator) - lower) }
    for upper in uppers { facts.assume(upper - LinearForm(iterator) + -1) }
  }
}

extension LinearForm {
  /// Signedness of the atoms as they are computed.
  fileprivate var signs: Set<Bool> {
    Set(terms.compactMap { $0.atom.type.promoted.integer?.isSigned })
  }
}

extension CountedHeader {
  /// Whether a bound mentions the variable.
  func mentions(_ other: VariableID) -> Bool {
    bound.mentionedVariables.contains(other)
      || lower?.mentionedVariables.contains(other) == true
  }
}

extension [Expr] {
  /// The conditions joined by `&&`; nil for none.
  var conjunction: Expr? {
    guard let first else { return nil }
    return dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }
  }
}
