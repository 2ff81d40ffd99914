import IslBindings
import KernelModel

/// The type of a value that one cell holds: an integer of some width, or a floating type.
struct CellType: Hashable, CustomStringConvertible {
  enum Kind: Hashable { case boolean, unsigned, signed, floating }
  var kind: Kind
  /// Width in bits.
  var bits: Int

  init(_ kind: Kind, _ bits: Int) {
    self.kind = kind
    self.bits = bits
  }

  /// The cell type of a scalar C type; nil for types that L7 does not read.
  init?(_ type: CType) {
    switch type.canonical {
    case .integer(let integer) where integer.kind == .bool: self.init(.boolean, 8)
    case .integer(let integer) where integer.width <= 64:
      self.init(integer.isSigned ? .signed : .unsigned, integer.width)
    case .floating(.float): self.init(.floating, 32)
    case .floating(.double): self.init(.floating, 64)
    default: return nil
    }
  }

  static let int = CellType(.signed, 32)
  static let long = CellType(.signed, 64)
  static let unsignedLong = CellType(.unsigned, 64)

  var isFloating: Bool { kind == .floating }
  var isInteger: Bool { kind != .floating }
  var bytes: Int { bits / 8 }

  /// The least and the greatest value of an integer type, as decimal text.
  var limits: (least: String, greatest: String) {
    switch kind {
    case .boolean: ("0", "1")
    case .signed:
      bits == 64
        ? ("\(Int64.min)", "\(Int64.max)") : ("\(-(1 << (bits - 1)))", "\((1 << (bits - 1)) - 1)")
    case .unsigned: ("0", bits == 64 ? "\(UInt64.max)" : "\((1 << bits) - 1)")
    case .floating: ("0", "0")
    }
  }

  /// The same limits where they fit 64-bit arithmetic; nil for the widest types.
  var smallRange: ClosedRange<Int>? {
    guard isInteger, let least = Int(limits.least), let greatest = Int(limits.greatest), bits < 64
    else { return nil }
    return least...greatest
  }

  var description: String {
    switch kind {
    case .boolean: "_Bool"
    case .signed: "int\(bits)"
    case .unsigned: "uint\(bits)"
    case .floating: bits == 32 ? "float" : "double"
    }
  }
}
