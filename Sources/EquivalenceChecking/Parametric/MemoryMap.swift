import CandidateExecution
import IslBindings
import KernelModel

/// Memory that pointers reach, in units of `elementSize` bytes: elements of one scalar type, or
/// records of which every scalar member is an object of its own.
final class MemoryBase {
  let title: String
  let elementSize: Int
  /// Objects by member path; the empty path for scalars.
  var objects: [String: MemoryObject]
  /// The condition under which an allocation failed.
  var failure: String?
  /// The records that lie there; nil for scalars.
  let record: RecordReference?

  init(
    _ title: String, elementSize: Int, objects: [String: MemoryObject],
    record: RecordReference? = nil
  ) {
    self.title = title
    self.record = record
    self.elementSize = elementSize
    self.objects = objects
  }

  /// A name that no other base has, in either text; nil where nothing is known of what lies there.
  var identity: String? { objects.values.map(\.name).min() }
}

/// A place in memory: elements behind the start of a base, and a member of the record there.
struct SymbolicPointer {
  var base: MemoryBase
  var offset: SymbolicIndex
  var member = ""
}

/// What the pointer parameters of the kernel point to, the same for both texts.
///
/// Pointers that may overlap lie in one object, each at its own distance from the first, which is a
/// parameter of the proof: every overlap, and none, is a value of it (addresses are integers of one
/// flat space). Pointers to types of different sizes that may overlap are not modelled.
struct MemoryMap {
  private(set) var pointers: [Int: SymbolicPointer] = [:]
  private(set) var globals: [String: MemoryBase] = [:]
  private(set) var assumptions: [String] = []

  private struct Input {
    var position: Int
    var name: String
    var element: CType
    var size: Int
    var isConst: Bool
    var isRestrict: Bool
    var path: ObjectPath
  }

  /// Parameters that their types alone keep apart.
  private var separatedByType: [(Int, Int)] = []

  init(_ kernel: Kernel, _ space: ParameterSpace) throws {
    let layout = TypeLayout(records: kernel.function.records)
    var inputs: [Input] = []
    for (position, parameter) in kernel.function.parameters.enumerated() {
      let symbol = kernel.function[parameter]
      guard let pointee = symbol.type.element else { continue }
      let element = pointee.scalarElement
      guard let size = layout.size(of: element)?.size, size > 0 else {
        throw Unproved("'\(symbol.name)' points to something whose size is not known")
      }
      inputs.append(
        Input(
          position: position, name: symbol.name, element: element, size: size,
          isConst: element.qualifiers.contains(.const) || pointee.qualifiers.contains(.const),
          isRestrict: symbol.type.qualifiers.contains(.restrict), path: ObjectPath(parameter)))
    }
    try place(inputs, kernel, layout, space)
  }

  private mutating func place(
    _ inputs: [Input], _ kernel: Kernel, _ layout: TypeLayout, _ space: ParameterSpace
  ) throws {
    var home: [Int: Int] = [:]
    for index in inputs.indices {
      home[index] = index
      for other in 0..<index where try mayOverlap(inputs[other], inputs[index], kernel, layout) {
        // Both groups become one.
        let (old, new) = (home[index] ?? index, home[other] ?? other)
        for (key, value) in home where value == old { home[key] = new }
      }
    }
    var bases: [Int: MemoryBase] = [:]
    for (index, input) in inputs.enumerated() {
      let group = home[index] ?? index
      let zero = SymbolicIndex(try space.constant(0))
      if let base = bases[group] {
        let distance = try space.input("d_\(ParameterSpace.parameter(input.name))")
        pointers[input.position] = SymbolicPointer(base: base, offset: SymbolicIndex(distance))
        for object in base.objects.values { object.note(input.element) }
        if !input.isConst {
          for object in base.objects.values { object.isReadOnly = false }
        }
      } else {
        let base = try makeBase(input, layout)
        for object in base.objects.values { object.isReadOnly = input.isConst }
        bases[group] = base
        pointers[input.position] = SymbolicPointer(base: base, offset: zero)
      }
    }
    if home.contains(where: { $0.key != $0.value }) {
      assumptions.append(
        "addresses are integers of one flat space, and objects lie at multiples of their elements")
    }
  }

  private func makeBase(_ input: Input, _ layout: TypeLayout) throws -> MemoryBase {
    let name = "m_" + ParameterSpace.parameter(input.name)
    guard case .record = input.element.canonical else {
      guard let type = CellType(input.element) else {
        throw Unproved("'\(input.name)' points to a type that is not read")
      }
      let object = MemoryObject(name, title: input.name, type, .external)
      object.note(input.element)
      return MemoryBase(input.name, elementSize: input.size, objects: ["": object])
    }
    guard case .record(let reference) = input.element.canonical, !reference.isUnion else {
      throw Unproved("'\(input.name)' points to a union")
    }
    var objects: [String: MemoryObject] = [:]
    for field in layout.record(input.element)?.fields ?? [] {
      guard field.bitWidth == nil, let type = CellType(field.type) else { continue }
      let object = MemoryObject(
        "n\(input.position)_\(ParameterSpace.parameter(field.name))",
        title: "\(input.name).\(field.name)", type, .external)
      object.note(field.type)
      objects[field.name] = object
    }
    return MemoryBase(
      input.name, elementSize: input.size, objects: objects, record: reference)
  }

  /// Whether memory that both reach may be one; throws where that is not modelled.
  private mutating func mayOverlap(_ a: Input, _ b: Input, _ kernel: Kernel, _ layout: TypeLayout)
    throws -> Bool
  {
    if a.isRestrict || b.isRestrict || (a.isConst && b.isConst) { return false }
    let separated = kernel.contract.requirements.contains { requirement in
      guard case .separated(let x, let y) = requirement else { return false }
      return (x == a.path && y == b.path) || (x == b.path && y == a.path)
    }
    if separated { return false }
    guard let x = CellType(a.element), let y = CellType(b.element) else {
      // A scalar lies in no record that has no member of its type.
      if let (type, record) = Self.scalarAndRecord(a, b), type.bits > 8,
        kernel.build.assumesStrictAliasing,
        let members = memberTypes(record, layout),
        !members.contains(where: { $0.bits == type.bits && $0.isInteger == type.isInteger })
      {
        separate(a, b)
        return false
      }
      throw Unproved("'\(a.name)' and '\(b.name)' may overlap, and one of them holds records")
    }
    let isSame =
      x.bits == y.bits && (x == y || (x.isInteger && y.isInteger && x.kind != .boolean))
    let isCharacter = x.bits == 8 || y.bits == 8
    if kernel.build.assumesStrictAliasing, !isSame, !isCharacter {
      separate(a, b)
      return false
    }
    if isSame { return true }
    throw Unproved("'\(a.name)' and '\(b.name)' may overlap in elements of different types")
  }

  private mutating func separate(_ a: Input, _ b: Input) {
    separatedByType.append((a.position, b.position))
    let line = "memory is told apart by type as strict aliasing allows (§6.5 ¶7)"
    if !assumptions.contains(line) { assumptions.append(line) }
  }

  /// Throws where types keep apart what both are stored to: a store may give memory another type
  /// (§6.5 ¶6), so that only a load tells two types apart.
  func refuseStores(_ programs: [AffineProgram]) throws {
    let stored = Set(programs.flatMap { $0.statements.map { ObjectIdentifier($0.target.object) } })
    func isStored(_ position: Int) -> Bool {
      pointers[position]?.base.objects.values.contains { stored.contains(ObjectIdentifier($0)) }
        ?? false
    }
    for (a, b) in separatedByType where isStored(a) && isStored(b) {
      let titles = [a, b].map { pointers[$0]?.base.title ?? "" }
      throw Unproved(
        "'\(titles[0])' and '\(titles[1])' may overlap, and both are stored to under their types")
    }
  }

  /// Throws where types alone keep apart what is stored to and what is read: a read that comes before
  /// the store in the text may come after it in another thread.
  func refuseMixedTypes(_ program: AffineProgram) throws {
    let stored = Set(program.statements.map { ObjectIdentifier($0.target.object) })
    for pair in separatedByType {
      let bases = [pair.0, pair.1].compactMap { pointers[$0]?.base }
      let isStored = bases.contains { base in
        base.objects.values.contains { stored.contains(ObjectIdentifier($0)) }
      }
      guard isStored else { continue }
      let titles = bases.map { "'\($0.title)'" }.joined(separator: " and ")
      throw Unproved("\(titles) may overlap, and only their types tell them apart")
    }
  }

  private static func scalarAndRecord(_ a: Input, _ b: Input) -> (CellType, Input)? {
    if let type = CellType(a.element) { return (type, b) }
    if let type = CellType(b.element) { return (type, a) }
    return nil
  }

  /// The types of all members; nil where one of them is no scalar.
  private func memberTypes(_ input: Input, _ layout: TypeLayout) -> [CellType]? {
    guard let record = layout.record(input.element) else { return nil }
    var types: [CellType] = []
    for field in record.fields {
      if field.type.isPointer { continue }
      guard let type = CellType(field.type) else { return nil }
      types.append(type)
    }
    return types
  }

  /// The file-scope object of this name, which no pointer reaches.
  mutating func global(_ symbol: Symbol, _ layout: TypeLayout) throws -> MemoryBase {
    if let known = globals[symbol.name] { return known }
    guard let type = CellType(symbol.type.scalarElement) else {
      throw Unproved("the file-scope object '\(symbol.name)' is not read")
    }
    let object = MemoryObject(
      "g_" + ParameterSpace.parameter(symbol.name), title: symbol.name, type, .external)
    object.note(symbol.type.scalarElement)
    object.isReadOnly = symbol.type.isConstObject
    let base = MemoryBase(symbol.name, elementSize: type.bytes, objects: ["": object])
    globals[symbol.name] = base
    return base
  }
}
