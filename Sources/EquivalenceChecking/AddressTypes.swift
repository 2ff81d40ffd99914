import KernelModel

/// What types say of addresses.
extension CType {
  /// Whether a value of the type is an address.
  var isAddress: Bool {
    switch canonical {
    case .pointer, .array, .function: true
    default: false
    }
  }

  var isArray: Bool {
    if case .array = canonical { true } else { false }
  }

  /// Whether an object of the type holds a pointer.
  func holdsPointer(in records: [RecordReference: RecordDefinition]) -> Bool {
    switch canonical {
    case .pointer: return true
    case .array(let array): return array.element.holdsPointer(in: records)
    case .record(let reference):
      return records[reference]?.fields.contains { $0.type.holdsPointer(in: records) } ?? false
    default: return false
    }
  }

  /// Whether a union lets a pointer in it be read as something else.
  func isPunned(in records: [RecordReference: RecordDefinition]) -> Bool {
    switch canonical {
    case .array(let array): return array.element.isPunned(in: records)
    case .record(let reference):
      guard let record = records[reference] else { return false }
      if reference.isUnion { return record.fields.contains { $0.type.holdsPointer(in: records) } }
      return record.fields.contains { $0.type.isPunned(in: records) }
    default: return false
    }
  }
}
