import KernelModel

/// Which integers of a function hold an address, and where addresses may come from, whatever the
/// order in which statements run.
struct AddressFlow {
  /// Where a pointer may come from.
  enum Root: Hashable {
    case caller
    case own(VariableID)
  }

  /// Literals and allocations, any two of which are told apart no further.
  private static let unnamed = VariableID(-1)

  private let function: Function
  private let objects: Set<String>
  private var roots: [VariableID: Set<Root>] = [:]
  /// Integers that hold an address.
  private(set) var addresses: Set<VariableID> = []

  /// - Parameter objects: the candidate's new file-scope objects, by name.
  init(_ function: Function, objects: Set<String>) {
    self.function = function
    self.objects = objects
    follow()
  }

  private mutating func follow() {
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
  func isAddress(_ expr: Expr) -> Bool {
    switch expr.kind {
    case .variable(let variable): return addresses.contains(variable)
    case .cast(let operand):
      return expr.type.isInteger && (operand.type.isAddress || isAddress(operand))
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

  /// Where the address that `expr` holds may come from; empty for null.
  func sources(_ expr: Expr) -> Set<Root> {
    switch expr.kind {
    case .variable(let variable):
      let symbol = function[variable]
      if symbol.type.isArray { return [root(of: variable)] }
      let given: Set<Root> =
        symbol.storage == .parameter || symbol.storage == .global ? [.caller] : []
      return given.union(roots[variable] ?? [])
    case .unary(.addressOf, let place): return placeSources(place)
    case .unary(_, let operand): return sources(operand)
    case .subscriptOf, .member:
      let place = placeSources(expr)
      // What a pointer in an own object points to is not followed; an argument's is the caller's.
      return expr.type.isArray ? place : place.filter { !isArgument($0) }.union([.caller])
    case .call(let name, _, _) where Vocabulary.allocation.contains(name):
      return [.own(Self.unnamed)]
    case .call(let name, let arguments, _) where Vocabulary.pureFunctions.contains(name):
      return arguments.filter(\.type.isAddress).reduce(into: []) { $0.formUnion(sources($1)) }
    case .binary(_, let left, let right):
      return [left, right].filter { $0.type.isAddress || isAddress($0) }
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
    case .subscriptOf(let base, _): base.type.isArray ? placeSources(base) : sources(base)
    case .member(let base, _, let isArrow): isArrow ? sources(base) : placeSources(base)
    case .unary(.dereference, let pointer): sources(pointer)
    case .compoundLiteral: [.own(Self.unnamed)]
    default: [.caller]
    }
  }

  private func root(of variable: VariableID) -> Root {
    let symbol = function[variable]
    if symbol.storage == .global { return objects.contains(symbol.name) ? .own(variable) : .caller }
    // An array parameter is a pointer; the address of any other is one on the stack.
    if symbol.storage == .parameter, symbol.type.isArray { return .caller }
    return .own(variable)
  }
}
