import CandidateExecution
import KernelModel

/// A scalar inside an object: where, of which type, under which name.
struct Cell: Hashable, Sendable {
  var offset: Int
  var type: CType
  /// What follows the object's name: `.x`, `[2].y`.
  var path: String

  /// Bytes that hold the value; a `long double` has ten of its sixteen.
  var size: Int {
    switch type.canonical {
    case .integer(let integer): integer.kind == .bool ? 1 : integer.width / 8
    case .floating(.longDouble): 10
    case .floating(let floating): floating.size
    default: 8
    }
  }

  /// The scalars of one object of a type, padding left out.
  static func cells(of type: CType, layout: TypeLayout, at offset: Int = 0, path: String = "")
    -> [Cell]
  {
    switch type.canonical {
    case .record(let reference):
      guard let record = layout.record(type) else { return [] }
      let fields = reference.isUnion ? Array(record.fields.prefix(1)) : record.fields
      return fields.filter { $0.bitWidth == nil }.flatMap {
        cells(of: $0.type, layout: layout, at: offset + $0.offset, path: "\(path).\($0.name)")
      }
    case .array(let array):
      guard case .constant(let count) = array.bound, let size = layout.size(array.element) else {
        return []
      }
      return (0..<count).flatMap {
        cells(of: array.element, layout: layout, at: offset + $0 * size, path: "\(path)[\($0)]")
      }
    case .vector(let element, let lanes):
      guard let size = layout.size(element) else { return [] }
      return (0..<lanes).map {
        Cell(offset: offset + $0 * size, type: element, path: "\(path)[\($0)]")
      }
    case .void, .function, .unsupported: return []
    default: return [Cell(offset: offset, type: type, path: path)]
    }
  }

  /// Stores the low bytes of a value; `long double` gets the double of these bits, widened.
  func store(_ bits: UInt64, in bytes: UnsafeMutableRawBufferPointer, at start: Int) {
    let at = start + offset
    switch type.canonical {
    case .pointer: return
    case .floating(.longDouble):
      let (mantissa, exponent) = Self.extended(Double(bitPattern: bits))
      bytes.storeBytes(of: mantissa, toByteOffset: at, as: UInt64.self)
      bytes.storeBytes(of: exponent, toByteOffset: at + 8, as: UInt16.self)
    default:
      switch size {
      case 1:
        bytes.storeBytes(of: UInt8(truncatingIfNeeded: bits), toByteOffset: at, as: UInt8.self)
      case 2:
        bytes.storeBytes(of: UInt16(truncatingIfNeeded: bits), toByteOffset: at, as: UInt16.self)
      case 4:
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: bits), toByteOffset: at, as: UInt32.self)
      case 8: bytes.storeBytes(of: bits, toByteOffset: at, as: UInt64.self)
      default:
        bytes.storeBytes(of: bits, toByteOffset: at, as: UInt64.self)
        let isNegative = type.integer?.isSigned == true && Int64(bitPattern: bits) < 0
        bytes.storeBytes(of: isNegative ? UInt64.max : 0, toByteOffset: at + 8, as: UInt64.self)
      }
    }
  }

  /// The x87 extended format of a double.
  private static func extended(_ value: Double) -> (UInt64, UInt16) {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    if value.isNaN { return (0xc000_0000_0000_0000, sign | 0x7fff) }
    if value.isInfinite { return (0x8000_0000_0000_0000, sign | 0x7fff) }
    if value == 0 { return (0, sign) }
    let significand = UInt64(value.significand * 0x1p63)
    return (significand, sign | UInt16(Int(value.exponent) + 16383))
  }
}
