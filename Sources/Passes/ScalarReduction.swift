import KernelModel

/// A scalar that some statements bring values into by one associative and commutative operation, and do
/// nothing else with.
struct ScalarReduction {
  enum Operation: Hashable {
    case sum, product, bitAnd, bitOr, bitXor, minimum, maximum
  }
  let variable: VariableID
  let operation: Operation

  /// Nil when the statement uses the scalar otherwise, or when others may see or share it.
  init?(of variable: VariableID, in statement: Stmt, _ function: Function) {
    let symbol = function[variable]
    let own: Set<Symbol.Storage> = [.local, .introduced, .parameter]
    guard own.contains(symbol.storage), symbol.type.isArithmetic,
      symbol.type.integer?.kind != .bool,
      symbol.type.qualifiers.isDisjoint(with: [.volatile, .atomic]),
      !function.body.takesAddress(of: variable),
      !function.symbols.values.contains(where: { $0.type.mentions(variable) })
    else { return nil }
    var operations: Set<Operation> = []
    var mentions = 0
    var isIterator = false
    statement.walk { inner in
      if inner.asLoop?.counted?.variable == variable { isIterator = true }
      guard let update = ScalarUpdate(inner, of: variable, symbol.type) else { return }
      operations.insert(update.operation)
      mentions += inner.mentions(of: variable)
    }
    guard let operation = operations.first, operations.count == 1, !isIterator,
      statement.mentions(of: variable) == mentions
    else { return nil }
    self.variable = variable
    self.operation = operation
  }

  /// Whether the order of the updates leaves the result as it is: floating-point operations round, and
  /// a minimum of them depends on the place of a NaN or of a zero's sign.
  func isExact(in function: Function) -> Bool { function[variable].type.isInteger }

  /// Scalars from outside a loop whose old value an iteration may read.
  static func carried(by loop: Loop) -> [VariableID] {
    loop.body.storedVariables.subtracting(loop.body.declaredVariables).sorted().filter {
      loop.body.firstUse(of: $0) == .read
    }
  }
}

/// One update of a scalar: a statement that combines it with a value that does not depend on it.
struct ScalarUpdate {
  let operation: ScalarReduction.Operation

  /// Nil when the statement, as it stands, is no update of the scalar of that type.
  init?(_ statement: Stmt, of variable: VariableID, _ type: CType) {
    let found: ScalarReduction.Operation?
    switch statement.kind {
    case .expression(let expr): found = Self.operation(expr, variable, type)
    case .branch(let test, let then, nil):
      guard case .expression(let expr)? = then.statements.first?.kind, then.statements.count == 1,
        case .assign(nil, let target, let value) = expr.kind, target.kind == .variable(variable)
      else { return nil }
      found = Self.choice(test, taking: value, of: variable, type)
    default: return nil
    }
    guard let found else { return nil }
    operation = found
  }

  private static func operation(_ expr: Expr, _ variable: VariableID, _ type: CType)
    -> ScalarReduction.Operation?
  {
    switch expr.kind {
    case .unary(let op, let target) where op.stores && target.kind == .variable(variable):
      return .sum
    case .assign(let op?, let target, let value) where target.kind == .variable(variable):
      guard value.mentions(of: variable) == 0, !type.isInteger || value.type.isInteger else {
        return nil
      }
      return ScalarReduction.Operation(op)
    case .assign(nil, let target, let value) where target.kind == .variable(variable):
      if case .cast(let inner) = value.kind, value.type.canonical == type.canonical {
        return along(inner, to: variable, type)
      }
      return along(value, to: variable, type) ?? minimumOrMaximum(value, of: variable, type)
    default: return nil
    }
  }

  /// The one operation of all nodes from an expression down to the scalar, which stands in it once.
  private static func along(_ value: Expr, to variable: VariableID, _ type: CType)
    -> ScalarReduction.Operation?
  {
    guard case .binary(let op, let left, let right) = value.kind,
      let operation = ScalarReduction.Operation(op), value.mentions(of: variable) == 1,
      !type.isInteger || value.type.isInteger
    else { return nil }
    let isLeft = left.mentions(of: variable) == 1
    guard isLeft || op != .subtract else { return nil }
    let next = isLeft ? left : right
    if next.kind == .variable(variable) { return operation }
    return along(next, to: variable, type) == operation ? operation : nil
  }

  /// `x < e ? x : e`, `fmin(x, e)`, and the like.
  private static func minimumOrMaximum(_ value: Expr, of variable: VariableID, _ type: CType)
    -> ScalarReduction.Operation?
  {
    switch value.kind {
    case .conditional(let test, let yes, let no):
      if no.kind == .variable(variable) { return choice(test, taking: yes, of: variable, type) }
      guard yes.kind == .variable(variable) else { return nil }
      switch choice(test, taking: no, of: variable, type) {
      case .minimum: return .maximum
      case .maximum: return .minimum
      default: return nil
      }
    case .call(let name, let operands, _):
      guard operands.count == 2, value.mentions(of: variable) == 1,
        operands.contains(where: { $0.kind == .variable(variable) }),
        value.type.canonical == type.canonical
      else { return nil }
      if ["fmin", "fminf", "fminl"].contains(name) { return .minimum }
      return ["fmax", "fmaxf", "fmaxl"].contains(name) ? .maximum : nil
    default: return nil
    }
  }

  /// What becomes of the scalar when it takes the value wherever the test holds.
  private static func choice(
    _ test: Expr, taking value: Expr, of variable: VariableID, _ type: CType
  ) -> ScalarReduction.Operation? {
    guard case .binary(let op, let left, let right) = test.kind, value.mentions(of: variable) == 0,
      !value.hasEffects, value.type.canonical == type.canonical || isKept(value, in: type)
    else { return nil }
    let isFirst = left.key == value.key && right.kind == .variable(variable)
    guard isFirst || (left.kind == .variable(variable) && right.key == value.key) else {
      return nil
    }
    switch op {
    case .less, .lessOrEqual: return isFirst ? .minimum : .maximum
    case .greater, .greaterOrEqual: return isFirst ? .maximum : .minimum
    default: return nil
    }
  }

  /// Whether an integer's value survives the conversion to the type.
  private static func isKept(_ value: Expr, in type: CType) -> Bool {
    value.type.isInteger && type.isInteger && value.asInitialValue(of: type) == value
  }
}

extension ScalarReduction.Operation {
  /// Differences count as sums.
  init?(_ op: BinaryOperator) {
    switch op {
    case .add, .subtract: self = .sum
    case .multiply: self = .product
    case .bitAnd: self = .bitAnd
    case .bitOr: self = .bitOr
    case .bitXor: self = .bitXor
    default: return nil
    }
  }

  /// The operator that brings two partial results together; nil for a minimum and a maximum.
  var combination: BinaryOperator? {
    switch self {
    case .sum: .add
    case .product: .multiply
    case .bitAnd: .bitAnd
    case .bitOr: .bitOr
    case .bitXor: .bitXor
    case .minimum, .maximum: nil
    }
  }

  /// Whether a value that is brought in twice changes nothing.
  var isIdempotent: Bool { ![.sum, .product, .bitXor].contains(self) }
}
