import ExperimentRecords
import KernelModel

/// Builds the loop that makes a nest beside it in an iteration of its own.
struct Embedding {
  /// The loop.
  let site: LoopSite
  /// The loop's range, `lower ..< upper`.
  let lower: Expr
  let upper: Expr
  /// What holds where the two stand.
  let facts: BoundFacts

  private let original: Kernel
  private let nest: Stmt
  private let isBefore: Bool

  /// Refuses when the two do not follow each other, or when either changes what the other relies on.
  init(of nest: LoopLabel, into loop: LoopLabel, in kernel: Kernel, for pass: some Pass)
    throws(Refusal)
  {
    original = kernel
    site = try LoopSite(loop, in: kernel, for: pass)
    let block = kernel.function.body.block(holding: loop) ?? []
    guard let place = block.firstIndex(where: { $0.loopLabel == nest }),
      let own = block.firstIndex(where: { $0.loopLabel == loop }), abs(place - own) == 1
    else {
      throw pass.refusal("loops '\(nest)' and '\(loop)' do not follow each other in one block")
    }
    self.nest = block[place]
    isBefore = place < own
    guard site.header.step == 1 else {
      throw pass.refusal("loop '\(loop)' does not count up by one")
    }
    try site.requireNoEarlyExit(for: pass)
    guard !self.nest.mayExitEarly else { throw pass.refusal("control may leave nest '\(nest)'") }
    try site.requireDeadIterator(in: kernel.function, for: pass)
    try site.requireStableStart(for: pass)
    var facts = BoundFacts(at: loop, inside: false, of: kernel)
    facts.addConditions(before: loop, in: kernel.function)
    self.facts = facts
    lower = try site.lower(for: pass)
    upper = try site.exclusiveUpper(in: kernel.function, facts: facts, for: pass)
    try requireStableRange(for: pass)
  }

  /// Iterations of the loop, where that is not negative.
  var length: LinearForm { LinearForm(upper, facts: facts) - LinearForm(lower, facts: facts) }

  /// Whether `lower <= upper` is known, so that one more iteration is no less than the nest asks for.
  var isOrdered: Bool { facts.prove(length) }

  private func requireStableRange(for pass: some Pass) throws(Refusal) {
    let inputs = lower.mentionedVariables.union(upper.mentionedVariables)
    let mayReach =
      lower.readsMemory || upper.readsMemory
      || !inputs.isDisjoint(with: original.function.sharedVariables)
    guard inputs.isDisjoint(with: nest.storedVariables), !(mayReach && nest.storesToMemory) else {
      throw pass.refusal("the nest may change the range of loop '\(site.label)'")
    }
  }

  /// The kernel with one loop in the place of the two.
  func kernel(for pass: some Pass) throws(Refusal) -> Kernel {
    var result = original
    let nest = try nestApart(in: &result.function, pass)
    let iterator = result.function.reference(site.variable)
    var header = site.header
    header.relation = .less
    header.bound = upper
    let loopBody = Stmt.block(site.loop.body.statements)
    let body: Stmt
    if isBefore {
      let first = try moved(lower, by: -1, pass)
      header.lower = first
      body = .branch(.binary(.equal, iterator, first), .block([nest]), else: loopBody)
    } else {
      header.bound = try moved(upper, by: 1, pass)
      body = .branch(.binary(.less, iterator, upper), loopBody, else: .block([nest]))
    }
    guard header.comparesAsIntegers(result.function) else { throw noRoom(pass) }
    var whole = site.statement
    whole.kind = .loop(
      Loop(label: site.label, header: .counted(header), body: .block([body])))
    result.function.body = original.function.body.replacingBlock(holding: site.label) { block in
      block.compactMap { statement in
        statement.loopLabel == site.label
          ? whole : statement.loopLabel == self.nest.loopLabel ? nil : statement
      }
    }
    return result
  }

  /// A bound moved by one, where the iterator can hold it.
  private func moved(_ bound: Expr, by distance: Int, _ pass: some Pass) throws(Refusal) -> Expr {
    let evaluation = SafeEvaluation(
      function: original.function, build: original.build, facts: facts, hasEvaluatedAtoms: true)
    let type = original.function[site.variable].type.unqualified
    guard let result = evaluation.moved(bound, by: distance, in: type) else { throw noRoom(pass) }
    return result
  }

  private func noRoom(_ pass: some Pass) -> Refusal {
    pass.refusal("the iterator of loop '\(site.label)' may not hold one more value")
  }

  /// The nest without uses of the loop's iterator: what it declares under that name gets another.
  private func nestApart(in function: inout Function, _ pass: some Pass) throws(Refusal) -> Stmt {
    let name = function[site.variable].name
    var result = nest
    for variable in nest.declaredVariables.sorted()
    where variable != site.variable && function[variable].name == name {
      let symbol = function[variable]
      let fresh = function.introduce(name, type: symbol.type, alignment: symbol.alignment)
      guard !result.opaqueMentions.contains(variable),
        let renamed = result.renaming([variable: fresh])
      else { throw pass.refusal("opaque text in the nest names its own '\(name)'") }
      result = renamed
    }
    let used = result.mentionedVariables.union(result.storedVariables)
    guard !used.contains(where: { function[$0].name == name }), !result.hasSizeText(naming: name)
    else {
      throw pass.refusal("the nest uses '\(name)', the iterator of loop '\(site.label)'")
    }
    return result
  }
}
