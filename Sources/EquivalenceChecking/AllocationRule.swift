import KernelModel

/// Rule 12 of L0: on every path through a function, what `aligned_alloc` gave, or an allocation of
/// the original's, is freed exactly once, does not escape and is not leaked.
///
/// The check follows sets of live allocations through the tree. A test of the pointer against null
/// tells its branches apart; a loop must leave the set as it found it. What it cannot follow is
/// refused.
struct AllocationRule {
  /// The variables whose allocation is live, and those whose allocation was freed.
  private struct State: Hashable {
    var live: Set<VariableID> = []
    var freed: Set<VariableID> = []

    func knowingNull(_ variable: VariableID) -> State {
      State(live: live.subtracting([variable]), freed: freed)
    }
  }
  private static let allocators: Set<String> = ["aligned_alloc", "malloc", "calloc"]

  private let function: Function
  private let reachable: Set<VariableID>

  init(_ function: Function) {
    self.function = function
    var found: Set<VariableID> = []
    function.body.walk { statement in
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators where Self.allocates(declarator.initializer) {
          found.insert(declarator.variable)
        }
      }
    }
    function.body.walkExpressions { expr in
      if case .assign(nil, let target, let value) = expr.kind, Self.allocates(value),
        case .variable(let variable) = target.kind
      {
        found.insert(variable)
      }
    }
    reachable = found
  }

  /// Throws the first path that breaks the rule.
  func check() throws(FormViolation) {
    let calls = TreeFacts(of: function).calls
    guard !calls.isDisjoint(with: Self.allocators.union(["free"])) else { return }
    let ends = try follow(function.body, from: [State()], loopEntry: nil)
    for state in ends { try requireNothingLive(state, "at the end of the function") }
  }

  private func violation(_ message: String) -> FormViolation { FormViolation(.allocation, message) }

  private func requireNothingLive(_ state: State, _ place: String) throws(FormViolation) {
    guard let variable = state.live.min() else { return }
    throw violation("'\(function[variable].name)' is not freed \(place)")
  }

  /// The states after the statement, for every state before it.
  private func follow(_ statement: Stmt, from states: Set<State>, loopEntry: Set<State>?)
    throws(FormViolation) -> Set<State>
  {
    switch statement.kind {
    case .block(let statements):
      var current = states
      for child in statements { current = try follow(child, from: current, loopEntry: loopEntry) }
      return current
    case .declaration(let declarators):
      var current = states
      for declarator in declarators {
        guard let value = declarator.initializer else { continue }
        if Self.allocates(value) {
          current = try allocate(declarator.variable, in: current)
        } else {
          try checkEscape(of: value, into: nil, localTarget: true)
          current = try evaluate(value, in: current)
        }
      }
      return current
    case .branch(let condition, let then, let otherwise):
      let (taken, passed) = split(try evaluate(condition, in: states), by: condition)
      let after = try follow(then, from: taken, loopEntry: loopEntry)
      guard let otherwise else { return after.union(passed) }
      return after.union(try follow(otherwise, from: passed, loopEntry: loopEntry))
    case .versioned(let versioned):
      return try follow(versioned.fast, from: states, loopEntry: loopEntry)
        .union(try follow(versioned.fallback, from: states, loopEntry: loopEntry))
    case .loop, .whileLoop, .doLoop:
      var current = states
      for expr in statement.expressions { current = try evaluate(expr, in: current) }
      for child in statement.children {
        current = try follow(child, from: current, loopEntry: states)
      }
      guard leavesLiveAsFound(current, states) else {
        throw violation("a loop allocates or frees without its counterpart")
      }
      return states.union(current)
    case .breakLoop, .continueLoop:
      if let loopEntry, !leavesLiveAsFound(states, loopEntry) {
        throw violation("a jump leaves an allocation of the loop behind")
      }
      return loopEntry == nil ? states : []
    case .returnValue(let value):
      var current = states
      if let value {
        try checkEscape(of: value, into: nil, localTarget: false)
        current = try evaluate(value, in: current)
      }
      for state in current { try requireNothingLive(state, "before a return") }
      return []
    case .switchOn(let value, let body):
      let before = try evaluate(value, in: states)
      return before.union(try follow(body, from: before, loopEntry: nil))
    case .caseLabel(_, let inner), .defaultLabel(let inner):
      return try follow(inner, from: states, loopEntry: loopEntry)
    case .expression(let expr): return try evaluate(expr, in: states)
    case .empty, .typeAlias: return states
    case .opaque: throw violation("allocation beside text that is not modelled")
    }
  }

  private func leavesLiveAsFound(_ after: Set<State>, _ before: Set<State>) -> Bool {
    Set(after.map(\.live)).isSubset(of: Set(before.map(\.live)))
  }

  private func evaluate(_ expr: Expr, in states: Set<State>) throws(FormViolation) -> Set<State> {
    switch expr.kind {
    case .assign(nil, let target, let value) where Self.allocates(value):
      guard case .variable(let variable) = target.kind,
        function[variable].storage != .global, function[variable].storage != .staticLocal
      else { throw violation("an allocation is not kept in a local variable") }
      return try allocate(variable, in: states)
    case .assign(_, let target, let value):
      let isLocal = if case .variable = target.kind { true } else { false }
      try checkEscape(of: value, into: target, localTarget: isLocal)
      if case .variable(let variable) = target.kind,
        states.contains(where: { $0.live.contains(variable) })
      {
        throw violation("'\(function[variable].name)' changes while its allocation is live")
      }
    case .call("free", let arguments, _):
      guard let variable = Self.freed(arguments), reachable.contains(variable) else {
        throw violation("'free' of something that was not allocated here")
      }
      return try release(variable, in: states)
    case .call(let name, _, _) where Self.allocators.contains(name):
      throw violation("an allocation that nothing keeps")
    default: break
    }
    var current = states
    for child in expr.children { current = try evaluate(child, in: current) }
    return current
  }

  private func allocate(_ variable: VariableID, in states: Set<State>) throws(FormViolation)
    -> Set<State>
  {
    guard !states.contains(where: { $0.live.contains(variable) }) else {
      throw violation("'\(function[variable].name)' is allocated again while it is live")
    }
    return Set(
      states.map {
        State(live: $0.live.union([variable]), freed: $0.freed.subtracting([variable]))
      })
  }

  /// `free` of a null pointer does nothing.
  private func release(_ variable: VariableID, in states: Set<State>) throws(FormViolation)
    -> Set<State>
  {
    guard !states.contains(where: { $0.freed.contains(variable) }) else {
      throw violation("'\(function[variable].name)' is freed twice")
    }
    return Set(
      states.map {
        State(live: $0.live.subtracting([variable]), freed: $0.freed.union([variable]))
      })
  }

  /// States in which the condition holds, and in which it does not, as far as null tests tell.
  private func split(_ states: Set<State>, by condition: Expr) -> (Set<State>, Set<State>) {
    switch condition.kind {
    case .unary(.not, let operand):
      let (held, failed) = split(states, by: operand)
      return (failed, held)
    case .binary(.equal, let left, let right):
      guard let variable = nullTested(left, right) else { return (states, states) }
      return (Set(states.map { $0.knowingNull(variable) }), states)
    case .binary(.notEqual, let left, let right):
      guard let variable = nullTested(left, right) else { return (states, states) }
      return (states, Set(states.map { $0.knowingNull(variable) }))
    case .binary(.logicalAnd, let left, let right):
      let first = split(states, by: left)
      let second = split(first.0, by: right)
      return (second.0, first.1.union(second.1))
    case .binary(.logicalOr, let left, let right):
      let first = split(states, by: left)
      let second = split(first.1, by: right)
      return (first.0.union(second.0), second.1)
    case .variable(let variable) where reachable.contains(variable):
      return (states, Set(states.map { $0.knowingNull(variable) }))
    default: return (states, states)
    }
  }

  private func nullTested(_ left: Expr, _ right: Expr) -> VariableID? {
    for (pointer, other) in [(left, right), (right, left)] {
      guard case .variable(let variable) = pointer.kind, reachable.contains(variable) else {
        continue
      }
      if Self.isNull(other) { return variable }
    }
    return nil
  }

  private static func isNull(_ expr: Expr) -> Bool {
    if case .cast(let operand) = expr.kind { return isNull(operand) }
    return expr.constantValue == 0 || expr.spelling == "NULL"
  }

  /// A pointer into an allocation may be kept in locals only.
  private func checkEscape(of value: Expr, into target: Expr?, localTarget: Bool)
    throws(FormViolation)
  {
    guard !localTarget, value.type.isPointer,
      let variable = value.mentionedVariables.first(where: reachable.contains)
    else { return }
    throw violation("'\(function[variable].name)' escapes")
  }

  private static func allocates(_ expr: Expr?) -> Bool {
    switch expr?.kind {
    case .call(let name, _, _): allocators.contains(name)
    case .cast(let operand): allocates(operand)
    default: false
    }
  }

  private static func freed(_ arguments: [Expr]) -> VariableID? {
    guard var expr = arguments.first else { return nil }
    while case .cast(let operand) = expr.kind { expr = operand }
    if case .variable(let variable) = expr.kind { return variable }
    return nil
  }
}
