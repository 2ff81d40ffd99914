import JudgeKernels
import KernelModel

/// Initialisers (§6.7.9): what is not named is zero.
extension BytecodeCompiler {
  mutating func initialize(_ place: Place, with value: Expr, _ type: CType)
    throws(Uninterpreted)
  {
    if case .initializer(let elements) = value.kind {
      try initialize(place, elements, type)
    } else if case .string(let text) = value.kind, case .array = type.canonical {
      try initialize(place, withString: text, type)
    } else {
      try store(try convert(value, to: type), to: place)
    }
  }

  mutating func initialize(_ place: Place, _ elements: [InitializerElement], _ type: CType)
    throws(Uninterpreted)
  {
    switch type.canonical {
    case .vector: try store(try vectorLiteral(elements, type), to: place)
    case .array, .record:
      guard case .memory(let address, let offset, _) = place else {
        throw unsupported("this initialiser")
      }
      let start = try moved(address, plus: offset)
      let count = constant(try size(type))
      buffer.emit(.init(op: RK_FILL, a: start, b: constant(0), c: count))
      try members(of: type, elements, address, offset)
    default:
      guard let first = elements.first, elements.count == 1 else {
        throw unsupported("this initialiser")
      }
      try initialize(place, with: first.value, type)
    }
  }

  /// An array of characters from a literal without prefix.
  private mutating func initialize(_ place: Place, withString text: String, _ type: CType)
    throws(Uninterpreted)
  {
    guard case .memory(let address, let offset, _) = place,
      let codes = Self.characters(text), type.element.flatMap(MachineType.init)?.bytes == 1
    else { throw unsupported("this string") }
    let start = try moved(address, plus: offset)
    let count = try size(type)
    buffer.emit(.init(op: RK_FILL, a: start, b: constant(0), c: constant(count)))
    for (index, code) in codes.prefix(count).enumerated() {
      store(constant(code), address, offset + index, .byte)
    }
  }

  /// The codes of a literal, the parts of several joined; nil for escapes that are not listed.
  private static func characters(_ text: String) -> [Int]? {
    var codes: [Int] = []
    var isInside = false
    var rest = Substring(text).unicodeScalars[...]
    while let next = rest.popFirst() {
      if next == "\"" {
        isInside.toggle()
      } else if isInside, next == "\\" {
        guard let escaped = rest.popFirst(), let code = escapes["\\\(escaped)"] else { return nil }
        codes.append(code)
      } else if isInside {
        guard next.isASCII else { return nil }
        codes.append(Int(next.value))
      } else if next != " ", next != "\n" {
        return nil
      }
    }
    return codes
  }

  private mutating func members(
    of type: CType, _ elements: [InitializerElement], _ address: Register, _ offset: Int
  ) throws(Uninterpreted) {
    var next = 0
    for element in elements {
      if !element.designator.isEmpty { next = try position(element.designator, in: type) }
      guard let (member, inner) = try self.member(next, of: type) else {
        throw unsupported("an initialiser beyond its object")
      }
      let isAggregate = !member.isScalar
      if isAggregate, !element.value.initialisesWhole {
        throw unsupported("an initialiser without its braces")
      }
      try initialize(
        .memory(address, offset: offset + inner, member), with: element.value, member)
      next += 1
    }
  }

  /// The number of the member that `[3]` or `.name` names.
  private func position(_ designator: String, in type: CType) throws(Uninterpreted) -> Int {
    let text = designator.filter { $0 != " " }
    if text.hasPrefix("["), text.hasSuffix("]") {
      let inside = String(text.dropFirst().dropLast())
      if let index = Int(inside) { return index }
      if let index = Self.character(inside) { return index }
    } else if text.hasPrefix("."), let record = scope.layout.record(type),
      let index = record.fields.firstIndex(where: { $0.name == text.dropFirst() })
    {
      return index
    }
    throw unsupported("the designator '\(designator)'")
  }

  /// The code of a character constant.
  private static func character(_ text: String) -> Int? {
    guard text.hasPrefix("'"), text.hasSuffix("'") else { return nil }
    let inside = text.dropFirst().dropLast()
    // Spaces were left out: only the blank itself leaves nothing.
    if inside.isEmpty { return 32 }
    if inside.utf8.count == 1 { return Int(inside.utf8.first ?? 0) }
    return escapes[String(inside)]
  }

  private static let escapes: [String: Int] = [
    "\\t": 9, "\\n": 10, "\\r": 13, "\\0": 0, "\\\\": 92, "\\'": 39, "\\\"": 34, "\\v": 11,
    "\\f": 12,
  ]

  private func member(_ index: Int, of type: CType) throws(Uninterpreted) -> (CType, Int)? {
    switch type.canonical {
    case .array(let array):
      guard case .constant(let count) = array.bound, (0..<count).contains(index) else {
        return nil
      }
      return (array.element, index * (try size(array.element)))
    case .record(let reference):
      guard let record = scope.layout.record(type), record.fields.indices.contains(index),
        !reference.isUnion || index == 0, record.fields[index].bitWidth == nil
      else { return nil }
      return (record.fields[index].type, record.fields[index].offset)
    default: return nil
    }
  }

  /// `(vec){a, b}`: the lanes in order, zero where there is no value.
  mutating func vectorLiteral(_ elements: [InitializerElement], _ type: CType)
    throws(Uninterpreted) -> Operand
  {
    guard case .vector(let element, let lanes) = type.canonical, elements.count <= lanes else {
      throw unsupported("this vector")
    }
    let machine = try machineType(element)
    var registers: [Register] = []
    for item in elements {
      guard item.designator.isEmpty else { throw unsupported("a designated lane") }
      // Kept, because a later lane may change what this one names.
      registers.append(emit(RK_MOV, machine, try scalar(item.value, as: machine)))
    }
    let zero = buffer.constant(.bits(0))
    registers += Array(repeating: zero, count: lanes - registers.count)
    return .vector(registers, machine)
  }
}

extension Expr {
  /// Whether the expression gives an aggregate its whole value.
  fileprivate var initialisesWhole: Bool {
    switch kind {
    case .initializer, .string: return true
    default: break
    }
    switch type.canonical {
    case .record, .vector: return true
    default: return false
    }
  }
}
