public import KernelModel

/// Sizes, alignments and cells of a function's types, on a 64-bit target.
public struct TypeLayout: Sendable {
  private let records: [RecordReference: RecordDefinition]

  public init(records: [RecordReference: RecordDefinition]) { self.records = records }

  /// Bytes and alignment; `nil` for types that are incomplete, of variable size or unsupported.
  public func size(of type: CType) -> (size: Int, alignment: Int)? {
    switch type.canonical {
    case .integer(let integer):
      let bytes = max(1, integer.width / 8)
      return (bytes, bytes)
    case .floating(let floating): return (floating.size, floating.size)
    case .pointer: return (8, 8)
    case .vector(let element, let lanes):
      guard let each = size(of: element) else { return nil }
      return (each.size * lanes, each.size * lanes)
    case .array(let array):
      guard case .constant(let count) = array.bound, let each = size(of: array.element) else {
        return nil
      }
      return (each.size * count, each.alignment)
    case .record(let reference):
      guard let record = records[reference] else { return nil }
      return (record.size, max(1, record.alignment))
    default: return nil
    }
  }

  /// The definition of a record type.
  public func record(_ type: CType) -> RecordDefinition? {
    guard case .record(let reference) = type.canonical else { return nil }
    return records[reference]
  }

  /// What the bytes of an object of this type mean; its stride is the size of the innermost element
  /// of an array, of the whole type otherwise.
  public func cells(of type: CType) -> CellLayout? {
    let element = type.canonical.scalarElement
    guard let stride = size(of: element)?.size, let cells = pattern(element, name: "") else {
      return nil
    }
    return CellLayout(stride: stride, cells: cells)
  }

  private func pattern(_ type: CType, name: String) -> [CellLayout.Cell]? {
    switch type.canonical {
    case .integer, .floating, .pointer:
      return kind(type).map { [CellLayout.Cell(offset: 0, kind: $0, name: name)] }
    case .vector(let element, let lanes): return repeated(element, lanes, name)
    case .array(let array):
      guard case .constant(let count) = array.bound, count <= 4096 else { return nil }
      return repeated(array.element, count, name)
    case .record(let reference):
      guard let record = records[reference] else { return nil }
      return members(of: record, name)
    default: return nil
    }
  }

  private func repeated(_ element: CType, _ count: Int, _ name: String) -> [CellLayout.Cell]? {
    guard let each = size(of: element)?.size else { return nil }
    var cells: [CellLayout.Cell] = []
    for index in 0..<count {
      guard let part = pattern(element, name: "\(name)[\(index)]") else { return nil }
      cells += part.map { .init(offset: $0.offset + index * each, kind: $0.kind, name: $0.name) }
    }
    return cells
  }

  /// Members of a union, and bit-fields, are compared as bytes.
  private func members(of record: RecordDefinition, _ name: String) -> [CellLayout.Cell]? {
    if record.reference.isUnion || record.fields.contains(where: { $0.bitWidth != nil }) {
      return (0..<record.size).map {
        .init(offset: $0, kind: .unsigned(bytes: 1), name: "\(name).byte\($0)")
      }
    }
    var cells: [CellLayout.Cell] = []
    for field in record.fields {
      // A flexible array member takes no room.
      if case .array(let array) = field.type.canonical, array.bound == .unspecified { continue }
      guard let part = pattern(field.type, name: "\(name).\(field.name)") else { return nil }
      cells += part.map { .init(offset: $0.offset + field.offset, kind: $0.kind, name: $0.name) }
    }
    return cells
  }

  func kind(_ type: CType) -> CellLayout.Kind? {
    switch type.canonical {
    case .integer(let integer):
      if integer.kind == .bool { return .bool }
      let bytes = max(1, integer.width / 8)
      return integer.isSigned ? .signed(bytes: bytes) : .unsigned(bytes: bytes)
    case .floating(.half): return .half
    case .floating(.float): return .float
    case .floating(.double): return .double
    case .floating(.longDouble): return .extended
    case .pointer: return .pointer
    default: return nil
    }
  }
}
