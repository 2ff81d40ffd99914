import KernelModel

/// The labels of a `switch` that lead to the same statements, and these up to their `break`.
struct AffineCases {
  var labels: [Int] = []
  var isDefault = false
  var statements: [Stmt] = []

  /// All groups of a body; throws where one falls into the next.
  static func all(in body: Stmt) throws -> [AffineCases] {
    var groups: [AffineCases] = []
    var current = AffineCases()
    var isOpen = false
    var isEnded = true
    for statement in body.statements {
      var inner = statement
      while let (label, next) = try label(of: inner) {
        if !isEnded { throw Unproved("a case that falls into the next") }
        if !isOpen || !current.statements.isEmpty {
          if isOpen { groups.append(current) }
          current = AffineCases()
          isOpen = true
        }
        if let label { current.labels.append(label) } else { current.isDefault = true }
        inner = next
      }
      guard isOpen else { throw Unproved("a statement in front of the first case") }
      if isEnded, !current.statements.isEmpty { throw Unproved("a statement behind 'break'") }
      if case .breakLoop = inner.kind {
        isEnded = true
        // A group of `break` alone still ends here.
        current.statements.append(.empty)
        continue
      }
      current.statements.append(inner)
      if case .returnValue = inner.kind { isEnded = true } else { isEnded = false }
    }
    if isOpen { groups.append(current) }
    return groups
  }

  private static func label(of statement: Stmt) throws -> (Int?, Stmt)? {
    switch statement.kind {
    case .caseLabel(let value, let inner):
      guard let constant = value.constantValue else { throw Unproved("a case that is no constant") }
      return (constant, inner)
    case .defaultLabel(let inner): return (nil, inner)
    default: return nil
    }
  }
}
