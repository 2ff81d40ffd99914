import KernelModel

extension BoundFacts {
  /// Learns what tests in front of a loop have decided: the conditions of branches that it stands in, and
  /// the opposite of those under which the function has returned.
  ///
  /// Only comparisons of parameters that keep their value throughout the function tell something, and
  /// nothing that a jump or a `case` may pass by.
  mutating func addConditions(before label: LoopLabel, in function: Function) {
    guard !function.body.contains(where: \.isOpaqueJump) else { return }
    let path = function.body.path(to: label) ?? []
    let changing = function.body.storedVariables.union(function.sharedVariables)
    for (statement, next) in zip(path, path.dropFirst()) {
      switch statement.kind {
      case .switchOn: return
      case .block(let statements):
        for earlier in statements.prefix(while: { $0 != next }) {
          guard case .branch(let condition, let then, nil) = earlier.kind, then.endsInReturn else {
            continue
          }
          learn(condition, is: false, in: function, changing)
        }
      case .branch(let condition, let then, _):
        learn(condition, is: then == next, in: function, changing)
      default: break
      }
    }
  }

  private mutating func learn(
    _ condition: Expr, is truth: Bool, in function: Function, _ changing: Set<VariableID>
  ) {
    switch condition.kind {
    case .unary(.not, let operand): learn(operand, is: !truth, in: function, changing)
    case .binary(let op, let a, let b) where op == (truth ? .logicalAnd : .logicalOr):
      learn(a, is: truth, in: function, changing)
      learn(b, is: truth, in: function, changing)
    case .binary(let op, _, _) where op.isComparison:
      let variables = condition.mentionedVariables
      guard case .binary(let op, let a, let b) = (truth ? condition : condition.negated).kind,
        !condition.readsMemory, !condition.hasEffects, variables.isDisjoint(with: changing),
        variables.allSatisfy({ function[$0].storage == .parameter }), meet(a, b)
      else { return }
      add(LinearForm(a, facts: self), op, LinearForm(b, facts: self))
    default: break
    }
  }

  /// Whether a comparison is that of the mathematical integers.
  private func meet(_ a: Expr, _ b: Expr) -> Bool {
    guard let x = a.type.promoted.integer, let y = b.type.promoted.integer else { return false }
    if x.isSigned == y.isSigned { return true }
    return [a, b].allSatisfy { $0.type.integer?.isSigned == false || ($0.constantValue ?? -1) >= 0 }
  }
}

extension Stmt {
  /// Whether control leaves the function at the end of the statement, if not before.
  fileprivate var endsInReturn: Bool {
    switch statements.last?.kind {
    case .returnValue: true
    case .block: statements.last?.endsInReturn == true
    default: false
    }
  }
}
