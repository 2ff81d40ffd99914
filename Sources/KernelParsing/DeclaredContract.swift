import ClangBindings
import KernelModel

/// What C's own declarations promise: lengths of array parameters, `restrict`, fixed arrays at file
/// scope, and GNU `access` attributes.
struct DeclaredContract {
  let function: Function
  let reader: FunctionReader

  func read() throws(ReadFailure) -> Contract {
    var contract = Contract()
    let declarations = reader.definition.arguments
    for (variable, declaration) in zip(function.parameters, declarations) {
      if let extent = try extent(of: declaration) {
        contract.extents[ObjectPath(variable)] = extent
      }
    }
    for (variable, symbol) in function.symbols where symbol.storage == .global {
      guard case .array = symbol.type.canonical,
        let count = Self.scalarCount(of: symbol.type)
      else { continue }
      contract.extents[ObjectPath(variable)] = Self.extent(count)
    }
    for access in accessAttributes() {
      contract.extents[access.path] = contract.extents[access.path] ?? access.extent
    }
    contract.requirements = separations()
    if !contract.extents.isEmpty || !contract.requirements.isEmpty { contract.source = .declared }
    return contract
  }

  private static func extent(_ count: SizeExpr) -> Extent {
    Extent(lower: .constant(0), upper: count, source: .declared, isProven: true)
  }

  /// The extent of `a[n][m]`, `a[static n]`.
  private func extent(of parameter: Cursor) throws(ReadFailure) -> Extent? {
    let type = try reader.declaredType(parameter)
    guard case .array(let array) = type.canonical, array.bound != .unspecified else { return nil }
    guard let count = Self.scalarCount(of: type) else { return nil }
    var extent = Self.extent(count)
    if array.bound.isConstant {
      let words = reader.join.indices(in: parameter.range).map(reader.join.text)
      extent.isHint = !words.contains("static")
    }
    return extent
  }

  /// The number of scalars in an object of a type; nil when a length is no input.
  static func scalarCount(of type: CType) -> SizeExpr? {
    guard case .array(let array) = type.canonical else { return .constant(1) }
    guard let inner = scalarCount(of: array.element) else { return nil }
    switch array.bound {
    case .constant(let count): return SizeExpr.multiply(.constant(count), inner).simplified
    case .variable(let length):
      guard let count = SizeExpr(length) else { return nil }
      return SizeExpr.multiply(count, inner).simplified
    case .unspecified: return nil
    }
  }

  /// What is modified through a `restrict` pointer is reached through it alone (§6.7.3.1).
  private func separations() -> [Requirement] {
    let pointers = function.parameters.filter { function[$0].type.isPointer }
    var result: [Requirement] = []
    for (index, a) in pointers.enumerated() {
      for b in pointers[(index + 1)...]
      where [a, b].contains(where: { function[$0].type.qualifiers.contains(.restrict) }) {
        result.append(.separated(ObjectPath(a), ObjectPath(b)))
      }
    }
    return result
  }

  /// `access (mode, pointer, size)` with positions counted from 1.
  private func accessAttributes() -> [(path: ObjectPath, extent: Extent)] {
    let body = reader.definition.children.last?.range.lowerBound ?? 0
    let head = reader.join.indices(in: reader.definition.range.lowerBound..<body)
    var result: [(path: ObjectPath, extent: Extent)] = []
    for index in head where ["access", "__access__"].contains(reader.join.text(index)) {
      let words = (index..<min(index + 9, head.upperBound)).map(reader.join.text)
      guard words.count >= 8, words[1] == "(", words[3] == ",", words[5] == ",",
        let pointer = parameter(words[4]), let size = parameter(words[6])
      else { continue }
      result.append((ObjectPath(pointer), Self.extent(.input(ObjectPath(size)))))
    }
    return result
  }

  private func parameter(_ position: String) -> VariableID? {
    guard let number = Int(position), number >= 1, number <= function.parameters.count else {
      return nil
    }
    return function.parameters[number - 1]
  }
}

extension ArrayType.Bound {
  /// Whether the length is a number. Of arrays whose elements have a variable length the type is that of a
  /// variable length too (§6.7.6.2 ¶4).
  fileprivate var isConstant: Bool {
    switch self {
    case .constant: true
    case .variable(let length): length.constantValue != nil
    case .unspecified: false
    }
  }
}

extension SizeExpr {
  /// An integer expression over inputs; nil when it is none.
  init?(_ expr: Expr) {
    if let value = expr.constantValue {
      self = .constant(value)
      return
    }
    switch expr.kind {
    case .variable, .member:
      guard expr.type.isInteger, let path = ObjectPath(expr) else { return nil }
      self = .input(path)
    case .cast(let inner) where expr.type.isInteger: self.init(inner)
    case .binary(let op, let left, let right):
      guard let a = SizeExpr(left), let b = SizeExpr(right) else { return nil }
      switch op {
      case .add: self = SizeExpr.add(a, b).simplified
      case .subtract: self = SizeExpr.subtract(a, b).simplified
      case .multiply: self = SizeExpr.multiply(a, b).simplified
      case .divide:
        guard case .constant(let divisor) = b, divisor > 0 else { return nil }
        self = .floorDivide(a, divisor)
      default: return nil
      }
    default: return nil
    }
  }
}

extension ObjectPath {
  /// The object that a mention or member access names.
  init?(_ expr: Expr) {
    switch expr.kind {
    case .variable(let variable): self.init(variable)
    case .member(let base, let field, _):
      guard var path = ObjectPath(base) else { return nil }
      path.fields.append(field)
      self = path
    default: return nil
    }
  }
}
