import CandidateExecution
import KernelModel

/// Brings integer elements of a memory into the ranges and the order that the contract asks for.
struct ElementConstraints {
  let contract: Contract
  let sizes: [ObjectPath: Int]
  let memory: InputShape.Memory
  /// Where in the region the memory's pointer points, in bytes.
  let origin: Int

  /// False when the contract leaves no such elements at these sizes.
  func bringAbout(in region: inout MemoryImage.Region, seed: UInt64) -> Bool {
    guard memory.element.isInteger else { return true }
    var random = SeededRandom(seed)
    for requirement in contract.requirements {
      guard case .elements(memory.path, let range, let allowed) = requirement else { continue }
      guard let first = range.lower.evaluate({ sizes[$0] }),
        let end = range.upper.evaluate({ sizes[$0] }),
        let least = allowed.lower.evaluate({ sizes[$0] }),
        let most = allowed.upper.evaluate({ sizes[$0] })
      else { return false }
      if first >= end { continue }
      guard least < most else { return false }
      for element in first..<end {
        store(least + random.below(most - least), &region, element)
      }
    }
    for requirement in contract.requirements {
      guard case .monotone(memory.path, let range) = requirement,
        let first = range.lower.evaluate({ sizes[$0] }),
        let end = range.upper.evaluate({ sizes[$0] }), first < end
      else { continue }
      // `a[k] <= a[k+1]` for every k of the range orders one element more than the range has.
      let places = (first...end).filter { holds(region, $0) }
      var values = places.map { load(region, $0) }.sorted()
      Self.spread(&values, &random)
      for (place, value) in zip(places, values) { store(value, &region, place) }
    }
    return true
  }

  /// Gives some steps between sorted values a length.
  ///
  /// Values that are drawn alike lie close together where there are many of them: as offsets of
  /// rows they make rows that a loop unrolled by four never enters. In three of four memories some
  /// values repeat those before them, so that few steps are long and the rest empty.
  private static func spread(_ values: inout [Int], _ random: inout SeededRandom) {
    guard let least = values.first, let most = values.last, least < most else { return }
    let steps: Int
    switch random.below(4) {
    case 0: return
    case 1: steps = 1
    case 2: steps = 1 + random.below(3)
    default: steps = max(1, values.count / 4)
    }
    let starts = Set((0..<steps).map { _ in 1 + random.below(values.count - 1) })
    for index in 1..<values.count where !starts.contains(index) {
      values[index] = values[index - 1]
    }
    // The last step leads up to the greatest value, so that what is ordered is used as a whole.
    let last = starts.max() ?? 1
    for index in last..<values.count { values[index] = most }
  }

  private func holds(_ region: MemoryImage.Region, _ element: Int) -> Bool {
    let offset = origin + element * memory.elementSize
    return offset >= 0 && offset + memory.elementSize <= region.contents.count
  }

  private func store(_ value: Int, _ region: inout MemoryImage.Region, _ element: Int) {
    guard holds(region, element) else { return }
    let start = origin + element * memory.elementSize
    for byte in 0..<memory.elementSize {
      region.contents[start + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
    }
  }

  private func load(_ region: MemoryImage.Region, _ element: Int) -> Int {
    let size = memory.elementSize
    let start = origin + element * size
    var value = 0
    for byte in 0..<size { value |= Int(region.contents[start + byte]) << (8 * byte) }
    guard memory.element.integer?.isSigned == true, size < 8 else { return value }
    return (value << (64 - 8 * size)) >> (64 - 8 * size)
  }
}
