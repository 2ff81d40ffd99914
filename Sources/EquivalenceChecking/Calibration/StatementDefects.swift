import KernelModel

extension Defect {
  /// The statement with the defect in it but in none of its parts, once for each way.
  func planted(in statement: Stmt) -> [Stmt] {
    switch (self, statement.kind) {
    case (.boundOffByOne, .loop(let loop)): Self.otherBounds(loop)
    case (.stepChanged, .loop(let loop)): Self.otherStep(loop)
    case (.initialValue, .declaration(let declarators)): Self.otherValues(declarators)
    case (.narrowed, .declaration(let declarators)): Self.narrowedValues(declarators)
    case (.writeDropped, .expression(let expr)): Self.isWrite(expr) ? [.empty] : []
    case (.tailDropped, .block(let statements)): Self.withoutTails(statements)
    case (.statementsSwapped, .block(let statements)): Self.swapped(statements)
    case (.checkDropped, .branch(_, let then, _)): [then]
    default: []
    }
  }

  private static func otherBounds(_ loop: Loop) -> [Stmt] {
    guard let header = loop.counted else { return [] }
    var others: [CountedHeader] = []
    for op in [BinaryOperator.add, .subtract] where header.relation != .notEqual {
      var other = header
      other.bound = .binary(op, header.bound, .int(1))
      others.append(other)
    }
    if let lower = header.lower {
      var other = header
      other.lower = .binary(.add, lower, .int(header.step > 0 ? 1 : -1))
      others.append(other)
    }
    return others.map { .loop(Loop(label: loop.label, header: .counted($0), body: loop.body)) }
  }

  /// A step that passes by the bound of a `!=` would never end, which is no interesting defect.
  private static func otherStep(_ loop: Loop) -> [Stmt] {
    guard var header = loop.counted, header.relation != .notEqual else { return [] }
    header.step += header.step > 0 ? 1 : -1
    return [.loop(Loop(label: loop.label, header: .counted(header), body: loop.body))]
  }

  private static func otherValues(_ declarators: [Declarator]) -> [Stmt] {
    changed(declarators) { value in
      if case .initializer(let elements) = value.kind, let first = elements.first,
        isNumber(first.value.type)
      {
        var others = elements
        others[0].value = .binary(.add, first.value, .int(1))
        return Expr(.initializer(others), type: value.type)
      }
      return isNumber(value.type) ? .binary(.add, value, .int(1)) : nil
    }
  }

  private static func narrowedValues(_ declarators: [Declarator]) -> [Stmt] {
    changed(declarators) { value in narrower(value.type).map { .cast(value, to: $0) } }
  }

  private static func changed(_ declarators: [Declarator], _ other: (Expr) -> Expr?) -> [Stmt] {
    declarators.indices.compactMap { index in
      guard let value = declarators[index].initializer, let changed = other(value) else {
        return nil
      }
      var copy = declarators
      copy[index].initializer = changed
      return Stmt(.declaration(copy))
    }
  }

  private static func isNumber(_ type: CType) -> Bool { type.isInteger || type.isFloating }

  private static func isWrite(_ expr: Expr) -> Bool {
    if case .assign = expr.kind { true } else { false }
  }

  private static func withoutTails(_ statements: [Stmt]) -> [Stmt] {
    guard let first = statements.firstIndex(where: \.isLoop) else { return [] }
    return statements.indices.compactMap { index in
      guard index > first, statements[index].isTail else { return nil }
      var rest = statements
      rest.remove(at: index)
      return .block(rest)
    }
  }

  private static func swapped(_ statements: [Stmt]) -> [Stmt] {
    statements.indices.dropLast().compactMap { index in
      guard statements[index].isMovable, statements[index + 1].isMovable else { return nil }
      var other = statements
      other.swapAt(index, index + 1)
      return .block(other)
    }
  }
}

extension Stmt {
  fileprivate var isLoop: Bool {
    switch kind {
    case .loop, .whileLoop, .doLoop: true
    default: false
    }
  }

  /// What may be the rest of a loop before it: another loop, or a branch without `else`.
  fileprivate var isTail: Bool {
    if case .branch(_, _, nil) = kind { return true }
    return isLoop
  }

  /// Whether it declares nothing and leaves for nowhere.
  fileprivate var isMovable: Bool {
    if case .expression = kind { return true }
    return (isLoop || isTail) && !mayExitEarly
  }
}
