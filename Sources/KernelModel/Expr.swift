/// Names a declaration of one function's symbol table; two variables of the same name in sibling
/// scopes have different identifiers.
public struct VariableID: Hashable, Sendable, Comparable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
  public static func < (a: VariableID, b: VariableID) -> Bool { a.index < b.index }
}

/// A typed C expression. Implicit conversions are not nodes: they follow from the operands' types
/// and the operator (§6.3, §6.5).
public struct Expr: Hashable, Sendable {
  public indirect enum Kind: Hashable, Sendable {
    /// An integer or character constant, or an enumerator: value as a 64-bit pattern, text as
    /// written after preprocessing.
    case integer(Int, text: String)
    /// A floating constant as written after preprocessing.
    case floating(text: String)
    case string(text: String)
    case variable(VariableID)
    /// A function named as a value.
    case function(String)
    case unary(UnaryOperator, Expr)
    case binary(BinaryOperator, Expr, Expr)
    /// Simple assignment when `op` is nil, else compound assignment.
    case assign(BinaryOperator?, Expr, Expr)
    case conditional(Expr, Expr, Expr)
    case subscriptOf(Expr, Expr)
    /// `base.field`, or `base->field` when `isArrow`.
    case member(Expr, field: String, isArrow: Bool)
    /// A call of a named function.
    case call(String, [Expr], purity: Purity)
    /// A call through an expression.
    case indirectCall(Expr, [Expr])
    /// A cast as written; its target is the expression's type.
    case cast(Expr)
    /// `sizeof`, `_Alignof`: the value and the text as written.
    case sizeOf(Int?, text: String)
    case comma(Expr, Expr)
    /// `{a, b}` with optional designators, as an initialiser.
    case initializer([InitializerElement])
    /// `(T){…}`.
    case compoundLiteral([InitializerElement])
    /// An expression kept verbatim, with the variables that it names.
    case opaque(text: String, mentions: [VariableID])
  }
  public var kind: Kind
  public var type: CType
  /// The name under which the source wrote a constant (a macro or enumerator), printed instead of
  /// the expansion.
  public var spelling: String?

  public init(_ kind: Kind, type: CType, spelling: String? = nil) {
    self.kind = kind
    self.type = type
    self.spelling = spelling
  }
}

public struct InitializerElement: Hashable, Sendable {
  /// `.field` or `[index]` text before `=`, empty when positional.
  public var designator: String
  public var value: Expr
  public init(designator: String = "", value: Expr) {
    self.designator = designator
    self.value = value
  }
}

/// What a call may do besides returning a value.
public enum Purity: Hashable, Sendable {
  /// No effect, result depends on the argument values alone.
  case const
  /// No effect, may read memory.
  case readsMemory
  /// Anything.
  case effects
}

public enum UnaryOperator: String, Hashable, Sendable, CaseIterable {
  case plus = "+"
  case minus = "-"
  case not = "!"
  case complement = "~"
  case dereference = "*"
  case addressOf = "&"
  case preIncrement = "++"
  case preDecrement = "--"
  case postIncrement = "post++"
  case postDecrement = "post--"

  /// True for the four operators that store to their operand.
  public var stores: Bool {
    switch self {
    case .preIncrement, .preDecrement, .postIncrement, .postDecrement: true
    default: false
    }
  }
}

public enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case add = "+"
  case subtract = "-"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case less = "<"
  case greater = ">"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case bitAnd = "&"
  case bitXor = "^"
  case bitOr = "|"
  case logicalAnd = "&&"
  case logicalOr = "||"

  /// True for relational and equality operators.
  public var isComparison: Bool {
    switch self {
    case .less, .greater, .lessOrEqual, .greaterOrEqual, .equal, .notEqual: true
    default: false
    }
  }
  public var isLogical: Bool { self == .logicalAnd || self == .logicalOr }

  /// The comparison with its sides exchanged; other operators as they are.
  public var mirrored: BinaryOperator {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: self
    }
  }
}

extension Expr {
  /// An `int` constant.
  public static func int(_ value: Int) -> Expr { integer(value, type: .int) }

  /// A constant of an integer type, spelled with the suffix its type needs; the least value of a signed type,
  /// which no literal has (§6.4.4.1), as `-2147483647 - 1`.
  public static func integer(_ value: Int, type: CType) -> Expr {
    if let own = type.integer, own.isSigned, own.width >= 32, value == Int.min >> (64 - own.width) {
      return Expr(.binary(.subtract, integer(value + 1, type: type), int(1)), type: type)
    }
    let suffix: String =
      switch type.integer?.kind {
      case .unsignedInt: "u"
      case .long: "l"
      case .unsignedLong: "ul"
      case .longLong: "ll"
      case .unsignedLongLong: "ull"
      default: ""
      }
    return Expr(.integer(value, text: "\(value)\(suffix)"), type: type)
  }

  /// A binary operation whose type follows from the usual arithmetic conversions (comparisons and
  /// logical operators give `int`; shifts the promoted left type; pointer arithmetic the pointer).
  public static func binary(_ op: BinaryOperator, _ left: Expr, _ right: Expr) -> Expr {
    let type: CType
    if op.isComparison || op.isLogical {
      type = .int
    } else if op == .shiftLeft || op == .shiftRight {
      type = left.type.promoted
    } else if left.type.isVector {
      type = left.type.unqualified
    } else if right.type.isVector {
      type = right.type.unqualified
    } else if let common = CType.usualArithmeticConversion(left.type, right.type) {
      type = common
    } else if left.type.isInteger {
      type = right.type.unqualified
    } else if right.type.isInteger {
      type = left.type.unqualified
    } else {
      type = .long  // pointer difference
    }
    return Expr(.binary(op, left, right), type: type)
  }

  public static func assign(_ target: Expr, _ value: Expr) -> Expr {
    Expr(.assign(nil, target, value), type: target.type.unqualified)
  }

  public static func compound(_ op: BinaryOperator, _ target: Expr, _ value: Expr) -> Expr {
    Expr(.assign(op, target, value), type: target.type.unqualified)
  }

  /// `base[index]`; `base` must have pointer or array type.
  public static func element(_ base: Expr, _ index: Expr) -> Expr {
    Expr(.subscriptOf(base, index), type: base.type.element ?? .unsupported("element"))
  }

  public static func negate(_ operand: Expr) -> Expr {
    Expr(.unary(.minus, operand), type: operand.type.promoted)
  }

  public static func cast(_ operand: Expr, to type: CType) -> Expr {
    Expr(.cast(operand), type: type)
  }

  /// The value when the expression is an integer constant expression built from constants.
  public var constantValue: Int? {
    switch kind {
    case .integer(let value, _): return value
    case .sizeOf(let value, _): return value
    case .unary(.minus, let operand):
      guard let value = operand.constantValue, type.integer?.isSigned == true else { return nil }
      let (result, overflow) = (0).subtractingReportingOverflow(value)
      return overflow ? nil : result
    case .unary(.plus, let operand): return operand.constantValue
    case .cast(let operand) where type.isInteger:
      guard let value = operand.constantValue, let target = type.integer else { return nil }
      return target.holds(value) ? value : nil
    case .binary(let op, let left, let right):
      guard let a = left.constantValue, let b = right.constantValue, let type = type.integer
      else { return nil }
      return type.evaluate(op, a, b)
    default: return nil
    }
  }
}

extension Expr {
  /// The value as an object of the type takes it on when it is initialised or assigned with it: a cast
  /// stands where the conversion may change it (C11 §6.5.16.1 ¶2, §6.3.1.3).
  public func asInitialValue(of type: CType) -> Expr {
    guard let target = type.integer, let source = self.type.integer else { return self }
    let isKept: Bool
    if let value = constantValue {
      isKept = target.holds(value)
    } else if source.isSigned == target.isSigned {
      isKept = target.width >= source.width && target.kind != .bool
    } else {
      isKept = target.isSigned && target.width > source.width
    }
    return isKept ? self : .cast(self, to: type.unqualified)
  }
}

extension IntegerType {
  /// Whether `value` is representable without conversion.
  public func holds(_ value: Int) -> Bool {
    if kind == .bool { return value == 0 || value == 1 }
    if width >= 64 { return isSigned || value >= 0 }
    return isSigned
      ? value >= -(1 << (width - 1)) && value < 1 << (width - 1)
      : value >= 0 && value < 1 << width
  }

  /// Evaluates where neither C nor 64-bit arithmetic overflows; nil otherwise.
  func evaluate(_ op: BinaryOperator, _ a: Int, _ b: Int) -> Int? {
    let (result, overflow): (Int, Bool)
    switch op {
    case .add: (result, overflow) = a.addingReportingOverflow(b)
    case .subtract: (result, overflow) = a.subtractingReportingOverflow(b)
    case .multiply: (result, overflow) = a.multipliedReportingOverflow(by: b)
    case .divide: (result, overflow) = b == 0 ? (0, true) : a.dividedReportingOverflow(by: b)
    case .remainder:
      (result, overflow) = b == 0 ? (0, true) : a.remainderReportingOverflow(dividingBy: b)
    case .shiftLeft where a >= 0 && b >= 0 && b < min(width, 63):
      (result, overflow) = a.multipliedReportingOverflow(by: 1 << b)
    case .shiftRight where a >= 0 && b >= 0 && b < width: (result, overflow) = (a >> b, false)
    case .bitAnd: (result, overflow) = (a & b, false)
    case .bitOr: (result, overflow) = (a | b, false)
    case .bitXor: (result, overflow) = (a ^ b, false)
    default: return nil
    }
    return !overflow && holds(result) ? result : nil
  }
}
