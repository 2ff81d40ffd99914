import KernelModel

extension Defect {
  /// The expression with the defect at its root, once for each way in which it can stand there.
  func planted(in expr: Expr) -> [Expr] {
    switch self {
    case .boundOffByOne: Self.inclusive(expr)
    case .checkDropped: Self.oneCheck(of: expr)
    case .reassociated: Self.otherAssociation(expr)
    case .sign: Self.otherSign(expr)
    case .notANumber: Self.negatedComparison(expr)
    case .indexOffByOne: Self.neighbours(expr)
    case .constant: Self.otherConstants(expr)
    case .operatorExchanged: Self.otherOperator(expr)
    case .choiceExchanged: Self.otherChoice(expr)
    case .narrowed: Self.narrowedAssignment(expr)
    case .writeDropped: Self.forgetful(expr)
    default: []
    }
  }

  private static func inclusive(_ expr: Expr) -> [Expr] {
    guard case .binary(let op, let left, let right) = expr.kind else { return [] }
    let others: [BinaryOperator: BinaryOperator] = [
      .less: .lessOrEqual, .lessOrEqual: .less, .greater: .greaterOrEqual,
      .greaterOrEqual: .greater,
    ]
    return others[op].map { [.binary($0, left, right)] } ?? []
  }

  private static func oneCheck(of expr: Expr) -> [Expr] {
    guard case .binary(let op, let left, let right) = expr.kind, op.isLogical else { return [] }
    return [left, right]
  }

  private static func otherAssociation(_ expr: Expr) -> [Expr] {
    guard expr.type.isFloating, case .binary(let op, let left, let right) = expr.kind,
      op == .add || op == .multiply
    else { return [] }
    var others: [Expr] = []
    if case .binary(op, let a, let b) = left.kind {
      others.append(.binary(op, a, .binary(op, b, right)))
    }
    if case .binary(op, let a, let b) = right.kind {
      others.append(.binary(op, .binary(op, left, a), b))
    }
    return others
  }

  private static func otherSign(_ expr: Expr) -> [Expr] {
    switch expr.kind {
    case .binary(.add, let left, let right) where isArithmetic(left) && isArithmetic(right):
      [.binary(.subtract, left, right)]
    case .binary(.subtract, let left, let right) where isArithmetic(left) && isArithmetic(right):
      [.binary(.add, left, right)]
    case .unary(.minus, let operand): [Expr(.unary(.plus, operand), type: expr.type)]
    case .assign(.add, let target, let value) where isArithmetic(target):
      [.compound(.subtract, target, value)]
    case .assign(.subtract, let target, let value) where isArithmetic(target):
      [.compound(.add, target, value)]
    default: []
    }
  }

  private static func negatedComparison(_ expr: Expr) -> [Expr] {
    guard case .binary(let op, let left, let right) = expr.kind,
      left.type.isFloating || right.type.isFloating
    else { return [] }
    let opposites: [BinaryOperator: BinaryOperator] = [
      .less: .greaterOrEqual, .lessOrEqual: .greater, .greater: .lessOrEqual,
      .greaterOrEqual: .less,
    ]
    return opposites[op].map { [Expr(.unary(.not, .binary($0, left, right)), type: .int)] } ?? []
  }

  private static func neighbours(_ expr: Expr) -> [Expr] {
    guard case .subscriptOf(let base, let index) = expr.kind else { return [] }
    return [BinaryOperator.add, .subtract].map {
      Expr(.subscriptOf(base, .binary($0, index, .int(1))), type: expr.type)
    }
  }

  private static func otherConstants(_ expr: Expr) -> [Expr] {
    switch expr.kind {
    case .integer(let value, _) where value < Int(Int32.max):
      [.integer(value + 1, type: expr.type)]
    case .floating: [.binary(.add, expr, .int(1))]
    default: []
    }
  }

  private static func otherOperator(_ expr: Expr) -> [Expr] {
    guard case .binary(let op, let left, let right) = expr.kind, isArithmetic(left),
      isArithmetic(right)
    else { return [] }
    let others: [BinaryOperator: BinaryOperator] = [
      .multiply: .add, .divide: .multiply, .remainder: .divide, .shiftLeft: .shiftRight,
      .shiftRight: .shiftLeft, .bitAnd: .bitOr, .bitOr: .bitXor, .bitXor: .bitAnd,
      .logicalAnd: .logicalOr, .logicalOr: .logicalAnd, .equal: .notEqual, .notEqual: .equal,
      .less: .greater, .greater: .less, .lessOrEqual: .greaterOrEqual,
      .greaterOrEqual: .lessOrEqual,
    ]
    return others[op].map { [.binary($0, left, right)] } ?? []
  }

  private static func otherChoice(_ expr: Expr) -> [Expr] {
    guard case .conditional(let condition, let first, let second) = expr.kind else { return [] }
    return [Expr(.conditional(condition, second, first), type: expr.type)]
  }

  private static func narrowedAssignment(_ expr: Expr) -> [Expr] {
    guard case .assign(let op, let target, let value) = expr.kind, let narrow = narrower(value.type)
    else { return [] }
    return [Expr(.assign(op, target, .cast(value, to: narrow)), type: expr.type)]
  }

  private static func forgetful(_ expr: Expr) -> [Expr] {
    guard case .assign(.some, let target, let value) = expr.kind else { return [] }
    return [.assign(target, value)]
  }

  /// The next narrower type of the same family; nil for the narrowest and for all others.
  static func narrower(_ type: CType) -> CType? {
    switch type.canonical.unqualified {
    case .floating(.double): return .floating(.float)
    case .floating(.longDouble): return .floating(.double)
    case .integer(let integer) where integer.width == 64:
      return .integer(integer.isSigned ? .int : .unsignedInt)
    case .integer(let integer) where integer.width == 32:
      return .integer(
        IntegerType(
          integer.isSigned ? .short : .unsignedShort, width: 16, isSigned: integer.isSigned))
    default: return nil
    }
  }

  private static func isArithmetic(_ expr: Expr) -> Bool {
    expr.type.isInteger || expr.type.isFloating || expr.type.isVector
  }
}
