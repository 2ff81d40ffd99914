import KernelModel

/// The variables among which the updates of a scalar are divided.
struct Accumulators {
  let reduction: ScalarReduction
  /// In the order of the iterations; the scalar itself comes first where it is one of them.
  private var variables: [VariableID] = []
  /// Declares those that are new, with values that leave the result as it is.
  private(set) var declaration: Stmt
  /// Signed and narrow integers are added up and multiplied as unsigned ones of at least the width of
  /// `int`: modulo 2^n no partial result overflows, and the whole is the same.
  private let type: CType
  private let isModular: Bool

  /// As many as `count`; `function` receives those that are new.
  init(_ reduction: ScalarReduction, count: Int, in function: inout Function) {
    self.reduction = reduction
    let symbol = function[reduction.variable]
    let own = symbol.type.unqualified
    isModular = [.sum, .product].contains(reduction.operation) && own.isInteger
    var type = own
    if isModular, let promoted = own.promoted.integer {
      let unsigned = CType.integer(promoted.unsignedCounterpart)
      if unsigned != own.canonical { type = unsigned }
    }
    self.type = type
    let scalar = function.reference(reduction.variable)
    let initial: Expr =
      reduction.operation.isIdempotent
      ? scalar : .constant(reduction.operation == .product ? 1 : 0, of: type)
    let keepsScalar = type == own
    if keepsScalar { variables = [reduction.variable] }
    var declarators: [Declarator] = []
    for number in (keepsScalar ? 1 : 0)..<count {
      let variable = function.introduce("\(symbol.name)_\(number)", type: type)
      declarators.append(Declarator(variable: variable, initializer: initial))
      variables.append(variable)
    }
    declaration = Stmt(.declaration(declarators))
  }

  /// The statement of one iteration with the updates going to that iteration's accumulator; nil when
  /// opaque text stands against it.
  func moved(_ statement: Stmt, iteration: Int, in function: Function) -> Stmt? {
    let target = variables[iteration]
    guard isModular else { return statement.renaming([reduction.variable: target]) }
    let place = function.reference(target)
    return statement.rewritten { inner in
      guard case .expression(let expr) = inner.kind,
        ScalarUpdate(inner, of: reduction.variable, function[reduction.variable].type) != nil
      else { return inner }
      var copy = inner
      copy.kind = .expression(moved(expr, to: place))
      return copy
    }
  }

  private func moved(_ update: Expr, to place: Expr) -> Expr {
    switch update.kind {
    case .unary(let op, _): return Expr(.unary(op, place), type: place.type)
    case .assign(let op?, _, let value): return .compound(op, place, operand(value))
    case .assign(nil, let own, let value):
      if case .binary(let op, own, let right) = value.kind {
        return .compound(op, place, operand(right))
      }
      return .assign(place, along(value, place))
    default: return update
    }
  }

  private func along(_ value: Expr, _ place: Expr) -> Expr {
    switch value.kind {
    case .binary(let op, let left, let right) where value.mentions(of: reduction.variable) == 1:
      return left.mentions(of: reduction.variable) == 1
        ? .binary(op, along(left, place), operand(right))
        : .binary(op, operand(left), along(right, place))
    case .cast(let inner): return along(inner, place)
    default: return value.kind == .variable(reduction.variable) ? place : operand(value)
    }
  }

  /// A value that is brought in, converted in the text where C would compute in another type, or where
  /// the original converts nothing.
  private func operand(_ value: Expr) -> Expr {
    let isConverted =
      variables.contains(reduction.variable)
      ? CType.usualArithmeticConversion(type, value.type)?.canonical == type.canonical
      : value.asInitialValue(of: type) == value
    return isConverted ? value : .cast(value, to: type)
  }

  /// Statements that bring the partial results together in the scalar, in a tree.
  func combination(in function: Function) -> [Stmt] {
    let scalar = function.reference(reduction.variable)
    let places = variables.map(function.reference)
    guard let op = reduction.operation.combination else { return choices(places) }
    let own = scalar.type
    if variables.contains(reduction.variable) {
      if places.count == 2 { return [.expression(.compound(op, scalar, places[1]))] }
      return [.expression(.assign(scalar, .tree(op, places[...])))]
    }
    let whole = Expr.binary(op, .cast(scalar, to: type), .tree(op, places[...]))
    return [.expression(.assign(scalar, .cast(whole, to: own)))]
  }

  /// Minima or maxima of pairs, then of pairs of these.
  private func choices(_ places: [Expr]) -> [Stmt] {
    let relation: BinaryOperator = reduction.operation == .minimum ? .less : .greater
    var result: [Stmt] = []
    var distance = 1
    while distance < places.count {
      for index in stride(from: 0, to: places.count - distance, by: 2 * distance) {
        let (a, b) = (places[index], places[index + distance])
        result.append(.branch(.binary(relation, b, a), .expression(.assign(a, b))))
      }
      distance *= 2
    }
    return result
  }
}

extension Expr {
  /// The terms brought together in a tree of least height.
  static func tree(_ op: BinaryOperator, _ terms: ArraySlice<Expr>) -> Expr {
    if terms.count == 1, let only = terms.first { return only }
    let middle = terms.startIndex + (terms.count + 1) / 2
    return .binary(op, tree(op, terms[..<middle]), tree(op, terms[middle...]))
  }

  /// A small whole number as a constant of an arithmetic type.
  fileprivate static func constant(_ value: Int, of type: CType) -> Expr {
    switch type.floatingType {
    case .float: Expr(.floating(text: "\(value).0f"), type: type)
    case .double: Expr(.floating(text: "\(value).0"), type: type)
    case .longDouble: Expr(.floating(text: "\(value).0L"), type: type)
    case .half, nil: .int(value)
    }
  }
}
