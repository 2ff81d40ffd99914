public import ExperimentRecords
public import KernelModel

/// Runs a loop in two parts, over the values of the iterator on either side of a given one.
///
///     for i < n { if (i < m) A(i) else B(i) }
///         →   for i < min(m, n) { A(i) }  for i from max(0, m) ..< n { B(i) }
///
/// The part that runs first keeps its label, the other one is `i.after`. Conditions that are the same
/// in all iterations of a part are decided there. A downward loop first makes the values from `at`
/// on, then those below.
///
/// Legal iff: no iteration leaves the loop by `break`; nothing in the loop changes the value at which
/// it is split; the order of all work stays the same.
///
/// Also called: index-set splitting, loop splitting, range splitting.
///
/// Reference: Allen & Kennedy, ch. 5.7.2; Griebl, Feautrier & Lengauer, Index set splitting, 2000.
public struct SplitIndexSet: Pass {
  public static let name = "split_index_set"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop"),
    PassParameter("at", .value, "the first value of the upper part"),
    PassParameter("plus", .factor, isOptional: true, "added to the value of a variable"),
  ]

  /// Where a loop is split.
  public enum Value: Hashable, Sendable {
    case constant(Int)
    /// The value of the parameter, local variable or outer iterator of this name.
    case variable(String)
  }

  public let loop: LoopLabel
  public let value: Value
  /// Added to the value of a variable.
  public let offset: Int

  public init(loop: LoopLabel, at value: Value, plus offset: Int = 0) {
    self.loop = loop
    self.value = value
    self.offset = offset
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    let argument = try reader.integerOrName("at")
    value = argument.integer.map(Value.constant) ?? .variable(argument.word ?? "")
    offset = step["plus"] == nil ? 0 : try reader.factor("plus", atLeast: 1)
    guard offset == 0 || argument.integer == nil, offset < 1 << 20 else {
      throw Refusal(step: step, reason: "argument 'plus' is a small number that goes with a name")
    }
  }

  public var step: Step {
    let at: Argument.Value =
      switch value {
      case .constant(let constant): .integer(constant)
      case .variable(let name): .label(name)
      }
    let plus = offset == 0 ? [] : [Argument("plus", .integer(offset))]
    return Step(Self.name, [Argument("loop", .label(loop.text)), Argument("at", at)] + plus)
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    guard !site.loop.body.jumpsBehindLoop else {
      throw refusal("loop '\(loop)' can be left by a 'break' or an unknown jump")
    }
    let headers = try SplitRange(site, at: try at(site, kernel), in: kernel, for: self)
    var copier = StatementCopier(kernel.function)
    let second = Loop(label: loop, header: .counted(headers.second), body: site.loop.body)
    guard let after = copier.copy(.loop(second), suffix: "after") else {
      throw refusal("loop '\(loop)' contains text that cannot be copied")
    }
    var result = kernel
    result.function = copier.function
    result = try result.replacingLoop(loop, for: self) { statement, _ in
      var first = statement
      first.kind = .loop(
        Loop(label: loop, header: .counted(headers.first), body: site.loop.body))
      return [first, after]
    }
    for label in [loop, after.loopLabel ?? loop] {
      result = try result.decidingConditions(in: label, for: self)
    }
    return result
  }

  /// The value at which the loop is split, as an expression of the iterator's kind.
  private func at(_ site: LoopSite, _ kernel: Kernel) throws(Refusal) -> Expr {
    let type = kernel.function[site.variable].type.unqualified
    switch value {
    case .constant(let constant):
      guard let integer = type.integer, integer.holds(constant) else {
        throw refusal("the iterator of loop '\(loop)' never is \(constant)")
      }
      return .integer(constant, type: type.arithmeticType)
    case .variable(let name):
      guard let variable = kernel.function.visibleVariable(name, at: loop),
        name != kernel.function[site.variable].name
      else { throw refusal("there is no variable '\(name)' at loop '\(loop)'") }
      let value = kernel.function.reference(variable)
      let facts = BoundFacts(at: site.label, inside: false, of: kernel)
      guard let own = value.type.promoted.integer,
        value.asInitialValue(of: type) == value || facts.keepsValue(value, convertedTo: type),
        own.isSigned == type.promoted.integer?.isSigned
      else { throw refusal("the iterator of loop '\(loop)' may not hold the value of '\(name)'") }
      guard !site.loop.body.storedVariables.contains(variable),
        !kernel.function.sharedVariables.contains(variable),
        !value.type.qualifiers.contains(.volatile)
      else { throw refusal("'\(name)' may change in loop '\(loop)'") }
      guard offset != 0 else { return value }
      let evaluation = SafeEvaluation(function: kernel.function, build: kernel.build, facts: facts)
      guard let moved = evaluation.expression(LinearForm(value, facts: facts) + offset),
        moved.type.promoted.integer == own,
        facts.keepsValue(moved, convertedTo: type)
      else { throw refusal("'\(name) + \(offset)' may be beyond the type of '\(name)'") }
      return moved
    }
  }
}

/// The headers of the two parts of a loop.
private struct SplitRange {
  var first: CountedHeader
  var second: CountedHeader

  init(_ site: LoopSite, at value: Expr, in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    first = site.header
    second = site.header
    let function = kernel.function
    let facts = BoundFacts(at: site.label, inside: false, of: kernel)
    let continues =
      site.header.lower == nil
      || (!site.header.declares
        && (function.isIteratorLive(outside: site.label) || abs(site.header.step) != 1))
    if !continues { try site.requireStableStart(for: pass) }
    guard site.header.lower?.hasEffects != true,
      site.header.lower?.mentionedVariables.contains(site.variable) != true
    else {
      throw pass.refusal("the initial value of loop '\(site.label)' cannot be computed again")
    }
    if site.header.step > 0 {
      try splitUpward(site, value, function, facts, pass)
    } else {
      let evaluation = SafeEvaluation(function: function, build: kernel.build, facts: facts)
      try splitDownward(site, value, function, evaluation, pass)
    }
    if continues {
      second.lower = nil
    } else if abs(site.header.step) != 1 {
      second.lower = try alignedStart(site, value, function, pass)
    }
  }

  private mutating func splitUpward(
    _ site: LoopSite, _ value: Expr, _ function: Function, _ facts: BoundFacts, _ pass: some Pass
  ) throws(Refusal) {
    let upper = try site.exclusiveUpper(in: function, facts: facts, for: pass)
    let at = LinearForm(value, facts: facts)
    let uppers = upper.minimumOperands.filter { !facts.prove(LinearForm($0, facts: facts) - at) }
    first.relation = .less
    first.bound = .minimum([value] + uppers)
    guard let lower = site.header.lower else { return }
    let lowers = lower.maximumOperands.filter { !facts.prove(at - LinearForm($0, facts: facts)) }
    second.lower = .maximum(lowers + [value])
    let isEmpty =
      lower.maximumOperands.contains { facts.prove(LinearForm($0, facts: facts) - at) }
      || upper.minimumOperands.contains { facts.prove(at - LinearForm($0, facts: facts)) }
    guard !isEmpty else { throw Self.oneSided(site, pass) }
  }

  private mutating func splitDownward(
    _ site: LoopSite, _ value: Expr, _ function: Function, _ evaluation: SafeEvaluation,
    _ pass: some Pass
  ) throws(Refusal) {
    let facts = evaluation.facts
    let type = function[site.variable].type.unqualified
    guard site.header.comparesAsIntegers(function), site.header.relation != .notEqual else {
      throw pass.refusal("loop '\(site.label)' compares in a way that cannot be split")
    }
    let at = LinearForm(value, facts: facts)
    guard let below = evaluation.expression(at + -1), below.asInitialValue(of: type) == below,
      below.type.promoted.integer?.isSigned == value.type.promoted.integer?.isSigned,
      below.constantValue.map({ type.integer?.holds($0) == true }) != false
    else { throw pass.refusal("the value at which loop '\(site.label)' is split may be the least") }
    let end = site.header.relation == .greater ? below : value
    let ends = site.header.bound.maximumOperands.filter {
      !facts.prove(LinearForm(end, facts: facts) - LinearForm($0, facts: facts))
    }
    first.bound = .maximum([end] + ends)
    guard let start = site.header.lower else { return }
    let starts = start.minimumOperands.filter {
      !facts.prove(LinearForm($0, facts: facts) - at + 1)
    }
    second.lower = .minimum([below] + starts)
    let isEmpty =
      start.minimumOperands.contains { facts.prove(at + -1 - LinearForm($0, facts: facts)) }
      || site.header.bound.maximumOperands.contains {
        facts.prove(LinearForm($0, facts: facts) - LinearForm(end, facts: facts))
      }
    guard !isEmpty else { throw Self.oneSided(site, pass) }
  }

  /// The first value of the second part that the steps of the loop reach.
  private func alignedStart(
    _ site: LoopSite, _ value: Expr, _ function: Function, _ pass: some Pass
  ) throws(Refusal) -> Expr {
    let step = site.header.step
    guard step > 0, let start = site.header.lower?.constantValue, let at = value.constantValue,
      start < at, case let first = start + (at - start + step - 1) / step * step,
      function[site.variable].type.integer?.holds(first) == true
    else {
      throw pass.refusal("where loop '\(site.label)' goes on behind the split is not known")
    }
    return .integer(first, type: value.type)
  }

  private static func oneSided(_ site: LoopSite, _ pass: some Pass) -> Refusal {
    pass.refusal("loop '\(site.label)' runs on one side of that value only")
  }
}
