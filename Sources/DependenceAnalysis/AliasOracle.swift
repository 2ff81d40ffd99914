import KernelModel

/// What two objects have to do with each other.
enum Overlap: Equatable {
  case never
  /// One object, counted from one place.
  case same
  /// They may share memory; the fact, when one can be stated, that rules it out.
  case possible(Fact?)
}

/// Decides whether accesses to two objects may touch the same memory.
struct AliasOracle {
  let function: Function
  let aliasing: TypeAliasing
  let shared: Set<VariableID>
  let disjoint: [(MemoryObject, MemoryObject)]
  /// Objects whose identity changes from instance to instance.
  let varies: (MemoryObject) -> Bool

  func overlap(_ a: Access, _ b: Access) -> Overlap {
    let x = a.location.object
    let y = b.location.object
    if x == y {
      if x == .everything || varies(x) { return .possible(nil) }
      return .same
    }
    if isPrivate(x) || isPrivate(y) { return .never }
    if x == .everything || y == .everything { return .possible(nil) }
    if disjoint.contains(where: { ($0.0 == x && $0.1 == y) || ($0.0 == y && $0.1 == x) }) {
      return .never
    }
    if areDistinct(x, y) || !aliasing.mayAlias(a.type, b.type) { return .never }
    guard let first = x.path, let second = y.path else { return .possible(nil) }
    return .possible(
      precedes(first, second) ? .disjoint(first, second) : .disjoint(second, first))
  }

  /// Storage that no pointer from elsewhere reaches.
  private func isPrivate(_ object: MemoryObject) -> Bool {
    if case .variable(let variable) = object {
      return !shared.contains(variable) && !function[variable].type.isArray
    }
    return false
  }

  private func areDistinct(_ x: MemoryObject, _ y: MemoryObject) -> Bool {
    switch (x, y) {
    case (.unknown, _), (_, .unknown): return false
    case (.allocation, .reassigned), (.reassigned, .allocation): return false
    case (.variable, .variable), (.allocation, _), (_, .allocation): return true
    case (.variable(let variable), .pointee), (.pointee, .variable(let variable)):
      // What a pointer held on entry is older than every local of this call.
      let storage = function[variable].storage
      if storage != .global && storage != .staticLocal { return true }
      return isRestricted(x) || isRestricted(y)
    case (.pointee, .pointee): return isRestricted(x) || isRestricted(y)
    default: return false
    }
  }

  /// Whether the pointer is declared `restrict` where the object's path ends (§6.7.3.1).
  private func isRestricted(_ object: MemoryObject) -> Bool {
    guard case .pointee(let path) = object else { return false }
    return function.type(of: path)?.qualifiers.contains(.restrict) == true
  }
}
