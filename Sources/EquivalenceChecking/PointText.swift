import CandidateExecution
import KernelModel

/// How people read an input.
struct PointText {
  let shape: InputShape

  /// `n = 3, alpha = 0.5; a and b start at the same byte; contents 'special', seed 42`.
  func text(_ input: CallInput) -> String {
    var parts = sizes(input.point).map { "\($0.0) = \($0.1)" } + input.scalarTexts
    if parts.isEmpty { parts = ["no sizes"] }
    var text = parts.joined(separator: ", ")
    for overlap in input.point.overlaps { text += "; \(self.text(overlap))" }
    for memory in shape.memories where input.point.nulls.contains(memory.path) {
      text += "; \(memory.name) == NULL"
    }
    text += "; regions \(input.point.placement.rawValue)"
    if let chosen = input.chosen { return text + "; contents chosen: " + self.text(chosen, input) }
    return text + "; contents '\(input.point.valueClass.rawValue)', seed \(input.point.seed)"
  }

  /// The first chosen cells that are not 0.
  private func text(_ contents: Contents, _ input: CallInput) -> String {
    let cells = contents.cells.filter { $0.bits != 0 }
    let shown = cells.prefix(8).map { "\(name($0, input)) = 0x\(String($0.bits, radix: 16))" }
    return (shown.isEmpty ? "zeros" : shown.joined(separator: ", "))
      + (cells.count > 8 ? ", …" : "")
  }

  private func name(_ chosen: Contents.Cell, _ input: CallInput) -> String {
    let parameter = Int(UInt32.max) - 1 - chosen.object
    if shape.function.parameters.indices.contains(parameter) {
      return shape.function[shape.function.parameters[parameter]].name
    }
    let regions = input.image.regions.count
    if chosen.object < regions {
      return cell(region: chosen.object, offset: chosen.offset, in: input)
    }
    guard shape.globals.indices.contains(chosen.object - regions) else { return "an input" }
    return "\(shape.globals[chosen.object - regions].name) at byte \(chosen.offset)"
  }

  /// Names and values of the size inputs, in the order of the parameters.
  func sizes(_ point: CallPoint) -> [(String, Int)] {
    shape.scalars.compactMap { scalar in point.sizes[scalar.path].map { (scalar.name, $0) } }
  }

  private func text(_ overlap: CallPoint.Overlap) -> String {
    let (moved, base) = (shape.memories[overlap.memory], shape.memories[overlap.into])
    let elements = overlap.shift / base.elementSize
    if overlap.shift == 0 { return "\(moved.name) == \(base.name)" }
    if overlap.shift % base.elementSize != 0 || moved.elementSize != base.elementSize {
      let sign = overlap.shift > 0 ? "+" : "-"
      return "\(moved.name) == \(base.name) \(sign) \(abs(overlap.shift)) bytes"
    }
    return "\(moved.name) == \(base.name) \(elements > 0 ? "+" : "-") \(abs(elements))"
  }

  /// The cell of a region at a byte, as the source would write it: `c[2][3]`, `p[4].x`.
  func cell(region: Int, offset: Int, in input: CallInput) -> String {
    let residents = input.residents[region]
    let owner = residents.first { $0.range.contains(offset) } ?? residents.first
    guard let owner else { return "byte \(offset) of region \(region)" }
    let memory = shape.memories[owner.memory]
    let distance = offset - owner.pointer
    let index = (Double(distance) / Double(memory.elementSize)).rounded(.down)
    let element = Int(index)
    let inner = distance - element * memory.elementSize
    let field =
      Cell.cells(of: memory.element, layout: shape.layout)
      .last { $0.offset <= inner }?.path ?? ""
    if memory.isRecord, element == 0 { return "\(memory.name)->\(field.dropFirst())" }
    return memory.name + subscripts(of: memory, element, input.point) + field
  }

  /// The element's index along each dimension that the pointer's type tells.
  private func subscripts(of memory: InputShape.Memory, _ element: Int, _ point: CallPoint)
    -> String
  {
    let extents = dimensions(of: memory, point)
    guard element >= 0, !extents.isEmpty, extents.allSatisfy({ $0 > 0 }) else {
      return "[\(element)]"
    }
    var rest = element
    var indices: [Int] = []
    for extent in extents.reversed() {
      indices.append(rest % extent)
      rest /= extent
    }
    return ([rest] + indices.reversed()).map { "[\($0)]" }.joined()
  }

  /// Inner dimensions of what the pointer points to; empty when one is not known.
  private func dimensions(of memory: InputShape.Memory, _ point: CallPoint) -> [Int] {
    guard memory.path.fields.isEmpty,
      var type = shape.function[memory.path.base].type.element
    else { return [] }
    var result: [Int] = []
    while case .array(let array) = type.canonical {
      switch array.bound {
      case .constant(let count): result.append(count)
      case .variable(let expr):
        guard case .variable(let variable) = expr.kind,
          let value = point.sizes[ObjectPath(variable)]
        else { return [] }
        result.append(value)
      case .unspecified: return []
      }
      type = array.element
    }
    return result
  }
}
