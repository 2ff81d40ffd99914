import KernelModel

extension Function {
  /// The variable that a name means just before the loop: a parameter, a local of a block around it,
  /// or the iterator of a loop around it.
  func visibleVariable(_ name: String, at label: LoopLabel) -> VariableID? {
    var found = parameters.last { self[$0].name == name }
    let path = body.path(to: label) ?? []
    for (statement, next) in zip(path, path.dropFirst()) {
      var declared: [VariableID] = []
      if let header = statement.asLoop?.counted, header.declares { declared = [header.variable] }
      if case .block(let statements) = statement.kind {
        declared = statements.prefix { $0 != next }.flatMap(\.namesDeclaredHere)
      }
      found = declared.last { self[$0].name == name } ?? found
    }
    return found
  }
}
