import IslBindings
import KernelModel

/// Initialisers (§6.7.9): what is not named is zero, and an object without one holds nothing.
extension ProgramReader {
  /// Begins the life of a local object.
  func begin(_ slot: Int, _ initializer: Expr?) throws {
    var elements: [InitializerElement]?
    if let initializer {
      guard case .initializer(let list) = initializer.kind else {
        throw Unproved("an initialiser of '\(variables[slot].name)'")
      }
      elements = list
    }
    switch variables[slot].kind {
    case .pointer: bindings[slot] = Binding()
    case .scalar(let object):
      guard let elements else {
        bindings[slot] = Binding()
        let access = CellAccess(
          object: object, index: SymbolicIndex(try space.constant(0)), domain: domain,
          isGuarded: false)
        try emit(access, OperationNode(.undefined, object.type))
        return
      }
      guard let first = elements.first, elements.count == 1 else {
        throw Unproved("an initialiser of '\(variables[slot].name)'")
      }
      try store(try value(first.value, as: variables[slot].type), to: .variable(slot))
    case .lanes(let object, let count):
      bindings[slot] = Binding()
      if let elements {
        try store(try vectorLiteral(elements, variables[slot].type), to: .variable(slot))
      } else {
        try fill(object, count, OperationNode(.undefined, object.type))
      }
    case .array(let base):
      bindings[slot] = Binding()
      guard let object = base.objects[""], let count = try object.extent?.constantValue() else {
        throw Unproved("the array '\(variables[slot].name)'")
      }
      guard let elements else {
        try fill(object, count, OperationNode(.undefined, object.type))
        return
      }
      try fill(object, count, try zero(of: object.type))
      var next = 0
      try initialize(object, elements, variables[slot].type, &next)
    }
  }

  private func fill(_ object: MemoryObject, _ count: Int, _ node: OperationNode) throws {
    try repeated(try space.constant(count)) { element in
      let access = CellAccess(
        object: object, index: SymbolicIndex(element), domain: domain, isGuarded: false)
      try emit(access, node)
    }
  }

  private func initialize(
    _ object: MemoryObject, _ elements: [InitializerElement], _ type: CType, _ next: inout Int
  ) throws {
    guard let element = type.element, let size = layout.size(of: element)?.size,
      let whole = layout.size(of: type)?.size
    else { throw Unproved("an initialiser") }
    let stride = size / object.type.bytes
    let end = next + whole / object.type.bytes
    for item in elements {
      guard item.designator.isEmpty, next < end else { throw Unproved("a designated initialiser") }
      if case .initializer(let inner) = item.value.kind, case .array = element.canonical {
        var position = next
        try initialize(object, inner, element, &position)
      } else {
        guard element.isScalar, case .scalar(let scalar) = try value(item.value, as: element) else {
          throw Unproved("an initialiser without its braces")
        }
        let access = CellAccess(
          object: object, index: SymbolicIndex(try space.constant(next)), domain: domain,
          isGuarded: false)
        try emit(access, try scalar.asNode())
      }
      next += stride
    }
  }

  /// A table that never changes, filled where it is named first.
  func fixedTable(_ name: String, _ type: CType, _ initializer: Expr) throws -> Int {
    guard case .initializer(let elements) = initializer.kind, case .array = type.canonical,
      let cell = CellType(type.scalarElement), let size = layout.size(of: type)?.size
    else { throw Unproved("the table '\(name)'") }
    let object = newObject(name, cell)
    object.extent = SymbolicIndex(try space.constant(size / cell.bytes))
    object.note(type.scalarElement)
    let base = MemoryBase(name, elementSize: cell.bytes, objects: ["": object])
    let slot = newVariable(.array(base), type, name)
    variables[slot].isStatic = true
    let active = guards
    guards = []
    defer { guards = active }
    try begin(slot, Expr(.initializer(elements), type: type))
    object.isReadOnly = true
    return slot
  }

  /// `(vec){a, b}`: the lanes in order, zero where there is no value.
  func vectorLiteral(_ elements: [InitializerElement], _ type: CType) throws -> SymbolicValue {
    guard case .vector(let element, let count) = type.canonical, elements.count <= count,
      let cell = CellType(element)
    else { throw Unproved("this vector") }
    let before = effects
    var lanes: [ScalarValue] = []
    for item in elements {
      guard item.designator.isEmpty, case .scalar(let scalar) = try value(item.value, as: element)
      else { throw Unproved("a designated lane") }
      lanes.append(scalar)
    }
    if effects != before { throw Unproved("an effect within a vector") }
    let rest = ScalarValue(cell.isFloating ? try zero(of: cell) : try constant(0, element).asNode())
    guard let first = lanes.first else { return .lanes(rest, count) }
    if lanes.count < count { lanes.append(rest) }
    if try lanes.dropFirst().allSatisfy({ try first.isSame(as: $0) }) {
      return .lanes(first, count)
    }
    // What differs from lane to lane is a choice by the lane.
    let counter = try space.input(lane)
    var node = try lanes[lanes.count - 1].asNode()
    for (position, value) in lanes.enumerated().dropLast().reversed() {
      let here = try counter.isSame(as: space.constant(position))
      node = OperationNode(.choice(here, try value.asNode(), node), cell)
    }
    return .lanes(ScalarValue(node), count)
  }
}

extension ScalarValue {
  /// Whether both are certainly the same value at one place.
  fileprivate func isSame(as other: ScalarValue) throws -> Bool {
    let (a, b) = (try asNode(), try other.asNode())
    switch (a.kind, b.kind) {
    case (.constant(let x), .constant(let y)): return x == y
    case (.definition(let x), .definition(let y)): return x == y
    case (.integer(let x), .integer(let y)): return x.text == y.text
    case (.read(let x), .read(let y)):
      return x.object === y.object && x.index.text == y.index.text
    default: return false
    }
  }
}
