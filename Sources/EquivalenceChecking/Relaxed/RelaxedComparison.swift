import CandidateExecution

/// The first cell in which two objects differ.
struct CellDifference: Hashable {
  var offset: Int
  var cell: String
  var expected: String
  var actual: String
}

/// Compares floating-point cells within a bound, everything else exactly.
///
/// A cell agrees when the two values differ by at most 1024 units in the last place of the larger
/// one, or by at most 1024 units in the last place of the largest finite magnitude in the object
/// (a bound in the maximum norm, which cancellation needs); two values that are not finite agree.
struct RelaxedComparison {
  let layout: CellLayout
  /// Whether `float` and `double` are compared here, and not by their errors.
  var comparesFloating = true

  static let units = 1024.0

  /// The first cell that disagrees.
  func firstDifference(
    expected: [UInt8], actual: [UInt8], name: String
  ) -> CellDifference? {
    guard expected.count == actual.count else {
      return CellDifference(
        offset: 0, cell: name, expected: "\(expected.count) bytes",
        actual: "\(actual.count) bytes")
    }
    let norm = norm(expected)
    for start in stride(from: 0, to: expected.count, by: layout.stride) {
      for cell in layout.cells {
        let low = start + cell.offset
        let high = min(low + cell.kind.size, expected.count)
        guard low < high else { continue }
        let (a, b) = (expected[low..<high], actual[low..<high])
        if a == b || agrees(cell.kind, a, b, norm) { continue }
        return CellDifference(
          offset: low, cell: "\(name)[\(start / layout.stride)]\(cell.name)",
          expected: cell.kind.text(a), actual: cell.kind.text(b))
      }
    }
    return nil
  }

  private func norm(_ bytes: [UInt8]) -> Double {
    var largest = 0.0
    for start in stride(from: 0, to: bytes.count, by: layout.stride) {
      for cell in layout.cells where start + cell.offset + cell.kind.size <= bytes.count {
        let low = start + cell.offset
        if let value = Self.value(cell.kind, bytes[low..<low + cell.kind.size]), value.isFinite {
          largest = max(largest, abs(value))
        }
      }
    }
    return largest
  }

  private func agrees(
    _ kind: CellLayout.Kind, _ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>, _ norm: Double
  ) -> Bool {
    guard let x = Self.value(kind, a), let y = Self.value(kind, b) else { return false }
    guard comparesFloating else { return true }
    guard x.isFinite, y.isFinite else { return !x.isFinite && !y.isFinite }
    let unit = kind == .float ? 0x1p-24 : 0x1p-53
    return abs(x - y) <= Self.units * unit * max(abs(x), abs(y), norm)
  }

  private static func value(_ kind: CellLayout.Kind, _ bytes: ArraySlice<UInt8>) -> Double? {
    let bits = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch kind {
    case .float: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .double: return Double(bitPattern: bits)
    default: return nil
    }
  }
}
