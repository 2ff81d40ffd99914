import KernelModel

/// Scalars declared outside a loop that serve each iteration anew, and giving every iteration its
/// own.
///
///     double s; for i { s = 0; … }   →   for i { double s = 0; … }
enum PrivateScalars {
  /// The kernel with such scalars of the loop declared in its body, where they are first stored to.
  static func localized(in label: LoopLabel, of kernel: Kernel) -> Kernel {
    var result = kernel
    for variable in candidates(label, kernel) {
      result = localized(variable, in: label, of: result)
    }
    return result
  }

  /// Scalars that the body stores to, whole and unconditionally, before it reads them, and of which
  /// nothing outside the loop uses that value.
  private static func candidates(_ label: LoopLabel, _ kernel: Kernel) -> [VariableID] {
    let function = kernel.function
    guard let loop = function.body.loop(label) else { return [] }
    let own = loop.body.declaredVariables
    return loop.body.storedVariables.subtracting(own).sorted().filter { variable in
      obstacle(toSettingAnew: variable, in: loop, function) == nil
        && mayDeclare(variable, in: loop.body.statements, kernel.build)
        && !isUsed(variable, outside: label, in: function.body)
    }
  }

  /// Why iterations may not each have a scalar from outside of their own; nil when each sets it anew,
  /// before it reads it.
  static func obstacle(
    toSettingAnew variable: VariableID, in loop: Loop, _ function: Function
  ) -> String? {
    let symbol = function[variable]
    guard symbol.storage == .local || symbol.storage == .introduced, symbol.type.isScalar,
      symbol.type.qualifiers.isDisjoint(with: [.volatile, .atomic])
    else { return "'\(symbol.name)' is no local scalar" }
    if function.body.takesAddress(of: variable) {
      return "the address of '\(symbol.name)' is taken, or text that is not modelled uses it"
    }
    if loop.header.mentions(variable) {
      return "loop '\(loop.label)' itself depends on '\(symbol.name)'"
    }
    if firstStore(to: variable, in: loop.body.statements) == nil {
      return "an iteration of loop '\(loop.label)' may use '\(symbol.name)' before it sets it"
    }
    return nil
  }

  /// Whether the variable can be declared where it is first stored to: older dialects have declarations at
  /// the head of a block alone.
  static func mayDeclare(
    _ variable: VariableID, in statements: [Stmt], _ build: BuildFlags
  ) -> Bool {
    guard let index = firstStore(to: variable, in: statements) else { return false }
    return build.allowsDeclarationsInFor
      || statements[..<index].allSatisfy {
        if case .declaration = $0.kind { true } else { false }
      }
  }

  /// Whether a value that the loop leaves in the variable may be used: loops that set it anew in each
  /// iteration have lives of their own.
  static func isUsed(
    _ variable: VariableID, outside label: LoopLabel, in body: Stmt
  ) -> Bool {
    body.mentions(
      variable,
      besides: { statement in
        guard let loop = statement.asLoop, loop.label != label else {
          return statement.loopLabel == label
        }
        return !loop.header.mentions(variable)
          && firstStore(to: variable, in: loop.body.statements) != nil
      })
  }

  /// The position of the assignment `variable = value` before which nothing mentions the variable.
  private static func firstStore(to variable: VariableID, in statements: [Stmt]) -> Int? {
    guard let index = statements.firstIndex(where: { $0.mentionedVariables.contains(variable) }),
      case .expression(let expr) = statements[index].kind,
      case .assign(nil, let target, let value) = expr.kind, target.kind == .variable(variable),
      !value.mentionedVariables.contains(variable)
    else { return nil }
    return index
  }

  /// The kernel with the scalar, which each iteration sets anew and nothing uses afterwards, declared in
  /// the loop's body.
  static func localized(_ variable: VariableID, in label: LoopLabel, of kernel: Kernel)
    -> Kernel
  {
    var copy = kernel
    var symbol = kernel.function[variable]
    symbol.storage = .introduced
    let own = VariableID((kernel.function.symbols.keys.max()?.index ?? -1) + 1)
    copy.function.symbols[own] = symbol
    let body = kernel.function.body.replacingLoop(label) { statement, loop in
      guard let index = firstStore(to: variable, in: loop.body.statements),
        let renamed = loop.body.renaming([variable: own])
      else { return [statement] }
      var statements = renamed.statements
      if case .expression(let expr) = statements[index].kind,
        case .assign(nil, _, let value) = expr.kind
      {
        statements[index].kind = .declaration([Declarator(variable: own, initializer: value)])
      }
      var result = loop
      result.body.kind = .block(statements)
      var whole = statement
      whole.kind = .loop(result)
      return [whole]
    }
    copy.function.body = body ?? kernel.function.body
    copy.function.dropUnusedLocals([variable])
    return copy
  }
}

extension Loop.Header {
  /// Whether any part of the header mentions the variable.
  fileprivate func mentions(_ variable: VariableID) -> Bool {
    switch self {
    case .counted(let header): header.variable == variable || header.mentions(variable)
    case .general(let initial, let condition, let increment):
      initial?.mentionedVariables.contains(variable) == true
        || [condition, increment].contains { $0?.mentionedVariables.contains(variable) == true }
    }
  }
}

extension Expr {
  /// How often the variable is named.
  func mentions(of variable: VariableID) -> Int {
    var count = 0
    walk { if $0.kind == .variable(variable) { count += 1 } }
    return count
  }
}

extension Stmt {
  /// How often the variable is named in expressions.
  func mentions(of variable: VariableID) -> Int {
    var count = 0
    walkExpressions { if $0.kind == .variable(variable) { count += 1 } }
    return count
  }

  func takesAddress(of variable: VariableID) -> Bool {
    var found = opaqueMentions.contains(variable)
    walkExpressions { node in
      if case .unary(.addressOf, let operand) = node.kind, operand.rootVariable == variable {
        found = true
      }
    }
    return found
  }

  /// Whether anything but its declaration and statements that do not count mentions the variable.
  func mentions(_ variable: VariableID, besides isIgnored: (Stmt) -> Bool) -> Bool {
    if isIgnored(self) { return false }
    switch kind {
    case .declaration(let declarators):
      return declarators.contains { declarator in
        declarator.initializer?.mentionedVariables.contains(variable) == true
          || (declarator.variable == variable && declarator.initializer?.hasEffects == true)
      }
    case .opaque(let opaque): return (opaque.reads + opaque.writes).contains(variable)
    default: break
    }
    if asLoop?.counted?.variable == variable { return true }
    return expressions.contains { $0.mentionedVariables.contains(variable) }
      || children.contains { $0.mentions(variable, besides: isIgnored) }
  }
}
