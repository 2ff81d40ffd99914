/// A C type as the compiler sees it, with the name under which the source wrote it.
///
/// Sizes are in bytes and belong to the target that the project's flags choose. Source: ISO/IEC
/// 9899:2011 §6.2.5.
public indirect enum CType: Hashable, Sendable {
  case void
  case integer(IntegerType)
  case floating(FloatingType)
  case pointer(PointerType)
  case array(ArrayType)
  case record(RecordReference)
  /// A vector extension type (`__attribute__((vector_size(n)))`).
  case vector(element: CType, lanes: Int)
  case function(FunctionType)
  /// A typedef name standing for `underlying`; printed by its name.
  case named(String, underlying: CType)
  /// An `enum` type; computes as its underlying integer type.
  case enumeration(tag: String, underlying: IntegerType)
  /// A type with top-level qualifiers.
  case qualified(Qualifiers, CType)
  /// A type the model does not cover, with the compiler's spelling.
  case unsupported(String)
}

/// An integer type: its C spelling, width and signedness.
public struct IntegerType: Hashable, Sendable {
  /// The standard's integer types in order of conversion rank (§6.3.1.1).
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case bool = "_Bool"
    case char
    case signedChar = "signed char"
    case unsignedChar = "unsigned char"
    case short
    case unsignedShort = "unsigned short"
    case int
    case unsignedInt = "unsigned int"
    case long
    case unsignedLong = "unsigned long"
    case longLong = "long long"
    case unsignedLongLong = "unsigned long long"
    case int128 = "__int128"
    case unsignedInt128 = "unsigned __int128"
  }
  public var kind: Kind
  /// Width in bits.
  public var width: Int
  public var isSigned: Bool

  public init(_ kind: Kind, width: Int, isSigned: Bool) {
    self.kind = kind
    self.width = width
    self.isSigned = isSigned
  }

  public static let int = IntegerType(.int, width: 32, isSigned: true)
  public static let unsignedInt = IntegerType(.unsignedInt, width: 32, isSigned: false)
  public static let long = IntegerType(.long, width: 64, isSigned: true)
  public static let unsignedLong = IntegerType(.unsignedLong, width: 64, isSigned: false)

  /// Conversion rank: larger ranks win in the usual arithmetic conversions.
  public var rank: Int {
    switch kind {
    case .bool: 0
    case .char, .signedChar, .unsignedChar: 1
    case .short, .unsignedShort: 2
    case .int, .unsignedInt: 3
    case .long, .unsignedLong: 4
    case .longLong, .unsignedLongLong: 5
    case .int128, .unsignedInt128: 6
    }
  }
}

/// A real floating type.
public enum FloatingType: String, Hashable, Sendable, CaseIterable {
  case half = "_Float16"
  case float
  case double
  case longDouble = "long double"

  /// Size in bytes on x86-64 and AArch64 Linux.
  public var size: Int {
    switch self {
    case .half: 2
    case .float: 4
    case .double: 8
    case .longDouble: 16
    }
  }
}

public struct Qualifiers: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public static let const = Qualifiers(rawValue: 1)
  public static let volatile = Qualifiers(rawValue: 2)
  public static let restrict = Qualifiers(rawValue: 4)
  public static let atomic = Qualifiers(rawValue: 8)
}

public struct PointerType: Hashable, Sendable {
  /// The type pointed to, with its own qualifiers.
  public var pointee: CType
  /// Qualifiers of the pointer itself (`restrict` among them).
  public var qualifiers: Qualifiers
  public init(to pointee: CType, qualifiers: Qualifiers = []) {
    self.pointee = pointee
    self.qualifiers = qualifiers
  }
}

public struct ArrayType: Hashable, Sendable {
  public enum Bound: Hashable, Sendable {
    case constant(Int)
    /// A variable length, the expression as written.
    case variable(Expr)
    case unspecified
  }
  public var element: CType
  public var bound: Bound
  public init(of element: CType, _ bound: Bound) {
    self.element = element
    self.bound = bound
  }
}

/// A `struct` or `union` by its tag or, when it has none, by the typedef that names it.
public struct RecordReference: Hashable, Sendable {
  public var tag: String
  public var isUnion: Bool
  public init(tag: String, isUnion: Bool = false) {
    self.tag = tag
    self.isUnion = isUnion
  }
}

public struct FunctionType: Hashable, Sendable {
  public var result: CType
  public var parameters: [CType]
  public var isVariadic: Bool
  public init(result: CType, parameters: [CType], isVariadic: Bool = false) {
    self.result = result
    self.parameters = parameters
    self.isVariadic = isVariadic
  }
}

/// The definition of a record: its members with byte offsets.
public struct RecordDefinition: Hashable, Sendable {
  public struct Field: Hashable, Sendable {
    public var name: String
    public var type: CType
    /// Offset in bytes; bit-fields carry their width.
    public var offset: Int
    public var bitWidth: Int?
    public init(name: String, type: CType, offset: Int, bitWidth: Int? = nil) {
      self.name = name
      self.type = type
      self.offset = offset
      self.bitWidth = bitWidth
    }
  }
  public var reference: RecordReference
  public var fields: [Field]
  /// Size and alignment in bytes.
  public var size: Int
  public var alignment: Int
  public init(reference: RecordReference, fields: [Field], size: Int, alignment: Int) {
    self.reference = reference
    self.fields = fields
    self.size = size
    self.alignment = alignment
  }
}

extension CType {
  public static let int = CType.integer(.int)
  public static let unsignedInt = CType.integer(.unsignedInt)
  public static let long = CType.integer(.long)
  public static let unsignedLong = CType.integer(.unsignedLong)
  public static let float = CType.floating(.float)
  public static let double = CType.floating(.double)

  /// The type without typedef names, enum tags and top-level qualifiers.
  public var canonical: CType {
    switch self {
    case .named(_, let underlying): underlying.canonical
    case .qualified(_, let type): type.canonical
    case .enumeration(_, let underlying): .integer(underlying)
    default: self
    }
  }

  /// Top-level qualifiers, seen through typedefs.
  public var qualifiers: Qualifiers {
    switch self {
    case .named(_, let underlying): underlying.qualifiers
    case .qualified(let qualifiers, let type): qualifiers.union(type.qualifiers)
    case .pointer(let pointer): pointer.qualifiers
    default: []
    }
  }

  /// The type with top-level qualifiers dropped; a typedef that holds some is resolved.
  public var unqualified: CType {
    switch self {
    case .qualified(_, let type): return type.unqualified
    case .named(_, let underlying) where !underlying.qualifiers.isEmpty:
      return underlying.unqualified
    case .pointer(var pointer):
      pointer.qualifiers = []
      return .pointer(pointer)
    default: return self
    }
  }

  public var integer: IntegerType? {
    if case .integer(let type) = canonical { type } else { nil }
  }
  public var floatingType: FloatingType? {
    if case .floating(let type) = canonical { type } else { nil }
  }
  public var isInteger: Bool { integer != nil }
  public var isFloating: Bool { floatingType != nil }
  public var isArithmetic: Bool { isInteger || isFloating }
  public var isPointer: Bool { if case .pointer = canonical { true } else { false } }
  public var isVector: Bool { if case .vector = canonical { true } else { false } }
  public var isScalar: Bool { isArithmetic || isPointer }

  /// What a pointer points to or an array holds; nil for other types.
  public var element: CType? {
    switch canonical {
    case .pointer(let pointer): pointer.pointee
    case .array(let array): array.element
    case .vector(let element, _): element
    default: nil
    }
  }

  /// Innermost element of nested arrays; the type itself when it is no array.
  public var scalarElement: CType {
    if case .array(let array) = canonical { array.element.scalarElement } else { self }
  }

  /// The integer promotions (§6.3.1.1 ¶2) on a 32-bit `int`.
  public var promoted: CType {
    guard let type = integer else { return self }
    if type.rank >= IntegerType.int.rank { return .integer(type) }
    return .int
  }

  /// The usual arithmetic conversions (§6.3.1.8); nil when one side is not arithmetic.
  public static func usualArithmeticConversion(_ left: CType, _ right: CType) -> CType? {
    if let a = left.floatingType, let b = right.floatingType {
      return .floating(a.size >= b.size ? a : b)
    }
    if let a = left.floatingType, right.isInteger { return .floating(a) }
    if let b = right.floatingType, left.isInteger { return .floating(b) }
    guard let a = left.promoted.integer, let b = right.promoted.integer else { return nil }
    if a == b { return .integer(a) }
    if a.isSigned == b.isSigned { return .integer(a.rank >= b.rank ? a : b) }
    let (signed, unsigned) = a.isSigned ? (a, b) : (b, a)
    if unsigned.rank >= signed.rank { return .integer(unsigned) }
    if signed.width > unsigned.width { return .integer(signed) }
    return .integer(signed.unsignedCounterpart)
  }
}

extension IntegerType {
  /// The unsigned type of the same rank.
  public var unsignedCounterpart: IntegerType {
    let kind: Kind =
      switch self.kind {
      case .char, .signedChar: .unsignedChar
      case .short: .unsignedShort
      case .int: .unsignedInt
      case .long: .unsignedLong
      case .longLong: .unsignedLongLong
      case .int128: .unsignedInt128
      default: self.kind
      }
    return IntegerType(kind, width: width, isSigned: false)
  }
}
