import KernelModel

/// The integer inputs that decide how long a call runs or which memory it touches.
///
/// An input counts when the contract mentions it, or when it flows, through any chain of
/// assignments to local variables, into a loop's header, a condition of a loop or a subscript.
struct SizeInputs {
  private(set) var paths: Set<ObjectPath> = []

  init(_ kernel: Kernel) {
    for extent in kernel.contract.extents.values {
      paths.formUnion(extent.lower.inputs.union(extent.upper.inputs))
    }
    for requirement in kernel.contract.requirements {
      switch requirement {
      case .compare(let left, _, let right): paths.formUnion(left.inputs.union(right.inputs))
      case .elements(_, let range, let values):
        for expr in [range.lower, range.upper, values.lower, values.upper] {
          paths.formUnion(expr.inputs)
        }
      case .monotone(_, let range): paths.formUnion(range.lower.inputs.union(range.upper.inputs))
      case .floatRange, .isFinite, .separated: break
      }
    }
    addFlows(kernel.function)
  }

  private mutating func addFlows(_ function: Function) {
    var sources: [VariableID: Set<ObjectPath>] = [:]
    var copies: [VariableID: Set<VariableID>] = [:]
    func note(_ target: VariableID, _ value: Expr) {
      sources[target, default: []].formUnion(Self.inputs(value, in: function))
      copies[target, default: []].formUnion(value.mentionedVariables)
    }
    function.body.walk { statement in
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators {
          if let value = declarator.initializer { note(declarator.variable, value) }
        }
      }
    }
    function.body.walkExpressions { expr in
      if case .assign(_, let target, let value) = expr.kind, let variable = target.rootVariable {
        note(variable, value)
      }
    }
    var deciding: [Expr] = []
    function.body.walk { statement in
      switch statement.kind {
      case .loop, .whileLoop, .doLoop: deciding += statement.expressions
      default: break
      }
    }
    function.body.walkExpressions { expr in
      if case .subscriptOf(_, let index) = expr.kind { deciding.append(index) }
      if case .binary(let op, let left, let right) = expr.kind, op == .add || op == .subtract {
        if left.type.isPointer { deciding.append(right) }
        if right.type.isPointer { deciding.append(left) }
      }
    }
    var pending: [VariableID] = []
    for expr in deciding {
      paths.formUnion(Self.inputs(expr, in: function))
      pending += expr.mentionedVariables
    }
    var seen = Set(pending)
    while let variable = pending.popLast() {
      paths.formUnion(sources[variable] ?? [])
      for next in copies[variable] ?? [] where seen.insert(next).inserted { pending.append(next) }
    }
  }

  /// Scalar inputs that an expression names directly: `n`, `src->stride`, `g.count`.
  private static func inputs(_ expr: Expr, in function: Function) -> Set<ObjectPath> {
    var found: Set<ObjectPath> = []
    expr.walk { node in
      guard node.type.isInteger, let path = path(node) else { return }
      let storage = function[path.base].storage
      if storage == .parameter || storage == .global { found.insert(path) }
    }
    return found
  }

  private static func path(_ expr: Expr) -> ObjectPath? {
    switch expr.kind {
    case .variable(let variable): return ObjectPath(variable)
    case .member(let base, let field, _):
      return path(base).map { ObjectPath($0.base, fields: $0.fields + [field]) }
    default: return nil
    }
  }
}
