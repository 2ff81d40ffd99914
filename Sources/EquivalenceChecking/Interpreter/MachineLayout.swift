import CandidateExecution
import JudgeKernels
import KernelModel

/// Which bytes of a call's memory are concrete: sizes, and pointers, null ones too; all other cells are
/// leaves.
struct MachineLayout {
  /// A cell of a region, of an argument or of a file-scope object that has a known value.
  struct Known: Hashable {
    var place: MemoryImage.Place
    var offset: Int
    var size: Int
  }
  private(set) var known: [Known] = []
  private let point: CallPoint

  /// The sizes of `shape` where `input` has them, and its null pointers.
  init(_ shape: InputShape, _ input: CallInput) {
    point = input.point
    for (index, parameter) in shape.function.parameters.enumerated() {
      add(
        ObjectPath(parameter), shape.function[parameter].type, .argument(index), 0, shape)
    }
    for (index, global) in shape.globals.enumerated() where index < input.image.globals.count {
      add(global.path, global.type, .global(index), 0, shape)
    }
    for (region, residents) in input.residents.enumerated() {
      for resident in residents {
        let memory = shape.memories[resident.memory]
        guard memory.isRecord else { continue }
        add(memory.path, memory.element, .region(region), resident.pointer, shape)
      }
    }
  }

  private mutating func add(
    _ path: ObjectPath, _ type: CType, _ place: MemoryImage.Place, _ offset: Int,
    _ shape: InputShape
  ) {
    switch type.canonical {
    case .integer, .floating:
      guard let size = shape.layout.size(type),
        shape.scalars.contains(where: { $0.path == path && $0.isSize })
      else { return }
      known.append(Known(place: place, offset: offset, size: size))
    case .pointer, .array:
      if point.isNull(path) { known.append(Known(place: place, offset: offset, size: 8)) }
    case .record(let reference):
      for field in shape.function.records[reference]?.fields ?? [] where field.bitWidth == nil {
        let inner = ObjectPath(path.base, fields: path.fields + [field.name])
        add(inner, field.type, place, offset + field.offset, shape)
      }
    default: break
    }
  }
}
