import KernelModel

/// What is known of a counted loop's first iteration.
enum LoopEntry {
  /// It takes place.
  case always
  /// It never takes place.
  case never
  /// It takes place iff the expression, evaluated before the loop, is true.
  case when(Expr)
}

extension CountedHeader {
  /// The iterator's value before the first test.
  func start(in function: Function) -> Expr { lower ?? function.reference(variable) }

  /// Whether a first iteration takes place whatever the inputs are.
  func alwaysEnters(in function: Function) -> Bool {
    if case .always = entry(in: function) { true } else { false }
  }

  /// Whether the loop has a first iteration, where the facts hold.
  func entry(in function: Function, facts: BoundFacts = .none) -> LoopEntry {
    let start = start(in: function)
    if let first = start.constantValue, let end = bound.constantValue {
      let enters =
        switch relation {
        case .less: first < end
        case .lessOrEqual: first <= end
        case .greater: first > end
        case .greaterOrEqual: first >= end
        default: first != end
        }
      return enters ? .always : .never
    }
    let iterator = function[variable].type.unqualified
    // The comparison is made in the iterator's type: a wider start was converted by the assignment.
    let needsCast =
      start.constantValue == nil && start.type.canonical != iterator.canonical
    let first = needsCast ? Expr.cast(start, to: iterator) : start
    let condition = Expr.binary(relation, first, bound)
    return DecidedConditions(facts: facts).decide(condition) == true ? .always : .when(condition)
  }
}

extension Function {
  /// The statement under the condition that the loops are entered, as far as that is neither certain
  /// nor among the conditions with the known keys; nil when one of them never is.
  func guarded(_ statement: Stmt, by entries: [LoopEntry], known: Set<String>) -> Stmt? {
    var conditions: [Expr] = []
    for entry in entries {
      switch entry {
      case .always: break
      case .never: return nil
      case .when(let condition):
        if !conditions.contains(where: { $0.key == condition.key }), !known.contains(condition.key)
        {
          conditions.append(condition)
        }
      }
    }
    guard let first = conditions.first else { return statement }
    let whole = conditions.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }
    return .branch(whole, .block(statement.statements))
  }

  /// The keys of conditions that hold where the loop with this label stands: run-time checks around
  /// it, over values that the function does not change since.
  func knownConditions(at label: LoopLabel) -> Set<String> {
    let found = body.find { $0.loopLabel == label }
    return Set(
      found?.facts.compactMap { if case .holds(let condition) = $0 { condition.key } else { nil } }
        ?? [])
  }
}
