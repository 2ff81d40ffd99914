import KernelModel

/// The vector types of one function: GCC vector extensions with the element's own alignment, fit to
/// read and write any array of the element type.
struct VectorTypes {
  let lanes: Int
  private var known: [CType: CType] = [:]
  private(set) var aliases: [Stmt] = []

  /// Types with this many lanes; aliases that the function's body already opens with are used again.
  init(lanes: Int, in function: Function) {
    self.lanes = lanes
    for statement in function.body.statements {
      guard case .typeAlias(let name, let element, let attributes) = statement.kind,
        attributes == Self.attributes(element, lanes)
      else { continue }
      known[element] = .named(name, underlying: .vector(element: element, lanes: lanes))
    }
  }

  /// The vector of an arithmetic type; nil when there is none.
  mutating func vector(of type: CType, in function: inout Function) -> CType? {
    let element = type.canonical
    guard let stem = Self.stem(element) else { return nil }
    if let type = known[element] { return type }
    var name = "\(stem)_x\(lanes)"
    var count = 2
    while function.reservedNames.contains(name) {
      name = "\(stem)_x\(lanes)_\(count)"
      count += 1
    }
    function.reservedNames.insert(name)
    aliases.append(
      Stmt(.typeAlias(name, element, attributes: Self.attributes(element, lanes))))
    let type = CType.named(name, underlying: .vector(element: element, lanes: lanes))
    known[element] = type
    return type
  }

  private static func attributes(_ element: CType, _ lanes: Int) -> String {
    let size = element.byteSize ?? 0
    let list = "vector_size(\(size * lanes)), aligned(\(size)), may_alias"
    return "__attribute__((\(list)))"
  }

  private static func stem(_ element: CType) -> String? {
    switch element {
    case .floating(.float): "float"
    case .floating(.double): "double"
    case .integer(let integer): stem(integer.kind)
    default: nil
    }
  }

  private static func stem(_ kind: IntegerType.Kind) -> String? {
    switch kind {
    case .bool, .int128, .unsignedInt128: nil
    case .char: "char"
    case .signedChar: "schar"
    case .unsignedChar: "uchar"
    case .short: "short"
    case .unsignedShort: "ushort"
    case .int: "int"
    case .unsignedInt: "uint"
    case .long: "long"
    case .unsignedLong: "ulong"
    case .longLong: "llong"
    case .unsignedLongLong: "ullong"
    }
  }
}

extension CType {
  /// Size in bytes of an arithmetic type.
  var byteSize: Int? {
    if let integer { return integer.kind == .bool ? 1 : integer.width / 8 }
    return floatingType?.size
  }

  /// The signed integer type as wide as an arithmetic type: what vector comparisons give.
  var maskElement: CType? {
    switch byteSize {
    case 1: .integer(IntegerType(.signedChar, width: 8, isSigned: true))
    case 2: .integer(IntegerType(.short, width: 16, isSigned: true))
    case 4: .int
    case 8: .long
    default: nil
    }
  }
}
