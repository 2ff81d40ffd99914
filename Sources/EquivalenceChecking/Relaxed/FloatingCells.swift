import CandidateExecution
import JudgeKernels

/// The cells of type `float` and `double` in consecutive objects of a layout.
struct FloatingCells: Sequence {
  struct Cell {
    /// From the start of the bytes.
    var offset: Int
    var size: Int
    var type: rk_type
    /// `[3].x`.
    var name: String

    /// The cell's value in an object's bytes.
    func value(in bytes: [UInt8]) -> Double {
      let bits = bytes[offset..<offset + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return size == 4
        ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)
    }

    /// Half of the distance from 1 to the next number of the type.
    var unit: Double { size == 4 ? 0x1p-24 : 0x1p-53 }
  }

  private let cells: [Cell]

  init(_ layout: CellLayout, count: Int) {
    cells = stride(from: 0, to: count, by: layout.stride).flatMap { start in
      layout.cells.compactMap { cell in
        guard let type = Self.type(cell.kind), start + cell.offset + cell.kind.size <= count else {
          return nil
        }
        return Cell(
          offset: start + cell.offset, size: cell.kind.size, type: type,
          name: "[\(start / layout.stride)]\(cell.name)")
      }
    }
  }

  func makeIterator() -> IndexingIterator<[Cell]> { cells.makeIterator() }

  /// The type of a single floating value; nil for any other layout.
  static func type(_ layout: CellLayout) -> rk_type? {
    layout.cells.count == 1 ? layout.cells.first.flatMap { type($0.kind) } : nil
  }

  private static func type(_ kind: CellLayout.Kind) -> rk_type? {
    switch kind {
    case .float: RK_F32
    case .double: RK_F64
    default: nil
    }
  }
}
