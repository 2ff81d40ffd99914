import KernelModel

/// Values as people and C read them.
enum CellText {
  /// A C expression that gives exactly the value whose bytes `bits` holds.
  static func text(bits: UInt64, _ type: CType) -> String {
    switch type.canonical {
    case .integer(let integer): return text(bits, integer)
    case .floating(.float):
      return text(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))), "f")
    case .floating(.half): return "0x\(String(bits & 0xffff, radix: 16))"
    case .floating: return text(Double(bitPattern: bits), "")
    default: return "0x\(String(bits, radix: 16))"
    }
  }

  /// The value of a cell in memory.
  static func text(_ cell: Cell, in bytes: ArraySlice<UInt8>) -> String {
    if case .floating(.longDouble) = cell.type.canonical {
      return "0x" + bytes.prefix(10).reversed().map { hex($0) }.joined()
    }
    var bits: UInt64 = 0
    for (index, byte) in bytes.prefix(min(8, cell.size)).enumerated() {
      bits |= UInt64(byte) << UInt64(8 * index)
    }
    if let integer = cell.type.integer, integer.isSigned, integer.width < 64 {
      let shift = UInt64(64 - integer.width)
      bits = UInt64(bitPattern: Int64(bitPattern: bits << shift) >> Int64(shift))
    }
    return text(bits: bits, cell.type)
  }

  private static func text(_ bits: UInt64, _ type: IntegerType) -> String {
    let value = Int64(bitPattern: bits)
    if !type.isSigned { return "\(bits)" + (type.width > 32 ? "ull" : "") }
    if value == .min { return "(-9223372036854775807ll-1)" }
    if type.width == 32, value == Int64(Int32.min) { return "(-2147483647-1)" }
    return "\(value)" + (type.width > 32 ? "ll" : "")
  }

  private static func text(_ value: Double, _ suffix: String) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value < 0 ? "-INFINITY" : "INFINITY" }
    let plain = suffix == "f" ? "\(Float(value))" : "\(value)"
    return plain + suffix
  }

  private static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }
}
