import CandidateExecution
import KernelModel

/// What a call of the original takes: scalars that can be chosen, and memory that it reaches.
///
/// Derived from the original's signature, its file-scope objects and its contract. Throws what the
/// judge cannot build inputs for; such a kernel is `inconclusive`.
struct InputShape {
  /// A scalar input: a parameter, a member of a record passed or pointed to, a file-scope object.
  struct Scalar: Hashable {
    var path: ObjectPath
    var type: CType
    /// As a person writes it: `n`, `src->stride`.
    var name: String
    /// Whether it takes part in trip counts, addresses or the contract.
    var isSize: Bool
  }

  /// Memory that a pointer input points to.
  struct Memory: Hashable {
    /// The pointer.
    var path: ObjectPath
    var name: String
    /// Scalars, or records.
    var element: CType
    var elementSize: Int
    var elementAlignment: Int
    var extent: Extent
    var isConst: Bool
    var isRestrict: Bool
    /// Whether it is one record whose members are inputs of their own.
    var isRecord: Bool
  }

  /// A file-scope object that the function mentions and that can change.
  struct Global: Hashable {
    var path: ObjectPath
    var name: String
    var type: CType
  }

  private(set) var scalars: [Scalar] = []
  private(set) var memories: [Memory] = []
  private(set) var globals: [Global] = []
  /// Pointers of memories that the function asks of whether they are null, in the memories' order.
  private(set) var nullTested: [ObjectPath] = []
  let function: Function
  let contract: Contract
  let layout: TypeLayout
  /// Defences to leave out. Tests alone do so.
  var switchedOff: Set<Defence> = []

  init(_ kernel: Kernel) throws(UnsupportedInput) {
    function = kernel.function
    contract = kernel.contract
    layout = TypeLayout(records: function.records)
    let sizes = SizeInputs(kernel).paths
    for parameter in function.parameters {
      let symbol = function[parameter]
      try add(ObjectPath(parameter), symbol.name, symbol.type, sizes)
    }
    try addGlobals(sizes)
    let tested = NullChecks(kernel).paths
    nullTested = memories.map(\.path).filter(tested.contains)
  }

  /// Bytes of the elements of its memories.
  var elementSizes: Set<Int> { Set(memories.map(\.elementSize)) }

  /// The objects of the trampoline's table, in its order.
  private mutating func addGlobals(_ sizes: Set<ObjectPath>) throws(UnsupportedInput) {
    let table: [Trampoline.Global]
    do {
      table = try Trampoline(function).globals
    } catch {
      throw UnsupportedInput(error.description)
    }
    for entry in table {
      let type = function[entry.variable].type
      let path = ObjectPath(entry.variable)
      globals.append(Global(path: path, name: entry.name, type: type))
      try add(path, entry.name, type, sizes)
    }
  }

  private mutating func add(
    _ path: ObjectPath, _ name: String, _ type: CType, _ sizes: Set<ObjectPath>
  ) throws(UnsupportedInput) {
    switch type.canonical {
    case .integer, .floating:
      scalars.append(
        Scalar(path: path, type: type, name: name, isSize: type.isInteger && sizes.contains(path)))
    case .record(let reference):
      guard let record = function.records[reference], !reference.isUnion else {
        throw UnsupportedInput("'\(name)' has a type that cannot be filled")
      }
      for field in record.fields where field.bitWidth == nil {
        let inner = ObjectPath(path.base, fields: path.fields + [field.name])
        try add(inner, "\(name).\(field.name)", field.type, sizes)
      }
    case .pointer(let pointer): try addMemory(path, name, pointer, sizes)
    case .array(let array) where function[path.base].storage == .parameter && path.fields.isEmpty:
      try addMemory(path, name, PointerType(to: array.element), sizes)
    case .array: break
    case .vector: break
    default: throw UnsupportedInput("'\(name)' has a type that cannot be filled")
    }
  }

  private mutating func addMemory(
    _ path: ObjectPath, _ name: String, _ pointer: PointerType, _ sizes: Set<ObjectPath>
  ) throws(UnsupportedInput) {
    var element = pointer.pointee.scalarElement
    if case .void = element.canonical { element = .integer(Self.byte) }
    guard let size = layout.size(element), size > 0 else {
      throw UnsupportedInput("'\(name)' points to something whose size is not known")
    }
    let isRecord = if case .record = element.canonical { true } else { false }
    var extent = contract.extents[path]
    if extent == nil, isRecord {
      extent = Extent(lower: .constant(0), upper: .constant(1), source: .declared, isProven: true)
    }
    guard let extent else {
      throw UnsupportedInput("no extent is known for '\(name)'")
    }
    let isSingleRecord = isRecord && extent.lower == .constant(0) && extent.upper == .constant(1)
    if element.isPointer { throw UnsupportedInput("'\(name)' points to pointers") }
    memories.append(
      Memory(
        path: path, name: name, element: element, elementSize: size,
        elementAlignment: layout.alignment(element) ?? size, extent: extent,
        isConst: element.qualifiers.contains(.const)
          || pointer.pointee.qualifiers.contains(.const),
        isRestrict: pointer.qualifiers.contains(.restrict), isRecord: isSingleRecord))
    if isSingleRecord, case .record(let reference) = element.canonical,
      let record = function.records[reference]
    {
      for field in record.fields where field.bitWidth == nil {
        let inner = ObjectPath(path.base, fields: path.fields + [field.name])
        try add(inner, "\(name)->\(field.name)", field.type, sizes)
      }
    } else if isRecord, case .record(let reference) = element.canonical,
      function.records[reference]?.fields.contains(where: { $0.type.isPointer }) != false
    {
      throw UnsupportedInput("'\(name)' points to records that hold pointers")
    }
  }

  /// Whether any input holds floating-point values.
  var hasFloatingPoint: Bool {
    scalars.contains { $0.type.isFloating }
      || memories.contains { memory in
        Cell.cells(of: memory.element, layout: layout).contains { $0.type.isFloating }
      }
  }

  static let byte = IntegerType(.unsignedChar, width: 8, isSigned: false)
}

/// Why the judge cannot make inputs.
struct UnsupportedInput: Error, Hashable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}
