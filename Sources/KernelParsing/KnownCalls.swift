import ClangBindings
import KernelModel

/// Finds what a file passes to its own functions: constants, and locals that are set once to one.
struct KnownCalls {
  let unit: UnitReader

  /// The calls of a function in its file from other functions, each choice of arguments once.
  func calls(of definition: Cursor) -> [KnownCall] {
    var result: [KnownCall] = []
    for caller in unit.definitions where caller != definition {
      guard let place = unit.text.place(of: caller.range.lowerBound),
        place.file == unit.text.mainFile
      else { continue }
      var changed: Set<Cursor>?
      caller.walk { cursor in
        guard cursor.kind == .callExpr, let callee = cursor.referenced,
          callee.canonical == definition.canonical
        else { return }
        let known = changed ?? Self.changedVariables(in: caller, unit)
        changed = known
        let line = unit.text.place(of: cursor.range.lowerBound)?.line ?? place.line
        let call = KnownCall(
          line: line, arguments: arguments(of: cursor, for: definition, known))
        if !call.arguments.isEmpty, !result.contains(where: { $0.arguments == call.arguments }) {
          result.append(call)
        }
      }
    }
    return result
  }

  private func arguments(of call: Cursor, for definition: Cursor, _ changed: Set<Cursor>)
    -> [String: Int]
  {
    // The first child is what is called.
    var values: [String: Int] = [:]
    for (parameter, argument) in zip(definition.arguments, call.children.dropFirst()) {
      if let value = value(argument, changed) { values[parameter.spelling] = value }
    }
    return values
  }

  private func value(_ argument: Cursor, _ changed: Set<Cursor>) -> Int? {
    if let value = argument.evaluatedInteger { return value }
    let inner = argument.stripped
    guard inner.kind == .declRefExpr, let variable = inner.referenced, variable.kind == .varDecl,
      !changed.contains(variable)
    else { return nil }
    return variable.evaluatedInteger
  }

  /// Variables that the function stores to after their declaration, or whose address it takes.
  private static func changedVariables(in function: Cursor, _ unit: UnitReader) -> Set<Cursor> {
    var result: Set<Cursor> = []
    func note(_ target: Cursor) {
      let target = target.stripped
      if target.kind == .declRefExpr, let variable = target.referenced { result.insert(variable) }
    }
    function.walk { cursor in
      let children = cursor.children
      guard let first = children.first else { return }
      switch cursor.kind {
      case .binaryOperator where unit.binaryOperator(first) == "=": note(first)
      case .compoundAssignOperator: note(first)
      case .unaryOperator
      where ["&", "++", "--", "post++", "post--"].contains(
        unit.unaryOperator(cursor, operand: first)):
        note(first)
      default: break
      }
    }
    return result
  }
}
