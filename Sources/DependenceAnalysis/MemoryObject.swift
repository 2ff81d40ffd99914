import KernelModel

/// A stretch of memory that accesses are counted from.
enum MemoryObject: Hashable {
  /// The storage of a variable.
  case variable(VariableID)
  /// What a pointer, unchanged since entry to the function, points to.
  case pointee(ObjectPath)
  /// What a pointer holds at the analysed region's entry, after assignments not seen through.
  case reassigned(ObjectPath)
  /// Memory that this function allocated into a variable.
  case allocation(VariableID)
  /// What a pointer points to that is not modelled; the number tells apart, not equals.
  case unknown(Int)
  /// All memory that others may reach.
  case everything

  var path: ObjectPath? {
    switch self {
    case .variable(let variable), .allocation(let variable): ObjectPath(variable)
    case .pointee(let path), .reassigned(let path): path
    case .unknown, .everything: nil
    }
  }
}

/// An lvalue: an object and the way to the element in it.
struct Location: Hashable {
  enum Component: Hashable {
    /// An index, nil when unknown, and the number of elements of the dimension, when known.
    case index(Polynomial?, extent: Polynomial?)
    case field(String)
  }
  var object: MemoryObject
  var components: [Component] = []
  /// Positions of indices that were added to a pointer into a row rather than given to an array, so
  /// that C does not say that they stay inside the row.
  var looseIndices: Set<Int> = []

  /// The same lvalue moved by `count` elements of its last dimension; what is not in an array has no
  /// neighbours, so its place becomes unknown.
  ///
  /// - Parameter isLoose: whether the count is added to a pointer, which may leave its row.
  func advanced(by count: Polynomial?, isLoose: Bool = true) -> Location {
    var copy = self
    if count?.constant == 0 { return self }
    if isLoose, components.count > 1 { copy.looseIndices.insert(components.count - 1) }
    guard case .index(let index, let extent)? = components.last else {
      return Location(object: .everything)
    }
    let sum: Polynomial? = if let index, let count { index + count } else { nil }
    copy.components[components.count - 1] = .index(sum, extent: extent)
    return copy
  }

  func appending(_ component: Component) -> Location {
    var copy = self
    copy.components.append(component)
    return copy
  }

  var indices: [Polynomial?] {
    components.compactMap { if case .index(let index, _) = $0 { index } else { nil } }
  }

  /// Whether equal locations are the same element: an unknown index equals no other.
  var isFullyKnown: Bool {
    switch object {
    case .everything, .unknown: false
    default: indices.allSatisfy { $0 != nil }
    }
  }

  /// Field names with `#` for each index: locations of one pattern have indices that compare.
  var pattern: [String] {
    components.map { if case .field(let name) = $0 { name } else { "#" } }
  }

  /// The first field names when the location is `v.f.g` or `(*v).f.g` with index 0.
  func path(from base: VariableID) -> ObjectPath? {
    var fields: [String] = []
    for component in components {
      switch component {
      case .field(let name): fields.append(name)
      case .index(let index, _): if index?.constant != 0 || !fields.isEmpty { return nil }
      }
    }
    return ObjectPath(base, fields: fields)
  }
}

/// A value of the symbolic layer.
enum Value: Hashable {
  case integer(Polynomial)
  case pointer(Location)
  /// A value of no interest, such as a floating-point number.
  case other
}
