import JudgeKernels
import KernelModel

/// What the contract says of the integer elements that a call is given: between which values each
/// lies.
struct ContentRanges {
  private struct Element {
    var least: Int
    var most: Int
    var bytes: Int
  }
  private struct Cell: Hashable {
    var region: UInt32
    var offset: UInt32
  }

  private var elements: [Cell: Element] = [:]
  /// Whether nothing is said of any element.
  var isEmpty: Bool { elements.isEmpty }
  private static let mostElements = 1 << 16

  init(of shape: InputShape, at input: CallInput) {
    let sizes = input.point.sizes
    for requirement in shape.contract.requirements {
      guard case .elements(let path, let range, let values) = requirement,
        let first = range.lower.evaluate({ sizes[$0] }),
        let end = range.upper.evaluate({ sizes[$0] }), first < end,
        end - first <= Self.mostElements,
        let least = values.lower.evaluate({ sizes[$0] }),
        let most = values.upper.evaluate({ sizes[$0] }), least < most
      else { continue }
      for (region, residents) in input.residents.enumerated() {
        for resident in residents where shape.memories[resident.memory].path == path {
          let size = shape.memories[resident.memory].elementSize
          for element in first..<end {
            let offset = resident.pointer + element * size
            guard offset >= 0 else { continue }
            elements[Cell(region: UInt32(region), offset: UInt32(offset))] = Element(
              least: least, most: most - 1, bytes: size)
          }
        }
      }
    }
  }

  /// What holds of a leaf of the graph, named `name`; nil when nothing is said of it.
  func assertion(_ leaf: rk_node, width: UInt32, name: String) -> String? {
    guard let element = elements[Cell(region: leaf.a, offset: leaf.b)],
      UInt32(element.bytes * 8) == width, element.least >= 0
    else { return nil }
    // Values from 0 on compare alike whether the type has a sign or not.
    func number(_ value: Int) -> String { QueryText.number(UInt64(value), width) }
    return "(and (bvule \(number(element.least)) \(name)) (bvule \(name) \(number(element.most))))"
  }
}
