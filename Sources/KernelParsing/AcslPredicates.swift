import KernelModel

/// Values and comparisons.
extension AcslParser {
  /// What an operand of a comparison is.
  enum Value: Equatable {
    case size(SizeExpr)
    case number(Double)
    /// A floating input.
    case floating(ObjectPath)
    /// A pointer or array as such.
    case pointer(ObjectPath)
    /// `a[index]` under a quantifier.
    case element(ObjectPath, index: SizeExpr)
    case null
  }

  /// Stands for the quantifier's variable in sizes.
  static let quantified = SizeExpr.input(ObjectPath(VariableID(-1)))

  mutating func comparison() throws(AcslError) {
    let start = tokens.first?.offset ?? end
    var operands = [try value()]
    var relations: [BinaryOperator] = []
    while let text = tokens.first?.text, let op = BinaryOperator(rawValue: text), op.isComparison {
      _ = try take()
      relations.append(op)
      operands.append(try value())
    }
    guard !relations.isEmpty else {
      throw AcslError(message: "expected a relation in ACSL", offset: start)
    }
    if try elementComparison(operands, relations, start) { return }
    for (index, op) in relations.enumerated() {
      try require(operands[index], op, operands[index + 1], start)
    }
  }

  private mutating func require(
    _ left: Value, _ op: BinaryOperator, _ right: Value, _ start: Int
  ) throws(AcslError) {
    switch (left, right) {
    case (.size(let a), .size(let b)):
      clauses.requirements.append(.compare(a.simplified, op, b.simplified))
    case (.floating(let path), _):
      guard let bound = Self.number(right) else { throw mixed(start) }
      try bounds(path, op, bound, start)
    case (_, .floating(let path)):
      guard let bound = Self.number(left), let mirrored = Self.mirrored(op) else {
        throw mixed(start)
      }
      try bounds(path, mirrored, bound, start)
    case (.pointer, .null), (.null, .pointer):
      break  // Validity says more.
    default: throw mixed(start)
    }
  }

  private func mixed(_ offset: Int) -> AcslError {
    AcslError(message: "this ACSL comparison is not read", offset: offset)
  }

  private mutating func bounds(
    _ path: ObjectPath, _ op: BinaryOperator, _ bound: Double, _ start: Int
  ) throws(AcslError) {
    switch op {
    case .less, .lessOrEqual: clauses.limit(path, lower: nil, upper: bound)
    case .greater, .greaterOrEqual: clauses.limit(path, lower: bound, upper: nil)
    case .equal: clauses.limit(path, lower: bound, upper: bound)
    default: throw mixed(start)
    }
  }

  /// `\forall integer k; lo <= k < hi ==> predicate`.
  mutating func quantified() throws(AcslError) {
    _ = try take()
    try expect("integer")
    let name = try take()
    try expect(";")
    bound = name.text
    let range = try quantifierRange()
    try expect("==>")
    clauses.range = range
    if tokens.first?.text == "\\is_finite" {
      _ = try take()
      try expect("(")
      clauses.requirements.append(.isFinite(try path(of: try value())))
      try expect(")")
    } else {
      try comparison()
      while tokens.first?.text == "&&" {
        _ = try take()
        try comparison()
      }
    }
    clauses.range = nil
    bound = nil
  }

  private mutating func quantifierRange() throws(AcslError) -> SizeRange {
    let start = tokens.first?.offset ?? end
    let lower = try size()
    let first = try take().text
    guard case .size(Self.quantified) = try value() else {
      throw AcslError(message: "expected 'lo <= k < hi' in ACSL", offset: start)
    }
    let second = try take().text
    let upper = try size()
    guard first == "<=" || first == "<", second == "<=" || second == "<" else {
      throw AcslError(message: "expected 'lo <= k < hi' in ACSL", offset: start)
    }
    return SizeRange(
      first == "<=" ? lower : SizeExpr.add(lower, .constant(1)).simplified,
      second == "<" ? upper : SizeExpr.add(upper, .constant(1)).simplified)
  }

  /// A comparison that mentions elements of an array; false when it mentions none.
  private mutating func elementComparison(
    _ operands: [Value], _ relations: [BinaryOperator], _ start: Int
  ) throws(AcslError) -> Bool {
    let places = operands.indices.filter { if case .element = operands[$0] { true } else { false } }
    guard !places.isEmpty else { return false }
    guard let range = clauses.range else { throw mixed(start) }
    if operands.count == 2, places.count == 2 {
      try monotone(operands[0], relations[0], operands[1], range, start)
      return true
    }
    guard places.count == 1, case .element(let path, let index) = operands[places[0]],
      index.simplified == Self.quantified
    else { throw mixed(start) }
    let position = places[0]
    let isFloating = objects.type(of: path)?.element?.scalarElement.isFloating == true
    var limits = AcslClauses.Limits()
    if position > 0, let op = Self.mirrored(relations[position - 1]) {
      try limits.add(op, operands[position - 1], start)
    }
    if position < relations.count {
      try limits.add(relations[position], operands[position + 1], start)
    }
    if isFloating {
      clauses.limit(path, lower: limits.lowerNumber, upper: limits.upperNumber)
    } else {
      clauses.requirements.append(
        .elements(path, range: range, values: limits.values(objects.elementType(of: path))))
    }
    return true
  }

  private mutating func monotone(
    _ left: Value, _ op: BinaryOperator, _ right: Value, _ range: SizeRange, _ start: Int
  ) throws(AcslError) {
    guard op == .lessOrEqual, case .element(let a, let i) = left,
      case .element(let b, let j) = right, a == b, i.simplified == Self.quantified,
      j.simplified == SizeExpr.add(Self.quantified, .constant(1))
    else { throw mixed(start) }
    clauses.requirements.append(.monotone(a, range: range))
  }

  static func number(_ value: Value) -> Double? {
    switch value {
    case .number(let number): number
    case .size(.constant(let integer)): Double(integer)
    default: nil
    }
  }

  static func mirrored(_ op: BinaryOperator) -> BinaryOperator? {
    switch op {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal: .equal
    default: nil
    }
  }
}
