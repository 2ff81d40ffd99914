import KernelModel

/// Rule 16 of L0: what a candidate does depends on addresses only through how those of the caller's
/// memory compare with each other.
///
/// A judge calls on memory of its own, at places that a program could come to know: its distance from
/// code and stack, its place in a page. So an address made an integer may be moved by a distance,
/// compared with another address and subtracted from one; it is not masked, divided, shifted, stored
/// or passed on, and no pointer is read as bytes. Addresses of the candidate's own objects are compared
/// with addresses in the same object alone. What the original itself does is allowed.
struct AddressRule {
  private let allowed: Set<String>
  private let objects: Set<String>
  private let gate: FormGate

  /// - Parameter objects: the candidate's new file-scope objects, by name.
  init(original: Function, objects: Set<String>, gate: FormGate = FormGate()) {
    self.objects = objects
    self.gate = gate
    var uses = AddressUses(original, objects: [], comparing: [])
    uses.find()
    allowed = Set(uses.found.map(\.kind))
  }

  /// Throws the first use of an address in a function of the candidate that the rule forbids.
  func check(_ functions: [Function]) throws(FormViolation) {
    let comparing = comparing(functions)
    for function in functions {
      var uses = AddressUses(function, objects: objects, comparing: comparing)
      uses.find()
      for use in uses.found where !allowed.contains(use.kind) {
        try gate.refuse(FormViolation(.addresses, use.text))
      }
    }
  }

  /// Functions that compare what they are given with each other, themselves or through a callee.
  private func comparing(_ functions: [Function]) -> Set<String> {
    var known: Set<String> = []
    while true {
      let next = Set(
        functions.filter { function in
          var uses = AddressUses(function, objects: objects, comparing: known)
          uses.find()
          return uses.compares
        }.map(\.name))
      if next.isSubset(of: known) { return known }
      known.formUnion(next)
    }
  }
}

/// The uses of addresses in one function that are more than comparing the caller's with each other.
private struct AddressUses {
  struct Use: Hashable {
    /// What makes two uses alike: `operand of %`.
    var kind: String
    var text: String
  }

  /// Where a pointer may come from.
  private enum Root: Hashable {
    case caller
    case own(VariableID)
  }

  /// Literals and allocations, any two of which are told apart no further.
  private static let unnamed = VariableID(-1)

  private let function: Function
  private let objects: Set<String>
  private let comparing: Set<String>
  private(set) var found: [Use] = []
  /// Whether addresses from the caller are compared with each other.
  private(set) var compares = false
  private var roots: [VariableID: Set<Root>] = [:]
  /// Integers that hold an address.
  private var addresses: Set<VariableID> = []

  init(_ function: Function, objects: Set<String>, comparing: Set<String>) {
    self.function = function
    self.objects = objects
    self.comparing = comparing
  }

  mutating func find() {
    followAssignments()
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
      if isPlace(expr), sources(expr).contains(where: { $0 != .caller }) {
        note("returned", "the address of an own object is returned")
      }
    }
    for header in counters { visitCounter(header) }
    for symbol in function.symbols.values where isPunned(symbol.type) {
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

  // MARK: what variables hold

  private mutating func followAssignments() {
    var flows: [(VariableID, Expr)] = []
    function.body.walk { statement in
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators {
          if let value = declarator.initializer { flows.append((declarator.variable, value)) }
        }
      }
      if case .loop(let loop) = statement.kind, case .counted(let header) = loop.header,
        let lower = header.lower
      {
        flows.append((header.variable, lower))
      }
    }
    function.body.walkExpressions { expr in
      if case .assign(_, let target, let value) = expr.kind, case .variable(let name) = target.kind
      {
        flows.append((name, value))
      }
    }
    var changes = true
    // Both sets only grow.
    while changes {
      changes = false
      for (variable, value) in flows {
        let type = function[variable].type
        if type.isInteger, isAddress(value), addresses.insert(variable).inserted { changes = true }
        guard type.isPointer || addresses.contains(variable) else { continue }
        let new = sources(value).subtracting(roots[variable] ?? [])
        if !new.isEmpty {
          roots[variable, default: []].formUnion(new)
          changes = true
        }
      }
    }
  }

  /// Whether the integer `expr` holds an address.
  private func isAddress(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .variable(let variable): return addresses.contains(variable)
    case .cast(let operand): return expr.type.isInteger && (isPlace(operand) || isAddress(operand))
    case .unary(.not, _), .unary(.dereference, _), .unary(.addressOf, _): return false
    case .unary(_, let operand): return isAddress(operand)
    case .binary(.subtract, let left, let right): return isAddress(left) != isAddress(right)
    case .binary(let op, let left, let right):
      return !op.isComparison && !op.isLogical && (isAddress(left) || isAddress(right))
    case .assign(_, _, let value), .comma(_, let value): return isAddress(value)
    case .conditional(_, let then, let otherwise): return isAddress(then) || isAddress(otherwise)
    case .call("__builtin_expect", let arguments, _):
      return arguments.first.map(isAddress) ?? false
    default: return false
    }
  }

  private func isPlace(_ expr: Expr) -> Bool {
    switch expr.type.canonical {
    case .pointer, .array, .function: true
    default: false
    }
  }

  /// Where the address that `expr` holds may come from; empty for null.
  private func sources(_ expr: Expr) -> Set<Root> {
    switch expr.kind {
    case .variable(let variable):
      let symbol = function[variable]
      if case .array = symbol.type.canonical { return [root(of: variable)] }
      let given: Set<Root> =
        symbol.storage == .parameter || symbol.storage == .global ? [.caller] : []
      return given.union(roots[variable] ?? [])
    case .unary(.addressOf, let place): return placeSources(place)
    case .unary(_, let operand): return sources(operand)
    case .subscriptOf, .member:
      let place = placeSources(expr)
      // What a pointer in an own object points to is not followed; an argument's is the caller's.
      return isArray(expr) ? place : place.filter { !isArgument($0) }.union([.caller])
    case .call(let name, _, _) where Vocabulary.allocation.contains(name):
      return [.own(Self.unnamed)]
    case .call(let name, let arguments, _) where Vocabulary.pureFunctions.contains(name):
      return arguments.filter(isPlace).reduce(into: []) { $0.formUnion(sources($1)) }
    case .binary(_, let left, let right):
      return [left, right].filter { isPlace($0) || isAddress($0) }
        .reduce(into: []) { $0.formUnion(sources($1)) }
    case .cast(let operand): return sources(operand)
    case .assign(_, _, let value), .comma(_, let value): return sources(value)
    case .conditional(_, let then, let otherwise): return sources(then).union(sources(otherwise))
    case .integer, .floating, .sizeOf: return []
    case .string, .compoundLiteral: return [.own(Self.unnamed)]
    default: return [.caller]
    }
  }

  private func isArgument(_ root: Root) -> Bool {
    guard case .own(let variable) = root else { return false }
    return function.symbols[variable]?.storage == .parameter
  }

  private func placeSources(_ place: Expr) -> Set<Root> {
    switch place.kind {
    case .variable(let variable): [root(of: variable)]
    case .subscriptOf(let base, _): isArray(base) ? placeSources(base) : sources(base)
    case .member(let base, _, let isArrow): isArrow ? sources(base) : placeSources(base)
    case .unary(.dereference, let pointer): sources(pointer)
    case .compoundLiteral: [.own(Self.unnamed)]
    default: [.caller]
    }
  }

  private func isArray(_ expr: Expr) -> Bool {
    if case .array = expr.type.canonical { true } else { false }
  }

  private func root(of variable: VariableID) -> Root {
    let symbol = function[variable]
    if symbol.storage == .global { return objects.contains(symbol.name) ? .own(variable) : .caller }
    // An array parameter is a pointer; the address of any other is one on the stack.
    if symbol.storage == .parameter, case .array = symbol.type.canonical { return .caller }
    return .own(variable)
  }

  // MARK: what is done with them

  /// Notes the uses below `expr`; tells whether its own value is an address in an integer.
  private mutating func visit(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .variable(let variable): return addresses.contains(variable)
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
    if expr.type.isInteger { return isHeld || isPlace(operand) }
    if isHeld, expr.type.isFloating { note("conversion", "an address becomes a floating number") }
    if case .pointer(let to) = expr.type.canonical, let from = pointee(operand),
      holdsPointer(from), to.pointee.unqualified.canonical != from.unqualified.canonical
    {
      note("pointer read", "a pointer is read as something else")
    }
    return false
  }

  private func pointee(_ expr: Expr) -> CType? {
    switch expr.type.canonical {
    case .pointer(let pointer): pointer.pointee
    case .array(let array): array.element
    default: nil
    }
  }

  private mutating func visitBinary(
    _ expr: Expr, _ op: BinaryOperator, _ left: Expr, _ right: Expr
  ) -> Bool {
    let (a, b) = (visit(left), visit(right))
    if op.isLogical { return false }
    if op.isComparison || op == .subtract {
      let isFirst = a || isPlace(left)
      let isSecond = b || isPlace(right)
      if isFirst, isSecond { compare(left, right) }
      if op.isComparison, a != b, !(isFirst && isSecond), left.constantValue != 0,
        right.constantValue != 0
      {
        note("compared with a number", "an address is compared with a number")
      }
    }
    if op.isComparison { return false }
    if a || b, isPlace(expr) { note("offset", "an address is an offset") }
    switch op {
    case .subtract where b && !a:
      note("operand of -", "an address is subtracted from a number")
      return false
    case .subtract: return a && !b
    case .add:
      if a && b { note("sum", "addresses are added") }
      return (a || b) && !isPlace(expr)
    default:
      if a || b { noteOperand(op.rawValue) }
      return false
    }
  }

  private mutating func compare(_ left: Expr, _ right: Expr) {
    let both = sources(left).union(sources(right))
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
    if isHeld, op != nil, isPlace(target) { note("offset", "an address is an offset") }
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
      if let pointee = pointee(argument), holdsPointer(pointee),
        Vocabulary.pureFunctions.contains(name)
      {
        note("pointer read", "a pointer is read as bytes")
      }
    }
    let places = arguments.filter(isPlace)
    if comparing.contains(name) {
      let given = places.reduce(into: Set<Root>()) { $0.formUnion(sources($1)) }
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

  private func holdsPointer(_ type: CType) -> Bool {
    switch type.canonical {
    case .pointer: return true
    case .array(let array): return holdsPointer(array.element)
    case .record(let reference):
      return function.records[reference]?.fields.contains { holdsPointer($0.type) } ?? false
    default: return false
    }
  }

  private func isPunned(_ type: CType) -> Bool {
    switch type.canonical {
    case .array(let array): return isPunned(array.element)
    case .record(let reference):
      guard let record = function.records[reference] else { return false }
      if reference.isUnion { return record.fields.contains { holdsPointer($0.type) } }
      return record.fields.contains { isPunned($0.type) }
    default: return false
    }
  }
}
