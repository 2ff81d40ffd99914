import CandidateExecution
import KernelModel

/// An input ready to be called on, with what people want to know of it.
struct CallInput: Sendable {
  /// A memory that lies in a region.
  struct Resident: Sendable {
    /// Index in the shape's memories.
    var memory: Int
    /// Where its pointer points, from the region's start.
    var pointer: Int
    /// The bytes that the contract speaks of, from the region's start.
    var range: Range<Int>
  }

  var point: CallPoint
  var image: MemoryImage
  /// Who lies in each region.
  var residents: [[Resident]]
  /// The values of scalars that are no sizes, `alpha = 0.5`.
  var scalarTexts: [String]
  /// Contents that a solver chose; the point tells the others.
  var chosen: Contents?

  /// What tells an input from all others of one kernel.
  struct Identity: Hashable, Sendable {
    var point: CallPoint
    var chosen: Contents?
  }

  var identity: Identity { Identity(point: point, chosen: chosen) }
}

extension CallInput {
  /// The same call with chosen contents; scalars that are arguments keep theirs where a pointer stands.
  func holding(_ contents: Contents) -> CallInput {
    var copy = self
    copy.chosen = contents
    copy.scalarTexts = []
    let regions = image.regions.count
    func store(_ cell: Contents.Cell, in bytes: inout [UInt8]) {
      guard cell.offset + cell.bytes <= bytes.count else { return }
      for byte in 0..<cell.bytes {
        bytes[cell.offset + byte] = UInt8(truncatingIfNeeded: cell.bits >> (8 * byte))
      }
    }
    for cell in contents.cells {
      let parameter = Int(UInt32.max) - 1 - cell.object
      if image.arguments.indices.contains(parameter) {
        store(cell, in: &copy.image.arguments[parameter])
      } else if cell.object < regions {
        store(cell, in: &copy.image.regions[cell.object].contents)
      } else if image.globals.indices.contains(cell.object - regions) {
        store(cell, in: &copy.image.globals[cell.object - regions].contents)
      }
    }
    return copy
  }
}

extension CellLayout {
  /// The cells of consecutive objects of a type.
  init(of type: CType, layout: TypeLayout) {
    guard let stride = layout.size(type), stride > 0 else {
      self = .bytes
      return
    }
    let cells = EquivalenceChecking.Cell.cells(of: type, layout: layout).map {
      CellLayout.Cell(offset: $0.offset, kind: Kind($0.type), name: $0.path)
    }
    self.init(stride: stride, cells: cells)
  }
}

extension CellLayout.Kind {
  init(_ type: CType) {
    switch type.canonical {
    case .integer(let integer):
      let bytes = integer.kind == .bool ? 1 : integer.width / 8
      self = integer.isSigned ? .signed(bytes: bytes) : .unsigned(bytes: bytes)
    case .floating(.half): self = .half
    case .floating(.float): self = .float
    case .floating(.longDouble): self = .extended
    case .floating: self = .double
    default: self = .pointer
    }
  }
}
