import KernelModel

/// The uses of addresses in one function that are more than comparing the caller's with each other.
struct AddressUses {
  struct Use: Hashable {
    /// What makes two uses alike: `operand of %`.
    var kind: String
    var text: String
  }

  private let function: Function
  private let comparing: Set<String>
  private(set) var found: [Use] = []
  /// Whether addresses from the caller are compared with each other.
  private(set) var compares = false
  private let flow: AddressFlow

  init(_ function: Function, objects: Set<String>, comparing: Set<String>) {
    self.function = function
    self.comparing = comparing
    flow = AddressFlow(function, objects: objects)
    find()
  }

  private mutating func find() {
    var expressions: [Expr] = []
    var decided: [Expr] = []
    var counters: [CountedHeader] = []
    function.body.walk { statement in
      switch statement.kind {
      case .returnValue(let value?), .switchOn(let value, _): decided.append(value)
      case .loop(let loop):
        if case .counted(let header) = loop.header { counters.append(header) }
        expressions += statement.expressions
      default: expressions += statement.expressions
      }
    }
    for expr in expressions { _ = visit(expr) }
    for expr in decided {
      if visit(expr) { note("decides", "an address is a result or a case") }
      if expr.type.isAddress, flow.sources(expr).contains(where: { $0 != .caller }) {
        note("returned", "the address of an own object is returned")
      }
    }
    for header in counters { visitCounter(header) }
    for symbol in function.symbols.values where symbol.type.isPunned(in: function.records) {
      note("union", "'\(symbol.name)' is a union with a pointer")
    }
  }

  private mutating func visitCounter(_ header: CountedHeader) {
    let counter = Expr(.variable(header.variable), type: function[header.variable].type)
    _ = visitBinary(Expr.int(0), header.relation, counter, header.bound)
  }

  private mutating func note(_ kind: String, _ text: String) {
    found.append(Use(kind: kind, text: text))
  }

  private mutating func noteOperand(_ name: String) {
    note("operand of \(name)", "an address is an operand of '\(name)'")
  }

  /// Notes the uses below `expr`; tells whether its own value is an address in an integer.
  private mutating func visit(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .variable(let variable): return flow.addresses.contains(variable)
    case .cast(let operand): return visitCast(expr, operand)
    case .unary(let op, let operand):
      let isHeld = visit(operand)
      if op == .addressOf { noteAddress(of: operand) }
      if isHeld, op == .minus || op == .complement { noteOperand(op.rawValue) }
      return isHeld && op != .not
    case .binary(let op, let left, let right): return visitBinary(expr, op, left, right)
    case .assign(let op, let target, let value): return visitAssignment(op, target, value)
    case .conditional(let condition, let then, let otherwise):
      _ = visit(condition)
      let first = visit(then)
      return visit(otherwise) || first
    case .comma(let first, let second):
      _ = visit(first)
      return visit(second)
    case .subscriptOf(let base, let index):
      _ = visit(base)
      if visit(index) { note("subscript", "an address is a subscript") }
      return false
    case .call(let name, let arguments, _):
      return visitCall(name, arguments)
    default:
      for child in expr.children where visit(child) {
        note("passed on", "an address is passed on as an integer")
      }
      return false
    }
  }

  private mutating func visitCast(_ expr: Expr, _ operand: Expr) -> Bool {
    let isHeld = visit(operand)
    if expr.type.isInteger { return isHeld || operand.type.isAddress }
    if isHeld, expr.type.isFloating { note("conversion", "an address becomes a floating number") }
    if case .pointer(let to) = expr.type.canonical, let from = operand.type.element,
      from.holdsPointer(in: function.records),
      to.pointee.unqualified.canonical != from.unqualified.canonical
    {
      note("pointer read", "a pointer is read as something else")
    }
    return false
  }

  private mutating func visitBinary(
    _ expr: Expr, _ op: BinaryOperator, _ left: Expr, _ right: Expr
  ) -> Bool {
    let (a, b) = (visit(left), visit(right))
    if op.isLogical { return false }
    if op.isComparison || op == .subtract {
      let isFirst = a || left.type.isAddress
      let isSecond = b || right.type.isAddress
      if isFirst, isSecond { compare(left, right) }
      if op.isComparison, a != b, !(isFirst && isSecond), left.constantValue != 0,
        right.constantValue != 0
      {
        note("compared with a number", "an address is compared with a number")
      }
    }
    if op.isComparison { return false }
    if a || b, expr.type.isAddress { note("offset", "an address is an offset") }
    switch op {
    case .subtract where b && !a:
      note("operand of -", "an address is subtracted from a number")
      return false
    case .subtract: return a && !b
    case .add:
      if a && b { note("sum", "addresses are added") }
      return (a || b) && !expr.type.isAddress
    default:
      if a || b { noteOperand(op.rawValue) }
      return false
    }
  }

  private mutating func compare(_ left: Expr, _ right: Expr) {
    let both = flow.sources(left).union(flow.sources(right))
    if both == [.caller] { compares = true }
    guard both.count > 1 else { return }
    for case .own(let variable) in both {
      let name = function.symbols[variable]?.name ?? "an unnamed object"
      note("own", "the address of '\(name)' is compared with another object's")
    }
  }

  private mutating func visitAssignment(_ op: BinaryOperator?, _ target: Expr, _ value: Expr)
    -> Bool
  {
    let isHeld = visit(value)
    let isTarget = visit(target)
    if isHeld {
      guard case .variable(let variable) = target.kind, function[variable].storage != .global else {
        note("stored", "an address is stored as an integer")
        return false
      }
    }
    if let op, isHeld || isTarget, op != .add, op != .subtract {
      noteOperand(op.rawValue)
    }
    if isHeld, op != nil, target.type.isAddress { note("offset", "an address is an offset") }
    return isHeld || isTarget
  }

  private mutating func visitCall(_ name: String, _ arguments: [Expr]) -> Bool {
    var isHeld = false
    for argument in arguments {
      if visit(argument) {
        isHeld = true
        if name != "__builtin_expect" {
          note("passed on", "an address is passed on as an integer")
        }
      }
      if let pointee = argument.type.element, pointee.holdsPointer(in: function.records),
        Vocabulary.pureFunctions.contains(name), name != "__builtin_prefetch"
      {
        note("pointer read", "a pointer is read as bytes")
      }
    }
    let places = arguments.filter(\.type.isAddress)
    if comparing.contains(name) {
      let given = places.reduce(into: Set<AddressFlow.Root>()) { $0.formUnion(flow.sources($1)) }
      if given == [.caller] { compares = true }
      if given.count > 1 {
        note("own", "'\(name)' compares addresses, and is given one of an own object")
      }
    }
    return isHeld && name == "__builtin_expect"
  }

  private mutating func noteAddress(of place: Expr) {
    guard place.type.isPointer else { return }
    note("address of a pointer", "the address of a pointer is taken")
  }
}
