import KernelModel

extension Expr {
  /// The element without the subscript of a dimension; `type` is what the array has become.
  fileprivate func dropping(_ dimension: Int, of variable: VariableID, _ type: CType) -> Expr {
    guard var indices = subscripts(of: variable) else { return self }
    indices.remove(at: dimension)
    return indices.reduce(Expr(.variable(variable), type: type)) { .element($0, $1) }
  }
}

extension Stmt {
  /// The statement with every element of the array named without the subscript of a dimension.
  func dropping(_ dimension: Int, of variable: VariableID, from old: CType) -> Stmt {
    let (rank, type) = (old.rank, old.dropping(dimension))
    return rewritingExpressions { expr in
      expr.subscripts(of: variable)?.count == rank
        ? expr.dropping(dimension, of: variable, type) : expr
    }
  }

  /// Labels of the loops around the declaration, outermost first; nil without one.
  func loops(aroundDeclarationOf variable: VariableID) -> [LoopLabel]? {
    if case .declaration(let declarators) = kind {
      return declarators.contains { $0.variable == variable } ? [] : nil
    }
    for child in children {
      if let inner = child.loops(aroundDeclarationOf: variable) {
        return (loopLabel.map { [$0] } ?? []) + inner
      }
    }
    return nil
  }

  /// The statement with the declaration of the variable cut loose from the source, for it to be printed
  /// anew.
  func redeclaring(_ variable: VariableID) -> Stmt {
    rewritten { statement in
      guard case .declaration(let declarators) = statement.kind,
        declarators.contains(where: { $0.variable == variable })
      else { return statement }
      var copy = statement
      copy.origin = nil
      return copy
    }
  }
}

extension CType {
  /// The array without a dimension, counted from the outermost.
  func dropping(_ dimension: Int) -> CType {
    guard case .array(var array) = canonical else { return self }
    if dimension == 0 { return array.element.unqualified }
    array.element = array.element.dropping(dimension - 1)
    return .array(array)
  }

  /// Whether no bound of the array is computed.
  var hasConstantSize: Bool {
    guard case .array(let array) = canonical else { return true }
    if case .constant = array.bound { return array.element.hasConstantSize }
    return false
  }
}
