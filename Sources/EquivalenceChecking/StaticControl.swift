import KernelModel

/// Whether no branch, trip count or address of a function depends on data.
///
/// Data are the contents of memory and what is computed from them; scalar arguments and members of
/// records that are sizes are none. A flow analysis without order: a variable holds data when any
/// assignment to it may give it data. Functions of the same file are followed, each with the
/// arguments of all of its calls together.
struct StaticControl {
  /// What depends on data; nil when nothing does.
  private(set) var obstacle: String?

  private let functions: [String: Function]
  private let sizes: Set<ObjectPath>
  private var tainted: Set<Place> = []
  private var returnsData: Set<String> = []
  private var reached: Set<String>
  private var isSettled = false

  private struct Place: Hashable {
    var function: String
    var variable: VariableID
  }

  /// - Parameters:
  ///   - functions: the function and those that it may call, by name.
  ///   - sizes: scalar inputs that are chosen, not filled.
  init(_ function: Function, among functions: [String: Function], sizes: Set<ObjectPath>) {
    self.functions = functions.merging([function.name: function]) { $1 }
    self.sizes = sizes
    reached = [function.name]
    while !isSettled {
      isSettled = true
      for name in reached.sorted() { spread(in: name) }
    }
    for name in reached.sorted() where obstacle == nil { obstacle = firstObstacle(in: name) }
  }

  // MARK: where data flow

  private mutating func spread(in name: String) {
    guard let function = functions[name] else { return }
    var statements: [Stmt] = []
    function.body.walk { statements.append($0) }
    for statement in statements {
      switch statement.kind {
      case .declaration(let declarators):
        for declarator in declarators {
          if let value = declarator.initializer { assign(value, to: declarator.variable, name) }
        }
      case .loop(let loop):
        if let header = loop.counted, let lower = header.lower {
          assign(lower, to: header.variable, name)
        }
      case .returnValue(let value?):
        if isData(value, name), returnsData.insert(name).inserted { isSettled = false }
      default: break
      }
    }
    var expressions: [Expr] = []
    function.body.walkExpressions { expressions.append($0) }
    for expr in expressions { spread(expr, name) }
  }

  private mutating func spread(_ expr: Expr, _ name: String) {
    switch expr.kind {
    case .assign(_, let target, let value):
      // What is stored to a local array or record is data of the whole.
      if let variable = target.rootVariable { assign(value, to: variable, name) }
    case .unary(.addressOf, let operand):
      // Whoever has the address may store there.
      if let variable = operand.rootVariable, functions[name]?[variable].storage == .local,
        functions[name]?[variable].type.isPointer == false
      {
        taint(Place(function: name, variable: variable))
      }
    case .call(let callee, let arguments, _):
      guard let function = functions[callee] else { return }
      if reached.insert(callee).inserted { isSettled = false }
      for (parameter, argument) in zip(function.parameters, arguments)
      where isData(argument, name) {
        taint(Place(function: callee, variable: parameter))
      }
    default: break
    }
  }

  private mutating func assign(_ value: Expr, to variable: VariableID, _ name: String) {
    if isData(value, name) { taint(Place(function: name, variable: variable)) }
  }

  private mutating func taint(_ place: Place) {
    if tainted.insert(place).inserted { isSettled = false }
  }

  /// Whether an expression's value may depend on data.
  private func isData(_ expr: Expr, _ name: String) -> Bool {
    switch expr.kind {
    case .variable(let variable): return tainted.contains(Place(function: name, variable: variable))
    case .subscriptOf(let base, let index):
      let isLoad = !Self.isArray(expr.type) && isStored(base, name)
      return isLoad || isData(base, name) || isData(index, name)
    case .unary(.dereference, let operand):
      return !Self.isArray(expr.type) && (isStored(operand, name) || isData(operand, name))
    case .unary(.addressOf, let operand): return operand.children.contains { isData($0, name) }
    case .member(let base, _, _):
      if let path = path(expr), sizes.contains(path) { return false }
      if case .variable = base.kind, !base.type.isPointer { return isData(base, name) }
      return !expr.type.isPointer && !Self.isArray(expr.type)
    case .call(let callee, let arguments, let purity):
      if functions[callee] != nil {
        return returnsData.contains(callee)
      }
      return purity != .const || arguments.contains { isData($0, name) }
    case .indirectCall, .opaque: return true
    case .sizeOf: return false
    default: return expr.children.contains { isData($0, name) }
    }
  }

  /// Whether what a pointer or array leads to are contents of memory: everything but local arrays
  /// and constant tables.
  private func isStored(_ base: Expr, _ name: String) -> Bool {
    guard let variable = base.rootVariable, let symbol = functions[name]?[variable],
      Self.isArray(symbol.type)
    else { return true }
    switch symbol.storage {
    case .parameter: return true
    case .global, .staticLocal: return !TreeFacts.isConstant(symbol.type)
    case .local, .introduced: return false
    }
  }

  private static func isArray(_ type: CType) -> Bool {
    if case .array = type.canonical { true } else { false }
  }

  private func path(_ expr: Expr) -> ObjectPath? {
    switch expr.kind {
    case .variable(let variable): return ObjectPath(variable)
    case .member(let base, let field, _):
      return path(base).map { ObjectPath($0.base, fields: $0.fields + [field]) }
    default: return nil
    }
  }

  // MARK: what they steer

  private func firstObstacle(in name: String) -> String? {
    guard let function = functions[name] else { return nil }
    var found: String?
    func check(_ expr: Expr?, _ what: String) {
      guard found == nil, let expr, isData(expr, name) else { return }
      found = "\(what) depends on data"
    }
    function.body.walk { statement in
      switch statement.kind {
      case .branch(let condition, _, _): check(condition, "a branch")
      case .switchOn(let value, _): check(value, "a branch")
      case .whileLoop(_, let condition, _), .doLoop(_, _, let condition):
        check(condition, "a trip count")
      case .loop(let loop):
        switch loop.header {
        case .counted(let header):
          check(header.lower, "a trip count")
          check(header.bound, "a trip count")
        case .general(_, let condition, _): check(condition, "a trip count")
        }
      case .opaque: found = found ?? "a statement that is not read"
      default: break
      }
    }
    function.body.walkExpressions { expr in
      switch expr.kind {
      case .conditional(let condition, _, _): check(condition, "a branch")
      case .binary(.logicalAnd, let left, _), .binary(.logicalOr, let left, _):
        check(left, "a branch")
      case .subscriptOf(let base, let index):
        check(index, "an address")
        check(base, "an address")
      case .unary(.dereference, let operand): check(operand, "an address")
      case .binary(_, let left, let right) where expr.type.isPointer:
        check(left, "an address")
        check(right, "an address")
      default: break
      }
    }
    return found
  }
}
