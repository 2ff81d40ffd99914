import KernelModel

// What evaluating an expression touches and computes.

extension WorkWalk {
  mutating func evaluate(_ expr: Expr) {
    switch expr.kind {
    case .assign(let op, let target, let value): assign(op, to: target, value)
    case .comma(let first, let second):
      evaluate(first)
      evaluate(second)
    case .unary(let op, let target) where op.stores:
      assign(op == .preIncrement || op == .postIncrement ? .add : .subtract, to: target, .int(1))
    case .cast(let inner): evaluate(inner)
    default: read(expr)
    }
  }

  mutating func assign(_ op: BinaryOperator?, to target: Expr, _ value: Expr) {
    if case .assign(let inner, let place, let last) = value.kind {
      assign(inner, to: place, last)
      return assign(op, to: target, place)
    }
    if let op, target.type.isArithmetic {
      count(op, target.type.isFloating ? target.type : value.type, [target, value])
    }
    if case .variable(let variable) = target.kind {
      var flow = flow(of: value, to: .variable(variable), op, target.type)
      if flow?.variables.contains(variable) == true {
        flow?.accumulates = true
        flow?.variables.removeAll { $0 == variable }
      }
      read(value)
      flows.append(flow ?? opaqueFlow(.variable(variable)))
      return set(variable, op, target, value)
    }
    var flow = flow(of: value, to: .result, op, target.type)
    read(value)
    indices(target)
    if op != nil { note(target, isStore: false) }
    guard let access = note(target, isStore: true) else { return }
    // What is stored back where it was need not be touched, nor what is multiplied by 1.
    let isCopy = op == nil && flow?.loads.first.map { isSame($0, accesses[access]) } == true
    if isCopy || op != nil && isLiteral(value) { accesses[access].isCertain = false }
    if flow == nil {
      flow = opaqueFlow(.memory(access: access))
      flow?.accumulates = op != nil
    }
    flow?.target = .memory(access: access)
    if let flow { flows.append(flow) }
  }

  func isSame(_ a: Access, _ b: Access) -> Bool {
    a.root == b.root && a.offset == b.offset
  }

  func isLiteral(_ value: Expr) -> Bool {
    switch value.kind {
    case .integer, .floating: true
    case .unary(_, let inner), .cast(let inner): isLiteral(inner)
    default: value.constantValue != nil
    }
  }

  mutating func set(
    _ variable: VariableID, _ op: BinaryOperator?, _ target: Expr, _ value: Expr
  ) {
    let result: Value?
    if target.type.isPointer {
      result = address(op == nil ? value : .binary(op ?? .add, target, value)).map {
        .address($0.root, $0.offset)
      }
    } else if target.type.isInteger {
      result = integer(op.map { .binary($0, target, value) } ?? value).map { .integer($0) }
    } else {
      result = nil
    }
    values[variable] = result
  }

  /// Notes what reading `expr` touches and computes.
  mutating func read(_ expr: Expr) {
    switch expr.kind {
    case .assign: evaluate(expr)
    case .unary(let op, _) where op.stores: evaluate(expr)
    case .subscriptOf, .member, .unary(.dereference, _):
      indices(expr)
      note(expr, isStore: false)
    case .unary(.addressOf, let inner): indices(inner)
    case .binary(let op, let left, let right) where op.isLogical:
      read(left)
      uncertainly { $0.read(right) }
    case .conditional(let condition, let first, let second):
      read(condition)
      if let holds = truth(condition) { return read(holds ? first : second) }
      isWhole = false
      uncertainly {
        $0.read(first)
        $0.read(second)
      }
    case .binary(let op, let left, let right):
      read(left)
      read(right)
      count(op, op.isComparison ? .int : expr.type, [left, right])
    case .call(_, let arguments, let purity):
      for argument in arguments { read(argument) }
      if purity != .const { isWhole = false }
      if purity == .effects { storesAnywhere = true }
      if expr.type.isFloating { count(.add, expr.type, arguments) }
    case .indirectCall, .opaque:
      isWhole = false
      storesAnywhere = true
    default: for child in expr.children { read(child) }
    }
  }

  mutating func uncertainly(_ work: (inout WorkWalk) -> Void) {
    let before = isCertain
    isCertain = false
    work(&self)
    isCertain = before
  }

  /// Reads what an lvalue's address is computed from.
  mutating func indices(_ place: Expr) {
    switch place.kind {
    case .subscriptOf(let base, let index):
      indices(base)
      read(index)
    case .member(let base, _, _): indices(base)
    case .unary(.dereference, let pointer): read(pointer)
    case .variable: break
    default: read(place)
    }
  }

  @discardableResult
  mutating func note(_ place: Expr, isStore: Bool) -> Int? {
    guard place.type.isArithmetic || place.type.isVector else {
      if isStore { storesAnywhere = true }
      return nil
    }
    guard let (root, offset) = location(place), let size = layout.size(of: place.type)?.size else {
      // A member of a parameter that is passed by value is no memory, nor is a local array.
      if let variable = place.rootVariable, !isOutside(variable) { return nil }
      if case .member = place.kind, path(of: place) != nil, !isStore { return nil }
      isWhole = false
      if isStore { storesAnywhere = true }
      return nil
    }
    guard isOutside(root.base) else { return nil }
    accesses.append(
      Access(
        root: root, offset: offset, size: size, loops: loops, isCertain: isCertain,
        isStore: isStore, type: place.type))
    return accesses.count - 1
  }

  func isOutside(_ variable: VariableID) -> Bool {
    let storage = function[variable].storage
    return storage == .parameter || storage == .global
  }

  mutating func count(_ op: BinaryOperator, _ type: CType, _ operands: [Expr]) {
    guard let floating = type.floatingType, isCertain,
      [.add, .subtract, .multiply, .divide].contains(op)
    else { return }
    let loops = operands.reduce(into: Set<Int>()) { $0.formUnion(varying($1)) }
    operations.append(Operation(type: floating, loops: loops))
  }

  /// The loops in which the value of `expr` may change from turn to turn.
  func varying(_ expr: Expr) -> Set<Int> {
    var result: Set<Int> = []
    expr.walk { node in
      switch node.kind {
      case .variable(let variable):
        switch values[variable] {
        case .integer(let sum), .address(_, let sum): result.formUnion(sum.terms.keys)
        case nil: result.formUnion(loops.filter { stored[$0].scalars.contains(variable) })
        }
      case .subscriptOf, .unary(.dereference, _), .member:
        guard let base = base(of: node) else { return }
        result.formUnion(loops.filter { stored[$0].objects.contains(base) })
      case .call(_, _, let purity) where purity != .const: result.formUnion(loops)
      case .indirectCall, .opaque: result.formUnion(loops)
      default: break
      }
    }
    return result
  }
}
