import KernelModel

/// Reads a function at fixed sizes: which bytes which expression touches in which turns of which
/// loops, how many floating-point operations there are, and where values flow to.
///
/// Whatever depends on data, or is not modelled, is left out and makes the reading partial.
struct WorkWalk {
  /// Memory that an expression reads or writes.
  struct Access {
    var root: ObjectPath
    var offset: TurnSum
    var size: Int
    var loops: [Int]
    /// Whether it happens in every call.
    var isCertain: Bool
    var isStore: Bool
    var type: CType
  }

  /// A floating-point operation, once for each turn of `loops`.
  struct Operation {
    var type: FloatingType
    var loops: Set<Int>
  }

  /// Where values go that no zero, no rounding and no comparison can make irrelevant.
  struct Flow {
    enum Target: Hashable {
      case memory(access: Int)
      case variable(VariableID)
      case result
    }
    var target: Target
    /// Whether the target's former value flows in too.
    var accumulates: Bool
    /// What is read from memory.
    var loads: [Access] = []
    var variables: [VariableID] = []
    var loops: [Int]
    var isCertain: Bool
    var order: Int
  }

  enum Value {
    case integer(TurnSum)
    case address(ObjectPath, TurnSum)
  }

  let function: Function
  let layout: TypeLayout
  var trips: [TripCount] = []
  var accesses: [Access] = []
  var operations: [Operation] = []
  var flows: [Flow] = []
  /// Whether nothing was left out.
  var isWhole = true
  /// Whether memory may be stored to at a place that is not known.
  var storesAnywhere = false
  /// Scalars that statements which were left out may change, or that are reached by address.
  var unknownVariables: Set<VariableID> = []
  var values: [VariableID: Value] = [:]
  let sizes: [ObjectPath: Int]
  var loops: [Int] = []
  var isCertain = true
  /// By the loop's number: scalars and objects that its body may store to.
  var stored: [(scalars: Set<VariableID>, objects: Set<VariableID>)] = []

  init(_ function: Function, sizes: [ObjectPath: Int]) {
    self.function = function
    self.sizes = sizes
    layout = TypeLayout(records: function.records)
    for (path, size) in sizes where path.fields.isEmpty {
      values[path.base] = .integer(TurnSum(size))
    }
    function.body.walkExpressions { node in
      guard case .unary(.addressOf, let place) = node.kind else { return }
      if let variable = place.rootVariable { unknownVariables.insert(variable) }
    }
    visit(function.body)
  }

  // MARK: Statements

  mutating func visit(_ statement: Stmt) {
    switch statement.kind {
    case .block(let statements): sequence(statements)
    case .expression(let expr): evaluate(expr)
    case .declaration(let declarators):
      for declarator in declarators {
        guard let value = declarator.initializer else { continue }
        assign(nil, to: function.reference(declarator.variable), value)
      }
    case .loop(let loop): visit(loop)
    case .branch(let condition, let then, let otherwise): branch(condition, then, otherwise)
    case .returnValue(let value?):
      let flow = flow(of: value, to: .result, nil, function.result)
      read(value)
      if let flow { flows.append(flow) }
    case .empty, .returnValue, .breakLoop, .continueLoop, .typeAlias: break
    default: leaveOut(statement)
    }
  }

  mutating func sequence(_ statements: [Stmt]) {
    for statement in statements {
      visit(statement)
      // What follows a statement that control may leave by is not reached in every call.
      if statement.mayExitEarly, decided(statement) == nil { isCertain = false }
    }
  }

  mutating func visit(_ loop: Loop) {
    let changed = loop.body.storedVariables
    guard let header = loop.counted, let trip = tripCount(header),
      !loop.body.contains(where: { $0.mayExitEarly })
    else { return leaveOut(.loop(loop)) }
    let number = trips.count
    trips.append(trip.count)
    stored.append((changed, storedObjects(loop.body)))
    forget(changed)
    values[header.variable] = trip.lower
      .adding(TurnSum(0, terms: [number: header.step])).map { .integer($0) }
    loops.append(number)
    visit(loop.body)
    loops.removeLast()
    forget(changed.union([header.variable]))
  }

  mutating func tripCount(_ header: CountedHeader) -> (lower: TurnSum, count: TripCount)? {
    guard let lower = header.lower.map(integer) ?? integer(function.reference(header.variable)),
      let bound = integer(header.bound)
    else { return nil }
    let isUpward = header.step > 0
    guard var distance = isUpward ? bound.adding(lower, times: -1) : lower.adding(bound, times: -1)
    else { return nil }
    if header.relation == .lessOrEqual || header.relation == .greaterOrEqual {
      distance.constant += 1
    }
    return (lower, TripCount(distance: distance, step: abs(header.step)))
  }

  mutating func branch(_ condition: Expr, _ then: Stmt, _ otherwise: Stmt?) {
    read(condition)
    if let holds = truth(condition) {
      if holds { visit(then) } else if let otherwise { visit(otherwise) }
      return
    }
    isWhole = false
    let before = isCertain
    isCertain = false
    visit(then)
    if let otherwise { visit(otherwise) }
    isCertain = before
    forget(then.storedVariables.union(otherwise?.storedVariables ?? []))
  }

  /// Whether the statement is a branch that is decided by the sizes and whose way does not leave.
  func decided(_ statement: Stmt) -> Bool? {
    guard case .branch(let condition, let then, let otherwise) = statement.kind,
      let holds = truth(condition)
    else { return nil }
    let way = holds ? then : otherwise
    return way?.mayExitEarly == true ? nil : holds
  }

  mutating func leaveOut(_ statement: Stmt) {
    isWhole = false
    let objects = storedObjects(statement)
    let mayStore = statement.contains {
      if case .opaque(let opaque) = $0.kind { return opaque.touchesMemory }
      return false
    }
    if mayStore || !objects.isEmpty { storesAnywhere = true }
    forget(statement.storedVariables)
    unknownVariables.formUnion(statement.storedVariables)
    if statement.mayExitEarly { isCertain = false }
  }

  mutating func forget(_ variables: Set<VariableID>) {
    for variable in variables { values[variable] = nil }
  }

  /// The base variables of everything that a statement stores to.
  func storedObjects(_ statement: Stmt) -> Set<VariableID> {
    var result: Set<VariableID> = []
    statement.walkExpressions { node in
      switch node.kind {
      case .assign(_, let target, _): if let base = base(of: target) { result.insert(base) }
      case .unary(let op, let target) where op.stores:
        if let base = base(of: target) { result.insert(base) }
      default: break
      }
    }
    return result
  }

  func base(of place: Expr) -> VariableID? {
    switch place.kind {
    case .variable: return nil
    case .subscriptOf(let base, _), .member(let base, _, _), .unary(.dereference, let base),
      .cast(let base):
      if case .variable(let variable) = base.kind { return root(of: variable) }
      return self.base(of: base)
    case .binary(.add, let left, let right), .binary(.subtract, let left, let right):
      let pointer = left.type.isInteger ? right : left
      if case .variable(let variable) = pointer.kind { return root(of: variable) }
      return base(of: pointer)
    default: return nil
    }
  }

  /// The parameter that a local pointer leads to, as far as it is known here.
  func root(of variable: VariableID) -> VariableID {
    if case .address(let path, _) = values[variable] { return path.base }
    return variable
  }
}
