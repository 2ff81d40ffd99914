/// What the bytes of an object mean: cells that repeat with a stride. Bytes between cells are
/// padding, which C leaves unspecified.
public struct CellLayout: Hashable, Sendable, Codable {
  /// What one cell holds.
  public enum Kind: Hashable, Sendable, Codable {
    /// 0 or 1 in one byte; other bytes are no value.
    case bool
    case signed(bytes: Int)
    case unsigned(bytes: Int)
    case half
    case float
    case double
    /// The 80-bit format of x86: ten bytes of sixteen.
    case extended
    case pointer
  }

  /// One cell of the repeated pattern.
  public struct Cell: Hashable, Sendable, Codable {
    /// From the pattern's start, in bytes.
    public var offset: Int
    public var kind: Kind
    /// The member, `.x`; empty when the whole pattern is one cell.
    public var name: String

    public init(offset: Int, kind: Kind, name: String = "") {
      self.offset = offset
      self.kind = kind
      self.name = name
    }
  }

  /// Bytes from one pattern to the next, at least 1.
  public var stride: Int
  public var cells: [Cell]

  public init(stride: Int, cells: [Cell]) {
    self.stride = max(1, stride)
    self.cells = cells
  }

  /// Single bytes.
  public static let bytes = CellLayout(.unsigned(bytes: 1))

  /// Cells of one kind side by side.
  public init(_ kind: Kind) {
    self.init(stride: kind.stride, cells: [Cell(offset: 0, kind: kind)])
  }
}

extension CellLayout.Kind {
  /// Bytes that hold the value.
  public var size: Int {
    switch self {
    case .bool: 1
    case .signed(let bytes), .unsigned(let bytes): bytes
    case .half: 2
    case .float: 4
    case .double, .pointer: 8
    case .extended: 10
    }
  }

  var stride: Int { self == .extended ? 16 : size }

  /// Whether the bytes are a NaN of this kind.
  public func isNaN(_ bytes: some Collection<UInt8>) -> Bool {
    let value = pattern(bytes)
    switch self {
    case .half: return value & 0x7fff > 0x7c00
    case .float: return value & 0x7fff_ffff > 0x7f80_0000
    case .double: return value & 0x7fff_ffff_ffff_ffff > 0x7ff0_0000_0000_0000
    case .extended:
      let exponent = pattern(bytes.dropFirst(8)) & 0x7fff
      return exponent == 0x7fff && pattern(bytes.prefix(8)) << 1 != 0
    default: return false
    }
  }

  /// The value for people, `-1.5` or `42`.
  public func text(_ bytes: some Collection<UInt8>) -> String {
    let value = pattern(bytes)
    switch self {
    case .signed(let size) where size <= 8:
      let shift = UInt64(64 - 8 * size)
      return String(Int64(bitPattern: value << shift) >> Int64(shift))
    case .unsigned(let size) where size <= 8: return String(value)
    case .bool: return String(value)
    case .float: return String(describing: Float(bitPattern: UInt32(truncatingIfNeeded: value)))
    case .double: return String(describing: Double(bitPattern: value))
    default:
      return "0x" + bytes.reversed().map { hexadecimal($0) }.joined()
    }
  }
}

private func pattern(_ bytes: some Collection<UInt8>) -> UInt64 {
  bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
