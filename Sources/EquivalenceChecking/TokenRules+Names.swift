/// Rules 6, 7 and 8: names, and what is called by them.
extension TokenRules {
  func checkCall(_ token: CToken) throws(FormViolation) {
    let name = token.text
    if name == functionName && !originalCalls.contains(name) {
      try gate.refuse(
        FormViolation(.calls, "the function calls itself", at: token.range.lowerBound))
    }
    let isOwn = originalCalls.contains(name) || helpers.contains(name)
    let isListed = Vocabulary.pureFunctions.contains(name) || Vocabulary.allocation.contains(name)
    if isOwn || (isListed && !ownFunctions.contains(name)) { return }
    try gate.refuse(FormViolation(.calls, "a call of '\(name)'", at: token.range.lowerBound))
  }

  /// A name in the body that is not known here may be a constant of a header: macros and
  /// enumerators are constants in the tree, where everything else is refused.
  func checkName(
    _ token: CToken, declared: Set<String>, types: Set<String>, isBody: Bool
  ) throws(FormViolation) {
    let name = token.text
    let isFunction =
      helpers.contains(name) || name == functionName
      || (originalCalls.contains(name) && !originalValues.contains(name))
      || Vocabulary.pureFunctions.contains(name) || Vocabulary.allocation.contains(name)
    if isFunction && !declared.contains(name) && !originalValues.contains(name) {
      try gate.refuse(
        FormViolation(
          .functionValues, "'\(name)' is used without a call", at: token.range.lowerBound))
    }
    if declared.contains(name) || types.contains(name) || originalNames.contains(name)
      || objects.contains(name) || Vocabulary.constants.contains(name)
      || (isBody && !name.hasPrefix("__"))
    {
      return
    }
    try gate.refuse(
      FormViolation(
        .names, "'\(name)' is neither the original's nor declared here",
        at: token.range.lowerBound))
  }

  /// Helpers and the function form no cycle of calls.
  func checkRecursion() throws(FormViolation) {
    var calls: [String: Set<String>] = [:]
    for item in candidate.items where item.kind == .function {
      calls[item.name] = Array(item.body).calledNames.intersection(helpers.union([functionName]))
    }
    for (name, direct) in calls {
      var reached = direct
      var pending = Array(direct)
      while let next = pending.popLast() {
        for callee in calls[next] ?? [] where reached.insert(callee).inserted {
          pending.append(callee)
        }
      }
      if reached.contains(name) || reached.contains(functionName) {
        try gate.refuse(FormViolation(.calls, "the helper '\(name)' calls itself"))
      }
    }
  }
}
