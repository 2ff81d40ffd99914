import IslBindings
import KernelModel

/// Loops whose number of iterations inputs and outer counters determine.
///
/// Each loop counts its iterations from zero. A variable that every iteration moves by the same
/// amount is a function of that count; the assumption is checked at the end of the body. The count
/// of iterations is the least for which the condition fails, over the integers; that C's types hold
/// all values up to there is checked afterwards.
extension ProgramReader {
  /// - Parameter offset: where the loop begins in the text, when threads share its iterations.
  func loop(_ loop: Loop, parallelAt offset: Int?) throws {
    switch loop.header {
    case .general where offset != nil: throw Unproved("a parallel loop that is not counted")
    case .general(let initial, let condition, let increment):
      if let initial { try statement(initial, isTail: false) }
      guard let condition else { throw Unproved("a loop without a condition") }
      try self.loop(condition, loop.body, step: increment)
    case .counted(let header):
      let symbol = function[header.variable]
      let counter = Expr(.variable(header.variable), type: symbol.type.unqualified)
      if header.declares {
        guard let type = CellType(symbol.type) else { throw Unproved("a loop's variable") }
        frame.slots[header.variable] = newScalar(type, symbol.type, symbol.name)
      }
      if let lower = header.lower {
        let start = try value(lower, as: symbol.type)
        try store(start, to: .variable(slot(header.variable)))
      }
      let parallel = try offset.map { offset throws in try parallelLoop(header, offset) }
      try self.loop(
        .binary(header.relation, counter, header.bound), loop.body,
        step: .compound(.add, counter, .int(header.step)), parallel)
    }
  }

  /// Where a parallel loop begins; nil for any other statement.
  func parallelPlace(_ statement: Stmt) -> Int? {
    guard !parallelLoops.isEmpty, frames.count == 1,
      let origin = statement.origin.flatMap({ function.origins[$0] })
    else { return nil }
    let place = unit.place(origin.range.lowerBound)
    return parallelLoops.contains(place) ? place : nil
  }

  private func parallelLoop(_ header: CountedHeader, _ offset: Int) throws -> ParallelLoop {
    let slot = try slot(header.variable)
    guard header.declares, case .scalar(let iterator) = variables[slot].kind, guards.isEmpty,
      let start = bindings[slot]?.index?.affine,
      let bound = try scalar(header.bound).index?.affine
    else { throw Unproved("a parallel loop whose bounds are not affine") }
    let isStrict = [.less, .greater].contains(header.relation)
    return ParallelLoop(
      counter: "", outer: counters, iterator: iterator, start: start, bound: bound,
      step: header.step, isStrict: isStrict, domain: domain, offset: offset)
  }

  func loop(_ condition: Expr, _ body: Stmt, step: Expr?, _ parallel: ParallelLoop? = nil) throws {
    guard !condition.hasEffects else { throw Unproved("a condition with effects") }
    let changed = try changedSlots(condition, body, step)
    let steps = try LoopSteps(
      reader: self, condition: condition, body: body, step: step, changed: changed
    ).found
    let (entry, entryBindings) = (domain, bindings)
    var trips: PiecewiseAffine?
    try nested { counter in
      if var parallel {
        parallel.counter = counter
        program.parallelLoops.append(parallel)
      }
      let count = try space.input(counter)
      try enter(counter, count, steps, changed, entryBindings)
      let total = try tripCount(condition, counter, entry)
      trips = total
      let zero = try space.constant(0)
      let started = try zero.isAtMost(count).intersection(entry)
      // The condition is asked once more than the body is executed.
      domain = try started.intersection(count.isAtMost(total))
      let asked = try scalar(condition)
      guard try truth(asked) != nil else { throw Unproved("a trip count that depends on data") }
      domain = try started.intersection(count.isLess(than: total)).coalesced()
      try limitIterations(counter, count)
      if try space.isImpossible(domain) { return }
      let inside = domain
      try statement(body, isTail: false)
      guard try inside.subtracting(domain).intersection(space.known).isEmpty() else {
        throw Unproved("an iteration that may not end")
      }
      if let step { _ = try value(step) }
      try checkSteps(steps, entryBindings, count)
    }
    domain = entry
    guard let trips else { return }
    leave(entryBindings, changed)
    for (slot, step) in steps {
      bindings[slot] = try entryBindings[slot].map { try moved($0, step, trips) }
    }
  }

  /// Variables that the loop stores to, also by calls in place.
  private func changedSlots(_ condition: Expr, _ body: Stmt, _ step: Expr?) throws -> Set<Int> {
    var stored = body.storedVariables
    for expr in [condition, step].compactMap({ $0 }) {
      stored.formUnion(Stmt.expression(expr).storedVariables)
    }
    // A store to one lane is a store to the vector.
    func lanes(_ expr: Expr) {
      expr.walk { node in
        var target: Expr?
        if case .assign(_, let assigned, _) = node.kind { target = assigned }
        if case .unary(let op, let stepped) = node.kind, op.stores { target = stepped }
        if case .subscriptOf(let base, _)? = target?.kind, base.type.isVector,
          case .variable(let v) = base.kind
        {
          stored.insert(v)
        }
      }
    }
    body.walkExpressions(lanes)
    for expr in [condition, step].compactMap({ $0 }) { lanes(expr) }
    return Set(stored.compactMap { frame.slots[$0] })
  }

  private func enter(
    _ counter: String, _ count: PiecewiseAffine, _ steps: [Int: SymbolicIndex],
    _ changed: Set<Int>, _ entry: [Int: Binding]
  ) throws {
    leave(entry, changed)
    for (slot, step) in steps {
      bindings[slot] = try entry[slot].map { try moved($0, step, count) }
    }
  }

  /// Forgets what is known of the changed variables.
  private func leave(_ entry: [Int: Binding], _ changed: Set<Int>) {
    bindings = entry
    for slot in changed { bindings[slot] = Binding() }
  }

  private func moved(_ binding: Binding, _ step: SymbolicIndex, _ count: PiecewiseAffine) throws
    -> Binding
  {
    guard let distance = try SymbolicIndex(count).times(step) else {
      throw Unproved("a step that is no polynomial of sizes")
    }
    var moved = Binding()
    moved.index = try binding.index?.plus(distance)
    if var pointer = binding.pointer {
      pointer.offset = try pointer.offset.plus(distance)
      moved.pointer = pointer
    }
    return moved
  }

  /// The least count for which the condition fails; throws where there may be none.
  private func tripCount(_ condition: Expr, _ counter: String, _ entry: IntegerSet) throws
    -> PiecewiseAffine
  {
    let wasProbing = isProbing
    isProbing = true
    defer { isProbing = wasProbing }
    let count = try space.input(counter)
    domain = try space.constant(0).isAtMost(count).intersection(entry)
    guard let holds = try truth(try scalar(condition)) else {
      throw Unproved("a trip count that depends on data")
    }
    let fails = try domain.subtracting(holds)
    let least = try fails.leastParameter(counter).coalesced()
    let ends = try least.domain()
    let endless = try entry.intersection(space.known).subtracting(ends)
    guard try endless.isEmpty() else { throw Unproved("a loop that may not end") }
    return try space.linear(least, counters: allCounters)
  }

  /// Leaves out the inputs for which the original runs a loop longer than the proof's limit.
  private func limitIterations(_ counter: String, _ count: PiecewiseAffine) throws {
    guard isOriginal, !isProbing, guards.isEmpty, let limit = space.iterationLimit else { return }
    let beyond = try space.constant(limit).isAtMost(count).intersection(domain)
    if try !beyond.isEmpty() {
      try space.exclude(beyond, counters: counters)
    }
  }

  /// Checks that every variable has moved by its step.
  private func checkSteps(
    _ steps: [Int: SymbolicIndex], _ entry: [Int: Binding], _ count: PiecewiseAffine
  ) throws {
    let next = try count.plus(space.constant(1))
    for (slot, step) in steps {
      guard let start = entry[slot], let now = bindings[slot] else {
        throw Unproved("'\(variables[slot].name)' is no function of the iteration")
      }
      let expected = try moved(start, step, next)
      let pairs = [(expected.index, now.index), (expected.pointer?.offset, now.pointer?.offset)]
      for case (let wanted?, let found) in pairs {
        guard let found, let same = try found.isSame(as: wanted),
          try domain.subtracting(same).intersection(space.known).isEmpty(),
          expected.pointer?.base === now.pointer?.base
        else { throw Unproved("'\(variables[slot].name)' is no function of the iteration") }
      }
    }
  }
}
