import ExperimentRecords
import KernelModel

/// A counted loop in its function, as the loop passes look at it.
struct LoopSite {
  /// The statement that is the loop, with its comments.
  let statement: Stmt
  let loop: Loop
  let header: CountedHeader

  var label: LoopLabel { loop.label }
  var variable: VariableID { header.variable }
}

extension LoopSite {
  /// Finds the loop; a refusal says when there is none, or when it is not counted.
  init(_ label: LoopLabel, in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    guard let statement = kernel.function.body.statement(labelled: label) else {
      throw pass.refusal("there is no loop '\(label)'")
    }
    try self.init(statement, for: pass)
  }

  init(_ statement: Stmt, for pass: some Pass) throws(Refusal) {
    let label = statement.loopLabel.map(\.text) ?? ""
    guard let loop = statement.asLoop, let header = loop.counted else {
      throw pass.refusal("the trip count of loop '\(label)' is not known on entry")
    }
    self.statement = statement
    self.loop = loop
    self.header = header
  }

  /// The initial value; refuses when the loop starts from the iterator's old value.
  func lower(for pass: some Pass) throws(Refusal) -> Expr {
    guard let lower = header.lower else {
      throw pass.refusal("loop '\(label)' has no initial value of its own")
    }
    return lower
  }

  /// Refuses when the initial value may not be computed again, or at another time: it has effects, or
  /// the body changes what it is made from.
  func requireStableStart(for pass: some Pass) throws(Refusal) {
    guard isStable(try lower(for: pass)) else {
      throw pass.refusal(
        "the body of loop '\(label)' may change what its initial value is made from")
    }
  }

  /// Whether an initial value has no effects and is the same whenever the loop runs.
  func isStable(_ lower: Expr) -> Bool {
    !lower.hasEffects
      && lower.mentionedVariables.isDisjoint(with: loop.body.storedVariables)
      && !(lower.readsMemory && loop.body.storesToMemory)
  }

  /// Refuses when the iterator's value is used after the loop.
  func requireDeadIterator(in function: Function, for pass: some Pass) throws(Refusal) {
    guard !function.isIteratorLive(outside: label) else {
      let name = function[variable].name
      throw pass.refusal("the value of '\(name)' after loop '\(label)' may be used")
    }
  }

  /// Refuses when control may leave the body by a jump that reordering iterations would change.
  func requireNoEarlyExit(for pass: some Pass) throws(Refusal) {
    if loop.body.leavesLoop {
      throw pass.refusal("loop '\(label)' can be left before its last iteration")
    }
  }

  /// The first value beyond the last iteration of an upward loop, written so that it cannot
  /// overflow where the loop itself does not.
  ///
  /// A bound that the comparison converts to an unsigned type is converted in the text.
  /// `v <= bound` becomes `v < bound + 1`: at the largest value the loop could end neither by
  /// counting (signed: §6.5 ¶5; unsigned: it would not end, §6.8.5 ¶6) nor, as callers check, by a
  /// jump. `v != bound` becomes `v < bound` where the start is known not to be above the bound.
  func exclusiveUpper(
    in function: Function, facts: BoundFacts, for pass: some Pass
  ) throws(Refusal) -> Expr {
    guard header.step > 0 else {
      throw pass.refusal("loop '\(label)' counts downward")
    }
    let iterator = function.reference(variable)
    let bound = header.bound.asComparedWith(iterator)
    guard header.comparesAsIntegers(function) || bound != header.bound else {
      throw pass.refusal("loop '\(label)' compares signed with unsigned values")
    }
    switch header.relation {
    case .less: return bound
    case .lessOrEqual:
      if let value = header.bound.constantValue {
        guard header.bound.type.promoted.integer?.holds(value + 1) == true else {
          throw pass.refusal("loop '\(label)' runs to the end of its type")
        }
      } else if loop.body.leavesLoop {
        throw pass.refusal("loop '\(label)' may be left before its bound is reached")
      }
      return bound.plusOne(inTypeOf: iterator, facts)
    default:
      guard let lower = header.lower, header.step == 1,
        facts.prove(LinearForm(header.bound, facts: facts) - LinearForm(lower, facts: facts))
      else {
        throw pass.refusal("loop '\(label)' is not known to start below its bound")
      }
      return header.bound
    }
  }
}

extension Expr {
  /// The value to which a comparison with an unsigned iterator converts this bound.
  func asComparedWith(_ iterator: Expr) -> Expr {
    guard let own = type.promoted.integer, let other = iterator.type.promoted.integer,
      own.isSigned, !other.isSigned, own.width <= other.width, constantValue == nil
    else { return self }
    return .cast(self, to: iterator.type)
  }

  /// The value plus one, with constants folded, computed in the type in which the iterator meets
  /// it: a narrower bound at its largest value does not overflow there.
  fileprivate func plusOne(inTypeOf iterator: Expr, _ facts: BoundFacts) -> Expr {
    if spelling == nil, let value = constantValue {
      return .integer(value + 1, type: type.promoted)
    }
    if case .binary(.subtract, let left, let right) = kind, right.constantValue == 1,
      right.spelling == nil
    {
      return left
    }
    let form = LinearForm(self, facts: facts) + 1
    if form.constant <= 0 { return form.expression }
    let meeting = CType.usualArithmeticConversion(iterator.type, type) ?? type
    if let own = type.promoted.integer, let wide = meeting.integer, wide.width > own.width {
      return .binary(.add, .cast(self, to: meeting), .int(1))
    }
    return form.expression
  }
}

extension Stmt {
  /// The loop statement of any kind with the label.
  func statement(labelled label: LoopLabel) -> Stmt? { path(to: label)?.last }

  /// Whether control may leave the loop whose body this is before its last iteration: `return`, a
  /// `break` of that loop, an opaque jump. `continue` stays in the loop.
  var leavesLoop: Bool {
    switch kind {
    case .returnValue, .breakLoop: true
    case .opaque(let opaque): opaque.mayJump
    case .loop, .whileLoop, .doLoop: returnsOrJumps
    case .switchOn(_, let body): body.leavesLoopFromSwitch
    default: children.contains(where: \.leavesLoop)
    }
  }

  /// Inside a `switch`, `break` leaves only the `switch`.
  private var leavesLoopFromSwitch: Bool {
    switch kind {
    case .breakLoop: false
    case .returnValue: true
    case .opaque(let opaque): opaque.mayJump
    case .loop, .whileLoop, .doLoop: returnsOrJumps
    default: children.contains(where: \.leavesLoopFromSwitch)
    }
  }

  /// Whether a `return` or an opaque jump stands anywhere inside.
  var returnsOrJumps: Bool {
    contains { statement in
      switch statement.kind {
      case .returnValue: true
      case .opaque(let opaque): opaque.mayJump
      default: false
      }
    }
  }

  /// Whether a `continue` of the loop whose body this is stands inside.
  var continuesLoop: Bool {
    switch kind {
    case .continueLoop: true
    case .loop, .whileLoop, .doLoop: false
    default: children.contains(where: \.continuesLoop)
    }
  }
}
