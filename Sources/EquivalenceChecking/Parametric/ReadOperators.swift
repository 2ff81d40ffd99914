import IslBindings
import KernelModel

/// Operators (§6.5), lane by lane on vectors.
extension ProgramReader {
  func unary(_ op: UnaryOperator, _ operand: Expr, _ expr: Expr) throws -> SymbolicValue {
    switch op {
    case .plus: return try value(operand, as: expr.type)
    case .dereference: return try load(place(expr))
    case .addressOf: return try address(of: operand)
    case .preIncrement, .postIncrement: return try step(operand, 1, isPostfix: op == .postIncrement)
    case .preDecrement, .postDecrement:
      return try step(operand, -1, isPostfix: op == .postDecrement)
    case .not:
      let scalar = try scalar(operand)
      if let set = try truth(scalar) {
        let negation = try set.complement().indicator()
        return .scalar(ScalarValue(.int, SymbolicIndex(negation)))
      }
      let zero = try zero(of: scalar.type)
      return .scalar(ScalarValue(make(.equal, .int, [try scalar.asNode(), zero])))
    case .minus, .complement:
      return try lanewise(try value(operand, as: expr.type)) { scalar in
        if op == .minus, let index = scalar.index,
          let result = try settled(index.times(-1), scalar.type)
        {
          return result
        }
        let code: GraphOperator = op == .minus ? .negate : .complement
        return ScalarValue(self.make(code, scalar.type, [try scalar.asNode()]))
      }
    }
  }

  private func lanewise(
    _ value: SymbolicValue, _ change: (ScalarValue) throws -> ScalarValue
  ) throws -> SymbolicValue {
    switch value {
    case .scalar(let scalar): return .scalar(try change(scalar))
    case .lanes(let lanes, let count):
      return .lanes(try withLanes(count) { try change(lanes) }, count)
    default: throw Unproved("an operator on something that is no number")
    }
  }

  /// `x++` and its like: `x = x + 1` in the promoted type.
  private func step(_ target: Expr, _ by: Int, isPostfix: Bool) throws -> SymbolicValue {
    let place = try place(target)
    let old = try load(place)
    if case .pointer(let pointer) = old {
      let moved = SymbolicValue.pointer(
        try self.moved(pointer, target.type, ScalarValue(.long, SymbolicIndex(space.constant(by)))))
      try store(moved, to: place)
      return isPostfix ? old : moved
    }
    guard case .scalar(var scalar) = old else { throw Unproved("a step of a vector") }
    if isPostfix, scalar.index == nil {
      scalar = ScalarValue(try settled(try scalar.asNode()))
    }
    let type = target.type.promoted
    guard let promoted = CellType(type) else { throw Unproved("a step of a type not read") }
    let wide = try convert(scalar, to: promoted)
    let one = try convert(ScalarValue(.int, SymbolicIndex(space.constant(by))), to: promoted)
    let next = try arithmetic(.add, wide, one)
    let converted = try convert(.scalar(next), to: target.type)
    try store(converted, to: place)
    return isPostfix ? .scalar(scalar) : converted
  }

  func binary(_ op: BinaryOperator, _ left: Expr, _ right: Expr, _ expr: Expr) throws
    -> SymbolicValue
  {
    if op.isLogical { return try logical(op, left, right) }
    if let fused = try fused(op, left, right, expr.type) { return fused }
    let before = effects
    let a = try value(left)
    let b = try value(right)
    try refuseEffects(since: before, a, b)
    return try arithmetic(op, (a, left.type), (b, right.type), expr.type)
  }

  /// Operands are not ordered: what one of them stores, the other may not read.
  func refuseEffects(since before: Int, _ values: SymbolicValue...) throws {
    guard effects != before else { return }
    for value in values where try readsCells(value) {
      throw Unproved("an operand beside one with effects")
    }
  }

  private func readsCells(_ value: SymbolicValue) throws -> Bool {
    switch value {
    case .scalar(let scalar): scalar.node?.readsCells ?? false
    case .lanes(let lanes, _): lanes.node?.readsCells ?? false
    default: false
    }
  }

  /// `target op= source`.
  func compound(_ op: BinaryOperator, _ target: Expr, _ source: Expr) throws -> SymbolicValue {
    let place = try place(target)
    let isShift = op == .shiftLeft || op == .shiftRight
    let common = isShift ? target.type.promoted : Expr.binary(op, target, source).type
    let before = effects
    let result: SymbolicValue
    if let fused = try fused(op, target: place, source, common) {
      result = fused
    } else {
      let right = try value(source)
      let current = try load(place)
      try refuseEffects(since: before, right, current)
      result = try arithmetic(op, (current, target.type), (right, source.type), common)
    }
    let converted = try convert(result, to: target.type)
    try store(converted, to: place)
    return converted
  }

  typealias Typed = (value: SymbolicValue, type: CType)

  private func arithmetic(_ op: BinaryOperator, _ left: Typed, _ right: Typed, _ type: CType)
    throws -> SymbolicValue
  {
    switch (left.value, right.value) {
    case (.pointer(let pointer), .scalar(let index)) where op == .add || op == .subtract:
      return .pointer(try moved(pointer, left.type, index, isForward: op == .add))
    case (.scalar(let index), .pointer(let pointer)) where op == .add:
      return .pointer(try moved(pointer, right.type, index))
    case (.pointer, .pointer), (.pointer, .null), (.null, .pointer), (.null, .null):
      return .scalar(try comparePointers(op, left, right))
    default: break
    }
    if left.type.isVector || right.type.isVector {
      return try lanewise(op, left, right, type)
    }
    guard case .scalar(let a) = left.value, case .scalar(let b) = right.value else {
      throw Unproved("an operator that is not read")
    }
    if op == .shiftLeft || op == .shiftRight {
      guard let promoted = CellType(left.type.promoted) else { throw Unproved("a shift") }
      return .scalar(
        try arithmetic(op, try convert(a, to: promoted), try convert(b, to: promoted)))
    }
    guard let common = CType.usualArithmeticConversion(left.type, right.type),
      let cell = CellType(common)
    else { throw Unproved("an operator on types that are not read") }
    return .scalar(try arithmetic(op, try convert(a, to: cell), try convert(b, to: cell)))
  }

  /// Both operands have one type.
  func arithmetic(_ op: BinaryOperator, _ a: ScalarValue, _ b: ScalarValue) throws -> ScalarValue {
    if a.type.isInteger, let x = a.index, let y = b.index,
      let known = try indexArithmetic(op, x, y, a.type)
    {
      return known
    }
    let (x, y) = (try a.asNode(), try b.asNode())
    switch op {
    case .less: return ScalarValue(make(.less, .int, [x, y]))
    case .greater: return ScalarValue(make(.less, .int, [y, x]))
    case .lessOrEqual: return ScalarValue(make(.lessOrEqual, .int, [x, y]))
    case .greaterOrEqual: return ScalarValue(make(.lessOrEqual, .int, [y, x]))
    case .equal: return ScalarValue(make(.equal, .int, [x, y]))
    case .notEqual: return ScalarValue(make(.notEqual, .int, [x, y]))
    default:
      guard let code = op.graphOperator else { throw Unproved("an operator that is not read") }
      return ScalarValue(make(code, a.type, [x, y]))
    }
  }

  // MARK: conditions

  private func logical(_ op: BinaryOperator, _ left: Expr, _ right: Expr) throws -> SymbolicValue {
    let a = try scalar(left)
    if let first = try truth(a) {
      let whole = domain
      domain = try op == .logicalAnd ? whole.intersection(first) : whole.subtracting(first)
      let before = effects
      let b = try underCondition { try scalar(right) }
      domain = whole
      if effects != before { throw Unproved("an effect within a condition") }
      if let second = try truth(b) {
        let both = try op == .logicalAnd ? first.intersection(second) : first.union(second)
        return .scalar(ScalarValue(.int, SymbolicIndex(try both.indicator())))
      }
      let constant = try ScalarValue(
        .int, SymbolicIndex(space.constant(op == .logicalAnd ? 0 : 1))
      ).asNode()
      let node = try conditionNode(b)
      return .scalar(
        ScalarValue(
          op == .logicalAnd
            ? OperationNode(.choice(first, node, constant), .int)
            : OperationNode(.choice(first, constant, node), .int)))
    }
    let node = try conditionNode(a)
    let b = try guarded(node, op == .logicalAnd) { try scalar(right) }
    let constant = try ScalarValue(
      .int, SymbolicIndex(space.constant(op == .logicalAnd ? 0 : 1))
    ).asNode()
    let second = try conditionNode(b)
    return .scalar(
      ScalarValue(
        make(
          .select, .int, op == .logicalAnd ? [node, second, constant] : [node, constant, second])))
  }

  // MARK: vectors

  private func lanewise(_ op: BinaryOperator, _ left: Typed, _ right: Typed, _ type: CType)
    throws -> SymbolicValue
  {
    let shape = left.type.isVector ? left.type : right.type
    guard case .lanes(let x, let count) = try convert(left.value, to: shape),
      case .lanes(let y, let other) = try convert(
        right.value, to: right.type.isVector ? right.type : shape), count == other
    else { throw Unproved("an operator on vectors that is not read") }
    return try withLanes(count) {
      guard op.isComparison else {
        return .lanes(try arithmetic(op, x, try convert(y, to: x.type)), count)
      }
      guard case .vector(let element, _) = type.canonical, let mask = CellType(element) else {
        throw Unproved("a comparison of vectors")
      }
      let truth = try arithmetic(op, x, y)
      return .lanes(ScalarValue(make(.mask, mask, [try conditionNode(truth)])), count)
    }
  }
}

extension BinaryOperator {
  fileprivate var graphOperator: GraphOperator? {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .remainder: .remainder
    case .shiftLeft: .shiftLeft
    case .shiftRight: .shiftRight
    case .bitAnd: .bitAnd
    case .bitOr: .bitOr
    case .bitXor: .bitXor
    default: nil
    }
  }
}
