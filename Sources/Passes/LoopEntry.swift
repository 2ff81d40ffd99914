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

  /// Whether the loop has a first iteration.
  func entry(in function: Function) -> LoopEntry {
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
    return .when(.binary(relation, first, bound))
  }
}

extension Function {
  /// Whether the entry of the loop follows from a condition that holds around it: a test of the same
  /// comparison in an enclosing branch.
  func guarded(_ statement: Stmt, by entries: [LoopEntry]) -> Stmt? {
    var conditions: [Expr] = []
    for entry in entries {
      switch entry {
      case .always: break
      case .never: return nil
      case .when(let condition):
        if !conditions.contains(where: { $0.key == condition.key }) { conditions.append(condition) }
      }
    }
    guard let first = conditions.first else { return statement }
    let whole = conditions.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }
    return .branch(whole, .block(statement.statements))
  }
}
