import KernelModel

/// A value for each lane: one scalar for all, or a vector.
struct Lanes {
  var expr: Expr
  /// The scalar type in each lane.
  var type: CType
  var isVector: Bool
  init(_ expr: Expr, _ type: CType, isVector: Bool) {
    self.expr = expr
    self.type = type.unqualified
    self.isVector = isVector
  }
}

extension Lanes {
  /// Whether all bits of every lane are zero.
  var isZero: Bool { !isVector && (expr.constantValue == 0 || expr.isPositiveZero) }
}

extension VectorBody {
  /// Whether the value may differ between lanes.
  func isVarying(_ expr: Expr) -> Bool {
    let mentioned = expr.mentionedVariables
    return mentioned.contains(iterator) || !mentioned.isDisjoint(with: varying)
  }

  mutating func vectorType(_ type: CType) throws(VectorObstacle) -> CType {
    guard let vector = types.vector(of: type, in: &function) else {
      throw VectorObstacle(reason: "there is no vector of this element type: \(type.canonical.tag)")
    }
    return vector
  }

  /// The expression's value in every lane. A speculated one is computed in lanes that the original
  /// does not compute it in, so it must not fault.
  mutating func evaluate(_ expr: Expr, speculated: Bool) throws(VectorObstacle) -> Lanes {
    guard isVarying(expr) else {
      guard !expr.hasEffects else { throw VectorObstacle(reason: "an operand has effects") }
      guard !speculated || expr.isSafeToSpeculate || loaded.contains(expr.key) else {
        throw VectorObstacle(reason: "an operand under a condition may fault")
      }
      // What every lane has computed by then may be computed again in any of them.
      if !speculated { loaded.insert(expr.key) }
      return Lanes(expr, expr.type, isVector: false)
    }
    switch expr.kind {
    case .variable(let variable): return try variableValue(variable, expr)
    case .subscriptOf, .member, .unary(.dereference, _): return try load(expr, speculated)
    case .unary(let op, let operand): return try unary(op, operand, speculated)
    case .binary(let op, let left, let right):
      if op.isComparison || op.isLogical { return try truth(expr, speculated) }
      return try binary(
        op, evaluate(left, speculated: speculated), evaluate(right, speculated: speculated),
        speculated: speculated)
    case .conditional(let condition, let then, let otherwise):
      return try conditional(expr, condition, then, otherwise, speculated)
    case .cast(let operand):
      guard expr.type.isArithmetic, operand.type.isArithmetic else {
        throw VectorObstacle(reason: "a pointer conversion has no vector form")
      }
      let value = try evaluate(operand, speculated: speculated)
      if speculated, operand.type.isFloating, expr.type.isInteger {
        throw VectorObstacle(reason: "a conversion under a condition may be undefined")
      }
      return try converted(value, to: expr.type)
    case .call(let name, let arguments, .const):
      return try call(expr, name, arguments, speculated)
    default: throw VectorObstacle(reason: "an expression has no vector form")
    }
  }

  private mutating func variableValue(_ variable: VariableID, _ expr: Expr)
    throws(VectorObstacle) -> Lanes
  {
    if variable == iterator {
      let type = try vectorType(expr.type)
      let steps = (0..<lanes).map { InitializerElement(value: .int($0)) }
      let offsets = Expr(.compoundLiteral(steps), type: type)
      return Lanes(Expr(.binary(.add, expr, offsets), type: type), expr.type, isVector: true)
    }
    guard let vector = vectors[variable] else {
      throw VectorObstacle(reason: "'\(function[variable].name)' is used before its declaration")
    }
    return Lanes(function.reference(vector), expr.type, isVector: true)
  }

  // MARK: Memory

  /// By how many elements the lvalue's place moves from lane to lane; nil when that is not one
  /// number.
  func step(of lvalue: Expr) -> IndexForm? {
    switch lvalue.kind {
    case .subscriptOf(let base, let index): return isVarying(base) ? nil : step(ofIndex: index)
    case .unary(.dereference, let pointer):
      guard case .binary(.add, let base, let index) = pointer.kind, base.type.element != nil,
        !isVarying(base)
      else { return nil }
      return step(ofIndex: index)
    default: return nil
    }
  }

  private func step(ofIndex index: Expr) -> IndexForm? {
    guard index.mentionedVariables.isDisjoint(with: varying) else { return nil }
    let form = IndexForm(index)
    return form.mayWrap ? nil : form.coefficient(of: iterator)
  }

  /// The `lanes` elements from an lvalue on, as one vector lvalue.
  mutating func wide(_ lvalue: Expr, isConst: Bool) throws(VectorObstacle) -> Expr {
    let vector = try vectorType(lvalue.type)
    let pointee = isConst ? CType.qualified(.const, vector) : vector
    let address = Expr(
      .unary(.addressOf, lvalue), type: .pointer(PointerType(to: lvalue.type)))
    let pointer = Expr.cast(address, to: .pointer(PointerType(to: pointee)))
    return Expr(.unary(.dereference, pointer), type: vector)
  }

  private mutating func load(_ lvalue: Expr, _ speculated: Bool) throws(VectorObstacle) -> Lanes {
    guard lvalue.type.isArithmetic, !lvalue.type.qualifiers.contains(.volatile) else {
      throw VectorObstacle(reason: "an operand is no arithmetic value")
    }
    guard !speculated || loaded.contains(lvalue.key) else {
      throw VectorObstacle(reason: "a load under a condition may fault")
    }
    if !speculated { loaded.insert(lvalue.key) }
    if step(of: lvalue)?.constant == 1 {
      return Lanes(try wide(lvalue, isConst: true), lvalue.type, isVector: true)
    }
    return try gathered(lvalue)
  }

  /// A vector put together from scalar evaluations.
  private mutating func gathered(_ expr: Expr) throws(VectorObstacle) -> Lanes {
    guard !expr.hasEffects else { throw VectorObstacle(reason: "an operand has effects") }
    let type = try vectorType(expr.type)
    var elements: [InitializerElement] = []
    for lane in 0..<lanes {
      elements.append(InitializerElement(value: try scalar(expr, lane: lane)))
    }
    return Lanes(Expr(.compoundLiteral(elements), type: type), expr.type, isVector: true)
  }

  /// The expression as one lane evaluates it.
  func scalar(_ expr: Expr, lane: Int) throws(VectorObstacle) -> Expr {
    if case .variable(let variable) = expr.kind {
      if variable == iterator { return lane == 0 ? expr : shifted(expr, lane) }
      guard varying.contains(variable) else { return expr }
      guard let vector = vectors[variable] else {
        throw VectorObstacle(reason: "'\(function[variable].name)' is used before its declaration")
      }
      return try extracted(function.reference(vector), lane, type: expr.type)
    }
    if case .opaque = expr.kind, isVarying(expr) {
      throw VectorObstacle(reason: "an expression is not modelled")
    }
    return try expr.mapChildren { (child) throws(VectorObstacle) in
      try scalar(child, lane: lane)
    }
  }

  private func shifted(_ iterator: Expr, _ lane: Int) -> Expr {
    let sum = Expr.binary(.add, iterator, .int(lane))
    return sum.type.canonical == iterator.type.canonical ? sum : .cast(sum, to: iterator.type)
  }

  func extracted(_ vector: Expr, _ lane: Int, type: CType) throws(VectorObstacle) -> Expr {
    Expr(.subscriptOf(vector, .int(lane)), type: type.unqualified)
  }

  /// A name for an expression that is needed more than once.
  mutating func named(_ expr: Expr, _ stem: String) throws(VectorObstacle) -> Expr {
    if case .variable = expr.kind { return expr }
    let variable = function.introduce(stem, type: expr.type)
    prelude.append(.declare(variable, expr))
    return function.reference(variable)
  }

  // MARK: Conversions

  /// The value converted as by assignment to the type.
  mutating func converted(_ value: Lanes, to type: CType) throws(VectorObstacle) -> Lanes {
    guard value.type.canonical != type.canonical else { return value }
    guard type.isArithmetic, value.type.isArithmetic else {
      throw VectorObstacle(reason: "a pointer has no vector form")
    }
    guard value.isVector else {
      let isPlain =
        value.expr.constantValue != nil
        && type.integer?.holds(value.expr.constantValue ?? 0) == true
      return Lanes(isPlain ? value.expr : .cast(value.expr, to: type), type, isVector: false)
    }
    let target = try vectorType(type)
    return Lanes(convert(value.expr, to: target), type, isVector: true)
  }

  func convert(_ vector: Expr, to target: CType) -> Expr {
    let name = Expr(.opaque(text: "", mentions: []), type: target, spelling: targetName(target))
    return Expr(.call("__builtin_convertvector", [vector, name], purity: .const), type: target)
  }

  private func targetName(_ type: CType) -> String {
    if case .named(let name, _) = type { name } else { "\(type)" }
  }

  /// The value as a vector.
  mutating func splat(_ value: Lanes) throws(VectorObstacle) -> Expr {
    if value.isVector { return value.expr }
    let type = try vectorType(value.type)
    let zero = Expr(.compoundLiteral([InitializerElement(value: .int(0))]), type: type)
    if value.isZero { return zero }
    // x - 0 is x for every x, -0.0 included; x + 0 would turn -0.0 into 0.0.
    return Expr(.binary(.subtract, value.expr, zero), type: type)
  }

  // MARK: Operators

  private mutating func unary(_ op: UnaryOperator, _ operand: Expr, _ speculated: Bool)
    throws(VectorObstacle) -> Lanes
  {
    switch op {
    case .not: return try truth(Expr(.unary(op, operand), type: .int), speculated)
    case .plus, .minus, .complement:
      let type = operand.type.promoted
      let value = try converted(evaluate(operand, speculated: speculated), to: type)
      return Lanes(Expr(.unary(op, value.expr), type: value.expr.type), type, isVector: true)
    default: throw VectorObstacle(reason: "'\(op.rawValue)' has no vector form")
    }
  }

  mutating func binary(_ op: BinaryOperator, _ left: Lanes, _ right: Lanes, speculated: Bool)
    throws(VectorObstacle) -> Lanes
  {
    let isShift = op == .shiftLeft || op == .shiftRight
    guard
      let type = isShift
        ? left.type.promoted : CType.usualArithmeticConversion(left.type, right.type)
    else { throw VectorObstacle(reason: "pointer arithmetic has no vector form") }
    if speculated, op == .divide || op == .remainder, type.isInteger {
      throw VectorObstacle(reason: "a division under a condition may fault")
    }
    if speculated, isShift, right.expr.constantValue == nil {
      throw VectorObstacle(reason: "a shift under a condition may be undefined")
    }
    var a = try converted(left, to: type)
    var b = try converted(right, to: type)
    if op == .add || op == .subtract, a.isVector != b.isVector {
      (a, b) = (try withProductInLanes(a), try withProductInLanes(b))
    }
    guard a.isVector || b.isVector else {
      return Lanes(.binary(op, a.expr, b.expr), type, isVector: false)
    }
    let vector = try vectorType(type)
    // Sums and products that only some lanes need are taken modulo 2^n, so that they cannot overflow.
    if speculated, let integer = type.integer, integer.isSigned,
      [.add, .subtract, .multiply, .shiftLeft].contains(op)
    {
      let wrapping = try vectorType(.integer(integer.unsignedCounterpart))
      let x = Expr.cast(try splat(a), to: wrapping)
      let y = Expr.cast(try splat(b), to: wrapping)
      let result = Expr(.binary(op, x, y), type: wrapping)
      return Lanes(.cast(result, to: vector), type, isVector: true)
    }
    return Lanes(Expr(.binary(op, a.expr, b.expr), type: vector), type, isVector: true)
  }

  /// A floating product that is the same for all lanes, made in every lane: whether it is fused with
  /// the sum that it feeds must not depend on where it is computed.
  mutating func withProductInLanes(_ value: Lanes) throws(VectorObstacle) -> Lanes {
    guard !value.isVector, value.type.isFloating else { return value }
    let type = try vectorType(value.type)
    switch value.expr.kind {
    case .binary(.multiply, let x, let y):
      let first = try converted(Lanes(x, x.type, isVector: false), to: value.type)
      let second = try converted(Lanes(y, y.type, isVector: false), to: value.type)
      let product = Expr(.binary(.multiply, try splat(first), second.expr), type: type)
      return Lanes(product, value.type, isVector: true)
    case .unary(.minus, let operand):
      let inner = try withProductInLanes(Lanes(operand, operand.type, isVector: false))
      guard inner.isVector else { return value }
      return Lanes(Expr(.unary(.minus, inner.expr), type: type), value.type, isVector: true)
    default: return value
    }
  }

  private mutating func call(
    _ expr: Expr, _ name: String, _ arguments: [Expr], _ speculated: Bool
  ) throws(VectorObstacle) -> Lanes {
    guard !speculated || Expr.isTotalFunction(name) else {
      throw VectorObstacle(reason: "a call of '\(name)' under a condition may fault")
    }
    if ["fabs", "fabsf", "__builtin_fabs", "__builtin_fabsf"].contains(name),
      arguments.count == 1, expr.type.isFloating,
      expr.type.canonical == arguments[0].type.canonical,
      let bits = expr.type.maskElement
    {
      let value = try evaluate(arguments[0], speculated: speculated)
      let integers = try vectorType(bits)
      let magnitude = Expr(
        .integer(.max, text: expr.type.byteSize == 4 ? "0x7fffffff" : "0x7fffffffffffffff"),
        type: bits)
      let masked = Expr(
        .binary(.bitAnd, .cast(value.expr, to: integers), magnitude), type: integers)
      return Lanes(.cast(masked, to: try vectorType(expr.type)), expr.type, isVector: true)
    }
    var copy: [Expr] = []
    for (index, argument) in arguments.enumerated() {
      let value = try evaluate(argument, speculated: speculated)
      guard value.isVector else {
        copy.append(argument)
        continue
      }
      let variable = try named(value.expr, "argument\(index == 0 ? "" : "\(index)")")
      copy.append(Expr(variable.kind, type: argument.type))
    }
    var elements: [InitializerElement] = []
    for lane in 0..<lanes {
      var inLane: [Expr] = []
      for (index, argument) in copy.enumerated() {
        inLane.append(
          isVarying(arguments[index])
            ? try extracted(argument, lane, type: arguments[index].type) : argument)
      }
      elements.append(
        InitializerElement(value: Expr(.call(name, inLane, purity: .const), type: expr.type)))
    }
    let type = try vectorType(expr.type)
    return Lanes(Expr(.compoundLiteral(elements), type: type), expr.type, isVector: true)
  }
}

extension Expr {
  /// Whether the text is a positive floating zero.
  var isPositiveZero: Bool {
    guard case .floating(let text) = kind else { return false }
    return Double(text.trimmingSuffix("fFlL")) == 0
  }

  /// Whether evaluation can neither fault nor be undefined, whatever the operands hold.
  var isSafeToSpeculate: Bool {
    if hasEffects || readsMemory { return false }
    return !contains { node in
      switch node.kind {
      case .binary(let op, _, let right):
        guard let integer = node.type.integer, !op.isComparison, !op.isLogical else { return false }
        if node.constantValue != nil { return false }
        switch op {
        case .divide, .remainder: return (right.constantValue ?? 0) <= 0
        case .shiftLeft:
          return integer.isSigned || !(0..<integer.width).contains(right.constantValue ?? -1)
        case .shiftRight: return !(0..<integer.width).contains(right.constantValue ?? -1)
        case .add, .subtract, .multiply: return integer.isSigned
        default: return false
        }
      case .unary(.minus, _):
        return node.constantValue == nil && node.type.integer?.isSigned == true
      case .cast(let operand): return operand.type.isFloating && node.type.isInteger
      case .call(let name, _, _): return !Self.isTotalFunction(name)
      default: return false
      }
    }
  }

  /// Whether the name is that of a function of the C library that is defined for all arguments; what
  /// else is called may divide by zero or not end.
  static func isTotalFunction(_ name: String) -> Bool {
    let plain = name.hasPrefix("__builtin_") ? String(name.dropFirst(10)) : name
    return totalFunctions.contains(plain)
      || (plain.hasSuffix("f") && totalFunctions.contains(String(plain.dropLast())))
  }

  private static let totalFunctions: Set<String> = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos",
    "cosh", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor", "fma", "fmax", "fmin",
    "fmod", "hypot", "log", "log10", "log1p", "log2", "nearbyint", "pow", "remainder", "rint",
    "round", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
  ]
}

extension String {
  func trimmingSuffix(_ letters: String) -> String {
    var text = self
    while let last = text.last, letters.contains(last) { text.removeLast() }
    return text
  }
}
