import CandidateExecution
import JudgeKernels
import KernelModel

/// Kinds of contents; each shows another kind of mistake. What each holds is written beside
/// `rk_edge_class`.
enum ValueClass: String, CaseIterable, Hashable, Sendable {
  case ordinary
  case wide
  case ties
  case special
  case extremes
  case notNumbers = "not numbers"
  case zeros
  case negativeZeros = "negative zeros"
  case tiny
  case few = "few extremes"
  case adjacent
  case huge
  /// For mode `relaxed` alone: exact results have no condition.
  case cancelling
  case close = "close to each other"

  /// What every mode tries.
  static let general = allCases.filter { $0 != .cancelling && $0 != .close }

  fileprivate var code: rk_edge_class {
    switch self {
    case .ordinary: RK_EDGE_ORDINARY
    case .wide: RK_EDGE_WIDE
    case .ties: RK_EDGE_TIES
    case .special: RK_EDGE_SPECIAL
    case .extremes: RK_EDGE_EXTREMES
    case .notNumbers: RK_EDGE_NOT_NUMBERS
    case .zeros: RK_EDGE_ZEROS
    case .negativeZeros: RK_EDGE_NEGATIVE_ZEROS
    case .cancelling: RK_EDGE_CANCELLING
    case .close: RK_EDGE_CLOSE
    case .tiny: RK_EDGE_TINY
    case .few: RK_EDGE_FEW
    case .adjacent: RK_EDGE_ADJACENT
    case .huge: RK_EDGE_HUGE
    }
  }
}

/// Draws values of a class within the bounds that the contract gives.
struct ValueSource {
  var valueClass: ValueClass
  var seed: UInt64
  /// Bounds of floating values, inclusive.
  var lowest: Double?
  var highest: Double?
  var isFinite = false

  /// Fills objects of a type that stand side by side.
  func fill(_ bytes: inout [UInt8], with type: CType, layout: TypeLayout) {
    guard let stride = layout.size(type) else { return }
    let cells = Cell.cells(of: type, layout: layout).map {
      rk_cell(offset: $0.offset, kind: Self.kind($0.type), size: $0.size)
    }
    var bounds = rk_bounds(low: 1, high: 0, only_finite: isFinite ? 1 : 0)
    if lowest != nil || highest != nil {
      bounds.low = lowest ?? -.infinity
      bounds.high = highest ?? .infinity
    }
    bytes.withUnsafeMutableBufferPointer {
      rk_fill_edges(
        $0.baseAddress, $0.count, cells, cells.count, stride, valueClass.code, bounds, seed)
    }
  }

  /// The bits of one value of an arithmetic type.
  func bits(of type: CType, layout: TypeLayout) -> UInt64 {
    var bytes = [UInt8](repeating: 0, count: layout.size(type) ?? 8)
    // A `long double` is drawn as a double, which it is made from.
    fill(&bytes, with: type.floatingType == .longDouble ? .double : type, layout: layout)
    return bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A scalar argument that is no size: shift counts and small factors are likelier than extremes.
  func smallInteger(_ type: IntegerType, layout: TypeLayout) -> Int {
    var random = SeededRandom(seed)
    if valueClass == .wide, random.below(2) == 0 {
      let bits = bits(of: .integer(type), layout: layout)
      let unused = UInt64(64 - min(type.width, 64))
      return type.isSigned
        ? Int(Int64(bitPattern: bits << unused) >> Int64(unused)) : Int(truncatingIfNeeded: bits)
    }
    let values = Self.edges(type)
    return values[random.below(values.count)]
  }

  /// Values at which scalar arguments tend to matter, as far as the type holds them.
  static func edges(_ type: IntegerType) -> [Int] {
    let width = min(type.width, 64)
    let most = type.isSigned ? Int.max >> (64 - width) : width >= 63 ? Int.max : (1 << width) - 1
    let edges = [
      0, 1, -1, 2, -2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, -3, -128,
      most, most - 1, -most - 1,
    ]
    return edges.filter { type.holds($0) }
  }

  private static func kind(_ type: CType) -> rk_cell_kind {
    switch type.canonical {
    case .integer(let integer):
      integer.kind == .bool ? RK_BOOL : integer.isSigned ? RK_SIGNED : RK_UNSIGNED
    case .floating(.half): RK_HALF
    case .floating(.float): RK_FLOAT
    case .floating(.longDouble): RK_EXTENDED
    case .floating: RK_DOUBLE
    default: RK_POINTER
    }
  }
}
