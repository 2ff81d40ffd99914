import KernelModel

/// Sizes and alignments of C types on a 64-bit target, in bytes.
struct TypeLayout {
  let records: [RecordReference: RecordDefinition]

  /// The size; nil for incomplete types and arrays of variable length.
  func size(_ type: CType) -> Int? {
    switch type.canonical {
    case .integer(let integer): return integer.kind == .bool ? 1 : integer.width / 8
    case .floating(let floating): return floating.size
    case .pointer: return 8
    case .array(let array):
      guard case .constant(let count) = array.bound, let element = size(array.element) else {
        return nil
      }
      return count * element
    case .record(let reference): return records[reference]?.size
    case .vector(let element, let lanes): return size(element).map { $0 * lanes }
    default: return nil
    }
  }

  /// The alignment that the type asks for; nil when it is not known.
  func alignment(_ type: CType) -> Int? {
    switch type.canonical {
    case .array(let array): return alignment(array.element)
    case .record(let reference): return records[reference]?.alignment
    default: return size(type)
    }
  }
}
