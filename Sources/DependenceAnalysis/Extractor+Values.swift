import KernelModel

// Values of expressions: every read and write met on the way goes to `sink`.
extension Extractor {
  /// The value of an expression; records its accesses and applies its stores to `values`.
  @discardableResult
  func evaluate(_ expr: Expr) -> Value {
    switch expr.kind {
    case .integer(let value, _): return .integer(Polynomial(value))
    case .sizeOf(let value, _): return value.map { .integer(Polynomial($0)) } ?? unknown(expr.type)
    case .floating, .string, .function: return .other
    case .variable, .subscriptOf, .member, .unary(.dereference, _): return load(expr)
    case .unary(.addressOf, let operand):
      if case .function = operand.kind { return .other }
      return .pointer(place(of: operand))
    case .unary(let op, let operand) where op.stores: return step(op, operand)
    case .unary(let op, let operand): return unary(op, operand, expr)
    case .binary(let op, let left, let right): return binary(op, left, right, expr)
    case .assign(let op, let target, let value): return assign(op, target, value)
    case .conditional(let condition, let yes, let no):
      return choose(condition, yes, no, expr.type)
    case .call(let name, let arguments, let purity):
      return call(name, arguments, purity, expr.type)
    case .indirectCall(let callee, let arguments):
      evaluate(callee)
      return call("", arguments, .effects, expr.type)
    case .cast(let operand): return converted(evaluate(operand), from: operand.type, to: expr.type)
    case .comma(let left, let right):
      evaluate(left)
      return evaluate(right)
    case .initializer(let elements), .compoundLiteral(let elements):
      for element in elements { evaluate(element.value) }
      return unknown(expr.type)
    case .opaque(_, let mentions):
      touchEverything(writes: true)
      forget(Set(mentions))
      return unknown(expr.type)
    }
  }

  func unknown(_ type: CType) -> Value { freshValue(of: type) }

  /// The integer value, when the expression has one.
  func integer(_ expr: Expr) -> Polynomial {
    if case .integer(let value) = evaluate(expr) { return value }
    return fresh()
  }

  // MARK: Operators

  private func unary(_ op: UnaryOperator, _ operand: Expr, _ expr: Expr) -> Value {
    let value = evaluate(operand)
    guard case .integer(let polynomial) = value else { return unknown(expr.type) }
    switch op {
    case .plus: return value
    case .minus: return .integer(wrapped(-polynomial, expr.type))
    case .not, .complement:
      return expr.type.isInteger ? .integer(function(op.rawValue, [polynomial])) : .other
    default: return unknown(expr.type)
    }
  }

  private func binary(
    _ op: BinaryOperator, _ left: Expr, _ right: Expr, _ expr: Expr
  ) -> Value {
    if op.isLogical {
      let a = evaluate(left)
      let b = conditionally { evaluate(right) }
      if case .integer(let x) = a, case .integer(let y) = b {
        return .integer(function(op.rawValue, [x, y]))
      }
      return .integer(fresh())
    }
    let a = evaluate(left)
    let b = evaluate(right)
    switch (a, b) {
    case (.integer(let x), .integer(let y)):
      return arithmetic(op, x, y, left.type, right.type, expr.type)
    case (.pointer(let location), .integer(let count)) where op == .add:
      return .pointer(location.advanced(by: count, isLoose: !left.type.isArray))
    case (.integer(let count), .pointer(let location)) where op == .add:
      return .pointer(location.advanced(by: count, isLoose: !right.type.isArray))
    case (.pointer(let location), .integer(let count)) where op == .subtract:
      return .pointer(location.advanced(by: -count, isLoose: true))
    default: return unknown(expr.type)
    }
  }

  private func arithmetic(
    _ op: BinaryOperator, _ x: Polynomial, _ y: Polynomial, _ left: CType, _ right: CType,
    _ type: CType
  ) -> Value {
    guard type.isInteger else { return unknown(type) }
    switch op {
    case .add: return .integer(wrapped(x + y, type))
    case .subtract: return .integer(wrapped(x - y, type))
    case .multiply: return .integer(wrapped(x * y, type))
    case .shiftLeft:
      if let amount = y.constant, (0..<31).contains(amount) {
        return .integer(wrapped(x * Polynomial(1 << amount), type))
      }
    case .divide:
      if let divisor = y.constant, divisor > 0 { return .integer(quotient(x, divisor)) }
    case .remainder:
      if let divisor = y.constant, divisor > 0 {
        return .integer(
          x.constant.map { Polynomial($0 % divisor) } ?? Polynomial(.remainder(x, divisor)))
      }
    case .shiftRight:
      if let amount = y.constant, (0..<31).contains(amount), isNonNegative(x) {
        return .integer(quotient(x, 1 << amount))
      }
    case .bitAnd:
      if let mask = y.constant, mask >= 0, mask & (mask &+ 1) == 0, mask < 1 << 30,
        isNonNegative(x)
      {
        return .integer(Polynomial(.remainder(x, mask + 1)))
      }
    default: break
    }
    return .integer(function(op.rawValue, [x, y]))
  }

  private func quotient(_ x: Polynomial, _ divisor: Int) -> Polynomial {
    if divisor == 1 { return x }
    if let value = x.constant { return Polynomial(value / divisor) }
    return Polynomial(.quotient(x, divisor))
  }

  func function(_ name: String, _ arguments: [Polynomial]) -> Polynomial {
    Polynomial(.function(name, arguments))
  }

  /// A result as its type holds it. 64-bit values are taken as unbounded: a loop or subscript that
  /// wraps there does not end or stay inside an object. Narrower unsigned values (and signed ones
  /// under `-fwrapv`) that may fall below the type's range become functions that nothing is known
  /// of; that they do not exceed it is an assumption that travels with every answer.
  private func wrapped(_ value: Polynomial, _ type: CType) -> Polynomial {
    guard let integer = type.integer, integer.width < 64, value.constant == nil else {
      return value
    }
    if integer.isSigned {
      return wrapsSignedOverflow && !isWithinRange(value, integer)
        ? function("wrap\(integer.width)", [value]) : value
    }
    return toUnsigned(value, integer.width)
  }

  private func isWithinRange(_ value: Polynomial, _ type: IntegerType) -> Bool {
    let limit = 1 << (type.width - 1)
    let known = knownConditions + inputRanges(value)
    return prover.isAlwaysTrue(.nonNegative(value + limit), given: known)
      && prover.isAlwaysTrue(.nonNegative(Polynomial(limit - 1) - value), given: known)
  }

  /// What the types of up to 32 bits say about inputs that bound the value.
  private func inputRanges(_ value: Polynomial) -> [Condition] {
    var inputs: Set<VariableID> = []
    for polynomial in [value] + knownConditions.flatMap(\.polynomials) {
      polynomial.collectInputs(&inputs)
    }
    return inputs.map { Polynomial(.input($0)) }.sorted { $0.key < $1.key }.flatMap {
      input -> [Condition] in
      guard case .input(let variable)? = input.terms.first?.monomial.factors.first,
        let type = function[variable].type.integer, type.width <= 32
      else { return [] }
      let lowest = type.isSigned ? -(1 << (type.width - 1)) : 0
      let highest = (1 << (type.isSigned ? type.width - 1 : type.width)) - 1
      return [.nonNegative(input - lowest), .nonNegative(Polynomial(highest) - input)]
    }
  }

  /// A signed value in an unsigned type: itself when it is never negative, else a value of which
  /// only that much is known.
  func toUnsigned(_ value: Polynomial, _ width: Int) -> Polynomial {
    if isNonNegative(value) { return value }
    let atom = Atom.function("u\(width)", [value])
    if unsignedAtoms.insert(atom).inserted, isParameter(value) {
      conversionConditions.append(
        .any([.nonNegative(-value - 1), .zero(Polynomial(atom) - value)]))
    }
    return Polynomial(atom)
  }

  var knownConditions: [Condition] {
    contextConditions + activeConditions + innerConditions + typeConditions
  }

  /// What follows from types alone.
  var typeConditions: [Condition] {
    // Both only grow while a function is walked.
    if nonNegativeAtoms.count != unsignedAtoms.count {
      nonNegativeAtoms = unsignedAtoms.map { Monomial(factors: [$0]) }
        .sorted { $0.key < $1.key }.map { .nonNegative(Polynomial([($0, 1)])) }
    }
    return nonNegativeAtoms + conversionConditions
  }

  func isNonNegative(_ value: Polynomial) -> Bool {
    if let constant = value.constant { return constant >= 0 }
    let isPlain = value.terms.allSatisfy { term in
      term.factor >= 0 && term.monomial.factors.allSatisfy { unsignedAtoms.contains($0) }
    }
    return isPlain || prover.isAlwaysTrue(.nonNegative(value), given: knownConditions)
  }

  /// The value without minima and maxima that what is known decides.
  func simplified(_ value: Polynomial, given known: [Condition]) -> Polynomial {
    var result = value
    for atom in value.atoms.sorted(by: { $0.key < $1.key }) {
      let (least, greatest): (Polynomial, Polynomial)
      switch atom {
      case .minimum(let a, let b): (least, greatest) = (a, b)
      case .maximum(let a, let b): (least, greatest) = (b, a)
      default: continue
      }
      if prover.isAlwaysTrue(.lessOrEqual(least, greatest), given: known) {
        result = result.replacing(atom, with: atom.arguments[0])
      } else if prover.isAlwaysTrue(.lessOrEqual(greatest, least), given: known) {
        result = result.replacing(atom, with: atom.arguments[1])
      }
    }
    return result
  }

  /// A value after conversion to another type.
  func converted(_ value: Value, from source: CType, to target: CType) -> Value {
    switch value {
    case .integer(let polynomial):
      guard let to = target.integer else { return unknown(target) }
      guard let from = source.integer else { return .integer(fresh()) }
      if from == to || to.holdsAll(of: from) { return value }
      if to.kind == .bool { return .integer(function("bool", [polynomial])) }
      if let constant = polynomial.constant, to.holds(constant) { return value }
      // Subscripts compute modulo 2^64, where a negative value and its image are one; comparisons
      // look at the sign themselves.
      if to.width >= 64 { return value }
      if !from.isSigned && to.width >= from.width { return value }
      let narrows = to.width < from.width
      if narrows, !isWithinRange(polynomial, to) {
        return .integer(function("to\(to.kind.rawValue)", [polynomial]))
      }
      return to.isSigned ? value : .integer(toUnsigned(polynomial, to.width))
    case .pointer(let location):
      guard target.isPointer else { return unknown(target) }
      return .pointer(reinterpreted(location, from: source, to: target))
    case .other: return unknown(target)
    }
  }

  /// A pointer read as one to another type: places stay known only while the size is the same.
  private func reinterpreted(
    _ location: Location, from source: CType, to target: CType
  ) -> Location {
    guard let a = source.element, let b = target.element else { return location }
    if a.unqualified.canonical == b.unqualified.canonical { return location }
    if let x = byteSize(a), let y = byteSize(b), x == y, a.isScalar, b.isScalar { return location }
    if case .void = b.canonical { return location }
    return Location(object: location.object)
  }

  func byteSize(_ type: CType) -> Int? {
    switch type.canonical {
    case .integer(let integer): max(1, integer.width / 8)
    case .floating(let floating): floating.size
    case .pointer: 8
    case .vector(let element, let lanes): byteSize(element).map { $0 * lanes }
    case .record(let reference): function.records[reference]?.size
    default: nil
    }
  }

  // MARK: Control inside expressions

  /// Runs what may not be evaluated; values that it changes are unknown afterwards.
  @discardableResult
  func conditionally(_ body: () -> Value) -> Value {
    let before = values
    conditionalDepth += 1
    let value = body()
    conditionalDepth -= 1
    join(before)
    return value
  }

  /// Keeps what holds on both of two paths.
  func join(_ other: [VariableID: Value]) {
    let changed = Set(values.keys).union(other.keys).filter { values[$0] != other[$0] }
    forget(changed)
  }

  private func choose(_ condition: Expr, _ yes: Expr, _ no: Expr, _ type: CType) -> Value {
    let chosen = self.condition(condition)
    let before = values
    conditionalDepth += 1
    let a = evaluate(yes)
    let afterYes = values
    values = before
    let b = evaluate(no)
    join(afterYes)
    conditionalDepth -= 1
    guard a != b else { return a }
    guard type.isInteger, case .integer(let x) = a, case .integer(let y) = b else {
      return unknown(type)
    }
    if case .nonNegative(let difference)? = chosen {
      // `a < b ? a : b` and its variants, equality included.
      if difference == y - x || difference == y - x - 1 { return .integer(minimum(x, y)) }
      if difference == x - y || difference == x - y - 1 { return .integer(maximum(x, y)) }
    }
    return .integer(fresh())
  }

  func minimum(_ a: Polynomial, _ b: Polynomial) -> Polynomial {
    if let difference = (a - b).constant { return difference <= 0 ? a : b }
    return Polynomial(.minimum(a, b))
  }

  func maximum(_ a: Polynomial, _ b: Polynomial) -> Polynomial {
    if let difference = (a - b).constant { return difference >= 0 ? a : b }
    return Polynomial(.maximum(a, b))
  }

  private func call(
    _ name: String, _ arguments: [Expr], _ purity: Purity, _ type: CType
  ) -> Value {
    let evaluated = arguments.map { evaluate($0) }
    switch purity {
    case .const: break
    case .readsMemory: touchEverything(writes: false)
    case .effects:
      touchEverything(writes: true)
      forget(Set(shared.filter { function[$0].type.isScalar }))
    }
    guard type.isInteger, purity == .const else { return unknown(type) }
    var integers: [Polynomial] = []
    for value in evaluated {
      guard case .integer(let polynomial) = value else { return .integer(fresh()) }
      integers.append(polynomial)
    }
    return .integer(function(name, integers))
  }
}
