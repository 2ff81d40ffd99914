import KernelModel

extension Function {
  /// Removes the declarations of locals among these that nothing mentions any more, so that no
  /// compiler warns of them.
  mutating func dropUnusedLocals(_ variables: Set<VariableID>) {
    var unused = variables.filter {
      guard let symbol = symbols[$0] else { return false }
      return symbol.storage == .local || symbol.storage == .introduced
    }
    var declaringHeaders: Set<VariableID> = []
    body.walk { statement in
      for expr in statement.expressions { unused.subtract(expr.mentionedVariables) }
      if case .opaque(let opaque) = statement.kind { unused.subtract(opaque.reads + opaque.writes) }
      if let header = statement.asLoop?.counted { declaringHeaders.insert(header.variable) }
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators where declarator.initializer?.hasEffects == true {
          unused.remove(declarator.variable)
        }
      }
    }
    unused.subtract(declaringHeaders)
    for symbol in symbols.values {
      unused = unused.filter { !symbol.type.mentions($0) }
    }
    guard !unused.isEmpty else { return }
    body = body.withoutDeclarations(of: unused)
  }
}

extension Stmt {
  /// The statement without the declarations of these.
  func withoutDeclarations(of variables: Set<VariableID>) -> Stmt {
    rewritten { statement in
      var copy = statement
      switch statement.kind {
      case .block(let statements): copy.kind = .block(statements.filter { !$0.isEmptyDeclaration })
      case .declaration(let declarators):
        copy.kind = .declaration(declarators.filter { !variables.contains($0.variable) })
      default: break
      }
      return copy
    }
  }

  private var isEmptyDeclaration: Bool {
    if case .declaration(let declarators) = kind { declarators.isEmpty } else { false }
  }
}
