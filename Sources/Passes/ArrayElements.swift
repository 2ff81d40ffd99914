import KernelModel

/// How a loop uses the elements of a local array.
struct ArrayElements {
  let variable: VariableID
  /// The array's type, without names.
  let type: CType
  /// Whether the loop uses the array by elements alone, all subscripts given.
  let areAllMentions: Bool
  /// The one dimension in which every iteration uses a place of its own and no other; the outermost of
  /// several, nil without one.
  let ownDimension: Int?

  init(of variable: VariableID, in site: LoopSite, _ function: Function) {
    self.variable = variable
    type = function[variable].type.canonical
    let rank = type.rank
    var uses: [[Expr]] = []
    site.loop.body.walkExpressions { expr in
      if let subscripts = expr.subscripts(of: variable), subscripts.count == rank {
        uses.append(subscripts)
      }
    }
    let inSubscripts = uses.joined().reduce(0) { $0 + $1.mentions(of: variable) }
    areAllMentions =
      inSubscripts == 0 && uses.count == site.loop.body.mentions(of: variable)
      && !site.loop.body.opaqueMentions.contains(variable)
    let changed = site.loop.body.storedVariables.union(site.loop.body.declaredVariables)
    ownDimension = (0..<rank).first { dimension in
      let forms = uses.map { IndexForm($0[dimension]) }
      guard let first = forms.first, first.isOwn(of: site.variable, changed: changed) else {
        return false
      }
      return forms.allSatisfy { !$0.mayWrap && ($0 - first).constant == 0 }
    }
  }

  /// Whether the first statement with the array is a store of a whole element of one dimension.
  func isStoredFirst(in statements: [Stmt]) -> Bool {
    guard type.rank == 1,
      let first = statements.first(where: { $0.mentionedVariables.contains(variable) }),
      case .expression(let expr) = first.kind,
      case .assign(nil, let target, let value) = expr.kind
    else { return false }
    return target.subscripts(of: variable)?.count == 1
      && !value.mentionedVariables.contains(variable)
  }
}

extension IndexForm {
  /// Whether the form is another in every iteration, and fixed within one: a multiple of the iterator
  /// plus variables that the loop does not change.
  fileprivate func isOwn(of iterator: VariableID, changed: Set<VariableID>) -> Bool {
    guard !mayWrap, let step = coefficient(of: iterator)?.constant, step != 0 else { return false }
    return atoms.values.allSatisfy { atom in
      guard case .variable(let variable) = atom.kind else { return false }
      return variable == iterator || !changed.contains(variable)
    }
  }
}

extension Expr {
  /// The subscripts of an element or a row of the array, outermost first.
  func subscripts(of variable: VariableID) -> [Expr]? {
    guard case .subscriptOf(let base, let index) = kind else { return nil }
    if base.kind == .variable(variable) { return [index] }
    return base.subscripts(of: variable).map { $0 + [index] }
  }
}

extension CType {
  /// The number of dimensions of an array; 0 for other types.
  var rank: Int {
    if case .array(let array) = canonical { 1 + array.element.rank } else { 0 }
  }
}
