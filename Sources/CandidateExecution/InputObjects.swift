import KernelModel

/// An object that a call of a function starts from: a parameter, a global, or a member of one.
struct InputObject {
  /// What holds the object's bytes.
  enum Container: Hashable {
    case argument(Int)
    /// An index in the trampoline's table.
    case global(Int)
    /// Whatever the pointer at this path points to.
    case pointee(ObjectPath)
  }

  enum Kind {
    case integer(IntegerType)
    case floating(FloatingType)
    case pointer(pointee: CType, isRestrict: Bool)
    /// An array, vector or other block that is filled as it stands.
    case block
  }

  var path: ObjectPath
  var type: CType
  var kind: Kind
  var container: Container
  /// From the container's start, in bytes.
  var offset: Int
}

/// Finds all objects that a function's parameters and globals lead to.
struct InputObjects {
  private let function: Function
  private let layout: TypeLayout
  private(set) var objects: [InputObject] = []

  init(_ function: Function, _ trampoline: Trampoline) throws(GenerationError) {
    self.function = function
    layout = TypeLayout(records: function.records)
    for (index, parameter) in function.parameters.enumerated() {
      var type = function[parameter].type
      if case .array(let array) = type.canonical {
        type = .pointer(PointerType(to: array.element))
      }
      try visit(ObjectPath(parameter), type, .argument(index), 0, within: [])
    }
    for (index, global) in trampoline.globals.enumerated() {
      let type = function[global.variable].type
      try visit(ObjectPath(global.variable), type, .global(index), 0, within: [])
    }
  }

  /// As C writes it, `m->data` or `m.data`.
  static func name(_ path: ObjectPath, in function: Function) -> String {
    function.text(of: path)
  }

  private mutating func visit(
    _ path: ObjectPath, _ type: CType, _ container: InputObject.Container, _ offset: Int,
    within: [RecordReference]
  ) throws(GenerationError) {
    func add(_ kind: InputObject.Kind) {
      objects.append(
        InputObject(path: path, type: type, kind: kind, container: container, offset: offset))
    }
    switch type.canonical {
    case .integer(let integer): add(.integer(integer))
    case .floating(let floating): add(.floating(floating))
    case .pointer(let pointer):
      add(
        .pointer(
          pointee: pointer.pointee, isRestrict: type.qualifiers.contains(.restrict)))
      try visitPointee(path, pointer.pointee, within)
    case .record:
      guard let record = layout.record(type) else {
        throw unsupported(path, "its type is incomplete")
      }
      if record.reference.isUnion {
        add(.block)
      } else {
        for field in record.fields where field.bitWidth == nil {
          let inner = ObjectPath(path.base, fields: path.fields + [field.name])
          try visit(
            inner, field.type, container, offset + field.offset,
            within: within + [record.reference])
        }
      }
    case .array, .vector: add(.block)
    default: throw unsupported(path, "its type is not covered")
    }
  }

  private mutating func visitPointee(
    _ path: ObjectPath, _ pointee: CType, _ within: [RecordReference]
  ) throws(GenerationError) {
    switch pointee.canonical {
    case .record(let reference):
      // A type that leads back to itself ends here: its inner pointers stay null.
      guard !within.contains(reference), let record = layout.record(pointee) else { return }
      guard !record.reference.isUnion else { return }
      for field in record.fields where field.bitWidth == nil {
        let inner = ObjectPath(path.base, fields: path.fields + [field.name])
        try visit(inner, field.type, .pointee(path), field.offset, within: within + [reference])
      }
    // A member of such a type stays null: what does not touch it can be called all the same.
    case .function where path.fields.isEmpty: throw unsupported(path, "it points to a function")
    case .pointer where path.fields.isEmpty: throw unsupported(path, "it points to pointers")
    default: return
    }
  }

  private func unsupported(_ path: ObjectPath, _ reason: String) -> GenerationError {
    .unsupported(Self.name(path, in: function), reason: reason)
  }
}
