import KernelModel

extension Function {
  /// Whether every path to the loop gives the scalar a value: it is a parameter, or a statement of a
  /// block around the loop sets it.
  func isSet(_ variable: VariableID, before label: LoopLabel) -> Bool {
    if self[variable].storage == .parameter { return true }
    guard let path = body.path(to: label) else { return false }
    return zip(path, path.dropFirst()).contains { outer, inner in
      guard case .block(let statements) = outer.kind,
        let position = statements.firstIndex(of: inner)
      else { return false }
      return statements[..<position].contains { $0.sets(variable) }
    }
  }
}

extension Stmt {
  /// Whether the statement stores to the scalar on every path through it.
  fileprivate func sets(_ variable: VariableID) -> Bool {
    switch kind {
    case .declaration(let declarators):
      declarators.contains { $0.variable == variable && $0.initializer != nil }
    case .expression(let expr): expr.sets(variable)
    case .block(let statements): statements.contains { $0.sets(variable) }
    case .branch(_, let then, let otherwise?): then.sets(variable) && otherwise.sets(variable)
    default: false
    }
  }
}

extension Expr {
  /// `v = e`, `v += e`, `w = v = e`.
  fileprivate func sets(_ variable: VariableID) -> Bool {
    guard case .assign(_, let target, let value) = kind else { return false }
    return target.kind == .variable(variable) || value.sets(variable)
  }
}
