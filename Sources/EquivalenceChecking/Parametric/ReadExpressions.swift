import IslBindings
import KernelModel

/// Values of expressions, and conversions between types (§6.3).
extension ProgramReader {
  func value(_ expr: Expr) throws -> SymbolicValue {
    switch expr.kind {
    case .integer(let value, _): return .scalar(try constant(value, expr.type))
    case .sizeOf(let value?, _): return .scalar(try constant(value, expr.type))
    case .floating(let text): return .scalar(try floating(text, expr.type))
    case .variable, .member: return try load(place(expr))
    case .subscriptOf(let base, let index):
      if base.type.isVector, !base.isVectorObject {
        guard case .lanes(let lanes, let count) = try value(base), let known = index.constantValue,
          (0..<count).contains(known)
        else { throw Unproved("a lane that is no constant") }
        let node = try overLanes(count) { _ in try settled(lanes.asNode()) }
        guard case .definition(let number) = node.kind, !isProbing else {
          throw Unproved("a lane in a condition")
        }
        let access = CellAccess(
          object: program.statements[number].target.object,
          index: SymbolicIndex(try space.constant(known)), domain: domain, isGuarded: false)
        return .scalar(ScalarValue(OperationNode(.read(access), node.type)))
      }
      return try load(place(expr))
    case .unary(let op, let operand): return try unary(op, operand, expr)
    case .binary(let op, let left, let right): return try binary(op, left, right, expr)
    case .assign(nil, let target, let source):
      let place = try place(target)
      let converted = try value(source, as: target.type)
      try store(converted, to: place)
      return converted
    case .assign(let op?, let target, let source): return try compound(op, target, source)
    case .conditional(let condition, let then, let otherwise):
      return try conditional(condition, then, otherwise, expr.type)
    case .call(let name, let arguments, let purity):
      return try call(name, arguments, purity, expr.type)
    case .cast(let operand):
      if expr.type.canonical == .void {
        try discard(try value(operand), of: operand)
        return .none
      }
      return try value(operand, as: expr.type)
    case .comma(let first, let second):
      try discard(try value(first), of: first)
      return try value(second)
    case .compoundLiteral(let elements) where expr.type.isVector:
      return try vectorLiteral(elements, expr.type)
    default: throw Unproved("an expression that is not read")
    }
  }

  /// The value as a C type has it.
  func value(_ expr: Expr, as type: CType) throws -> SymbolicValue {
    try convert(try value(expr), to: type)
  }

  func scalar(_ expr: Expr) throws -> ScalarValue {
    guard case .scalar(let value) = try value(expr) else {
      throw Unproved("a value that is no scalar")
    }
    return value
  }

  func constant(_ value: Int, _ type: CType) throws -> ScalarValue {
    guard let cell = CellType(type) else { throw Unproved("a constant of a type not read") }
    if cell.kind == .unsigned, value < 0 {
      let bits = UInt64(bitPattern: Int64(value)) & (cell.bits == 64 ? .max : 1 << cell.bits - 1)
      return ScalarValue(cell, SymbolicIndex(try space.constant(decimal: "\(bits)")))
    }
    return ScalarValue(cell, SymbolicIndex(try space.constant(value)))
  }

  private func floating(_ text: String, _ type: CType) throws -> ScalarValue {
    guard let cell = CellType(type) else { throw Unproved("the constant '\(text)'") }
    var digits = Substring(text.lowercased())
    let isHexadecimal = digits.hasPrefix("0x")
    while let last = digits.last,
      last == "l" || (last == "f" && (!isHexadecimal || cell.bits == 32))
    {
      digits.removeLast()
    }
    if cell.bits == 32, let number = Float(digits) {
      return ScalarValue(OperationNode(.constant(UInt64(number.bitPattern)), cell))
    }
    guard cell.bits == 64, let number = Double(digits) else {
      throw Unproved("the constant '\(text)'")
    }
    return ScalarValue(OperationNode(.constant(number.bitPattern), cell))
  }

  // MARK: conversions

  func convert(_ value: SymbolicValue, to type: CType) throws -> SymbolicValue {
    switch (value, type.canonical) {
    case (.scalar(let scalar), .vector(let element, let lanes)):
      guard let cell = CellType(element) else { throw Unproved("a vector of a type not read") }
      return .lanes(try convert(scalar, to: cell), lanes)
    case (.scalar(let scalar), .pointer):
      guard try scalar.index?.constantValue() == 0 else {
        throw Unproved("an integer becomes a pointer")
      }
      return .null
    case (.scalar(let scalar), _):
      guard let cell = CellType(type) else { throw Unproved("a conversion to a type not read") }
      return .scalar(try convert(scalar, to: cell))
    case (.lanes(let value, let own), .vector(let element, let lanes)):
      guard let cell = CellType(element), lanes == own, cell.bits == value.type.bits else {
        throw Unproved("a vector read under lanes of another size")
      }
      return .lanes(try withLanes(own) { try reinterpret(value, as: cell) }, own)
    case (.pointer, .pointer), (.null, .pointer), (.pointer, .array): return value
    case (.pointer, .integer(let integer)) where integer.kind == .bool:
      throw Unproved("a pointer as a truth value")
    case (.none, .void): return value
    default: throw Unproved("a conversion that is not read")
    }
  }

  func convert(_ scalar: ScalarValue, to type: CellType) throws -> ScalarValue {
    if scalar.type == type { return scalar }
    if type.kind == .boolean { return try truthValue(scalar, type) }
    if let index = scalar.index {
      if type.isInteger, try fits(index, type) { return ScalarValue(type, index) }
      if type.isFloating, let value = try index.constantValue(),
        abs(value) <= 1 << (type.bits == 32 ? 24 : 53)
      {
        let bits =
          type.bits == 32 ? UInt64(Float(value).bitPattern) : Double(value).bitPattern
        return ScalarValue(OperationNode(.constant(bits), type))
      }
    }
    let node = try scalar.asNode()
    if case .constant(let bits) = node.kind, type.isFloating, node.type.isFloating {
      // A constant is converted as it is at run time, to nearest.
      let wide =
        node.type.bits == 32 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
      let made = type.bits == 32 ? UInt64(Float(wide).bitPattern) : wide.bitPattern
      return ScalarValue(OperationNode(.constant(made), type))
    }
    return ScalarValue(make(.convert(from: scalar.type), type, [node]))
  }

  func reinterpret(_ scalar: ScalarValue, as type: CellType) throws -> ScalarValue {
    if scalar.type == type { return scalar }
    if scalar.type.isInteger, type.isInteger { return try convert(scalar, to: type) }
    return ScalarValue(make(.reinterpret(from: scalar.type), type, [try scalar.asNode()]))
  }

  private func truthValue(_ scalar: ScalarValue, _ type: CellType) throws -> ScalarValue {
    if let set = try truth(scalar) {
      return ScalarValue(type, SymbolicIndex(try set.indicator()))
    }
    return ScalarValue(make(.convert(from: .int), type, [try conditionNode(scalar)]))
  }

  // MARK: conditions

  /// Where the value is not zero, when inputs and counters determine that.
  func truth(_ scalar: ScalarValue) throws -> IntegerSet? {
    guard let index = scalar.index else { return nil }
    if let affine = index.affine { return try affine.nonZero() }
    return nil
  }

  /// 0 or 1, as a node.
  func conditionNode(_ scalar: ScalarValue) throws -> OperationNode {
    let node = try scalar.asNode()
    if case .operation(let op, _) = node.kind {
      switch op {
      case .less, .lessOrEqual, .equal, .notEqual, .maskTruth: return node
      default: break
      }
    }
    return make(.notEqual, .int, [node, try zero(of: scalar.type)])
  }

  func zero(of type: CellType) throws -> OperationNode {
    type.isFloating
      ? OperationNode(.constant(0), type)
      : try ScalarValue(type, SymbolicIndex(try space.constant(0))).asNode()
  }

  private func conditional(
    _ condition: Expr, _ then: Expr, _ otherwise: Expr, _ type: CType
  ) throws -> SymbolicValue {
    guard type.isScalar || type.isVector else {
      _ = try value(condition)
      throw Unproved("a choice of something that is no scalar")
    }
    let decision = try value(condition)
    guard case .scalar(let scalar) = decision else { throw Unproved("a choice by vectors") }
    if let set = try truth(scalar) {
      let (a, b) = try split(
        set, { try self.value(then, as: type) }, { try self.value(otherwise, as: type) })
      return try join(a, set, b)
    }
    var node = try conditionNode(scalar)
    if then.callsFunctions || otherwise.callsFunctions { node = try settled(node) }
    let a = try guarded(node, true) { try self.value(then, as: type) }
    let b = try guarded(node, false) { try self.value(otherwise, as: type) }
    guard case .scalar(let x) = a, case .scalar(let y) = b else {
      throw Unproved("data chooses something that is no scalar")
    }
    return .scalar(ScalarValue(make(.select, x.type, [node, try x.asNode(), try y.asNode()])))
  }

  /// Both values, each in its part of the domain.
  private func split(
    _ set: IntegerSet, _ a: () throws -> SymbolicValue, _ b: () throws -> SymbolicValue
  ) throws -> (SymbolicValue, SymbolicValue) {
    let whole = domain
    defer { domain = whole }
    domain = try whole.intersection(set)
    let before = effects
    let first = try underCondition(a)
    domain = try whole.subtracting(set)
    let second = try underCondition(b)
    if effects != before { throw Unproved("a choice between expressions with effects") }
    return (first, second)
  }

  private func join(_ a: SymbolicValue, _ set: IntegerSet, _ b: SymbolicValue) throws
    -> SymbolicValue
  {
    switch (a, b) {
    case (.scalar(let x), .scalar(let y)): return .scalar(try join(x, set, y))
    case (.lanes(let x, let count), .lanes(let y, _)):
      return .lanes(try join(x, set, y), count)
    case (.pointer(let x), .pointer(let y)) where x.base === y.base && x.member == y.member:
      let offset = try x.offset.joined(in: set, with: y.offset, in: try set.complement())
      return .pointer(SymbolicPointer(base: x.base, offset: offset, member: x.member))
    default: throw Unproved("a choice between pointers")
    }
  }

  private func join(_ x: ScalarValue, _ set: IntegerSet, _ y: ScalarValue) throws -> ScalarValue {
    if let a = x.index, let b = y.index {
      return ScalarValue(x.type, try a.joined(in: set, with: b, in: try set.complement()))
    }
    return ScalarValue(
      OperationNode(.choice(set, try x.asNode(), try y.asNode()), x.type))
  }

  /// What `body` gives under a condition of data.
  func guarded<Answer>(_ node: OperationNode, _ side: Bool, _ body: () throws -> Answer)
    throws -> Answer
  {
    let before = effects
    guards.append((node, side))
    defer { guards.removeLast() }
    let answer = try underCondition(body)
    if effects != before { throw Unproved("an effect under a condition of data") }
    return answer
  }
}

extension Expr {
  fileprivate var callsFunctions: Bool {
    contains { if case .call = $0.kind { true } else { false } }
  }
}
