/// The first cell in which two calls' outputs differ.
public struct OutputDifference: Hashable, Sendable, Codable, CustomStringConvertible {
  /// What holds the cell.
  public enum Object: Hashable, Sendable, Codable {
    case region(Int)
    case result
    case global(Int)
  }

  public var object: Object
  /// From the object's start, in bytes.
  public var offset: Int
  /// The cell as `c[17]` or `m->data[3].x`.
  public var cell: String
  public var expected: String
  public var actual: String

  /// The difference in one line.
  public var description: String { "\(cell): expected \(expected), got \(actual)" }
}

extension CellLayout {
  /// The first cell in which `actual` differs from `expected`: same bits, any NaN equal to any
  /// NaN, padding ignored. Bytes past the last whole cell are compared as they are.
  public func firstDifference(
    expected: [UInt8], actual: [UInt8], object: OutputDifference.Object, name: String
  ) -> OutputDifference? {
    guard expected != actual else { return nil }
    let count = min(expected.count, actual.count)
    let single = cells.count == 1 && cells[0].name.isEmpty && stride >= expected.count
    var start = 0
    while start < count {
      for cell in cells {
        let range = start + cell.offset..<min(start + cell.offset + cell.kind.size, count)
        guard range.lowerBound < range.upperBound else { continue }
        let (a, b) = (expected[range], actual[range])
        if a == b || (cell.kind.isNaN(a) && cell.kind.isNaN(b)) { continue }
        return OutputDifference(
          object: object, offset: range.lowerBound,
          cell: single ? name : "\(name)[\(start / stride)]\(cell.name)",
          expected: cell.kind.text(a), actual: cell.kind.text(b))
      }
      start += stride
    }
    guard expected.count != actual.count else { return nil }
    return OutputDifference(
      object: object, offset: count, cell: name, expected: "\(expected.count) bytes",
      actual: "\(actual.count) bytes")
  }
}

extension CallReturn {
  /// The first difference of this call's outputs from those that `expected` gave on the same image:
  /// writable or not, every region, the result and the globals.
  public func firstDifference(
    from expected: CallReturn, image: MemoryImage, globalNames: [String] = []
  ) -> OutputDifference? {
    for (index, region) in image.regions.enumerated() {
      let difference = region.cells.firstDifference(
        expected: expected.regions[index], actual: regions[index], object: .region(index),
        name: region.name)
      if let difference { return difference }
    }
    if let difference = image.resultCells.firstDifference(
      expected: expected.result, actual: result, object: .result, name: "result")
    {
      return difference
    }
    for index in globals.indices where index < expected.globals.count {
      let cells = index < image.globalCells.count ? image.globalCells[index] : .bytes
      let difference = cells.firstDifference(
        expected: expected.globals[index], actual: globals[index], object: .global(index),
        name: index < globalNames.count ? globalNames[index] : "global \(index)")
      if let difference { return difference }
    }
    return nil
  }
}
