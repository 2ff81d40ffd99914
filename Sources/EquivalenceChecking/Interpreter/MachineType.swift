import JudgeKernels
import KernelModel

/// What a register or a cell holds.
struct MachineType: Hashable {
  var code: rk_type

  static func == (a: MachineType, b: MachineType) -> Bool { a.code == b.code }
  func hash(into hasher: inout Hasher) { hasher.combine(code.rawValue) }

  static let byte = MachineType(code: RK_U8)
  static let int = MachineType(code: RK_I32)
  static let word = MachineType(code: RK_U32)
  static let long = MachineType(code: RK_I64)
  static let address = MachineType(code: RK_U64)

  private init(code: rk_type) { self.code = code }

  /// The machine type of a scalar C type; nil for types that registers do not hold.
  init?(_ type: CType) {
    switch type.canonical {
    case .integer(let integer):
      switch (integer.kind == .bool ? 8 : integer.width, integer.isSigned) {
      case (8, true): code = RK_I8
      case (8, false): code = RK_U8
      case (16, true): code = RK_I16
      case (16, false): code = RK_U16
      case (32, true): code = RK_I32
      case (32, false): code = RK_U32
      case (64, true): code = RK_I64
      case (64, false): code = RK_U64
      default: return nil
      }
    case .floating(.float): code = RK_F32
    case .floating(.double): code = RK_F64
    case .pointer, .array, .function: code = RK_U64
    default: return nil
    }
  }

  var raw: UInt8 { UInt8(truncatingIfNeeded: code.rawValue) }
  var bytes: Int { Int(rk_type_width(code)) / 8 }
  var isFloating: Bool { rk_is_float(code) != 0 }
  var isSigned: Bool { rk_is_signed(code) != 0 }
}

extension CType {
  /// Whether values are 0 and 1 alone, so that conversion asks for truth.
  var isBoolean: Bool { integer?.kind == .bool }
}
