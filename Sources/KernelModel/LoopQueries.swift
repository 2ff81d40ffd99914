extension Stmt {
  /// The label when the statement is a loop of any kind.
  public var loopLabel: LoopLabel? {
    switch kind {
    case .loop(let loop): loop.label
    case .whileLoop(let label, _, _), .doLoop(let label, _, _): label
    default: nil
    }
  }

  /// The `for` statement, when it is one.
  public var asLoop: Loop? { if case .loop(let loop) = kind { loop } else { nil } }

  /// Labels of all loops inside, outermost first, in source order.
  public var loopLabels: [LoopLabel] {
    var result: [LoopLabel] = []
    walk { if let label = $0.loopLabel { result.append(label) } }
    return result
  }

  /// The `for` loop with this label.
  public func loop(_ label: LoopLabel) -> Loop? {
    if let loop = asLoop, loop.label == label { return loop }
    for child in children {
      if let found = child.loop(label) { return found }
    }
    return nil
  }

  /// Labels of the loops around the loop with this label, outermost first; nil when it is absent.
  public func enclosingLoops(of label: LoopLabel) -> [LoopLabel]? {
    if loopLabel == label { return [] }
    for child in children {
      if let inner = child.enclosingLoops(of: label) {
        return (loopLabel.map { [$0] } ?? []) + inner
      }
    }
    return nil
  }

  /// Replaces the statement that is the loop with this label by zero or more statements, which join
  /// the enclosing block; nil when there is no such loop.
  public func replacingLoop<E: Error>(
    _ label: LoopLabel, with f: (Stmt, Loop) throws(E) -> [Stmt]
  ) throws(E) -> Stmt? {
    if let loop = asLoop, loop.label == label {
      let replacement = try f(self, loop)
      return replacement.count == 1 ? replacement[0] : .block(replacement)
    }
    guard contains(where: { $0.asLoop?.label == label }) else { return nil }
    if case .block(let statements) = kind {
      var copy = self
      var result: [Stmt] = []
      for statement in statements {
        if let loop = statement.asLoop, loop.label == label {
          result += try f(statement, loop)
        } else {
          result.append(try statement.replacingLoop(label, with: f) ?? statement)
        }
      }
      copy.kind = .block(result)
      return copy
    }
    return try mapChildren { (child) throws(E) in try child.replacingLoop(label, with: f) ?? child }
  }

  /// Whether the statement is, or holds, a loop whose iterations threads share.
  public var holdsParallelLoop: Bool { contains { $0.asLoop?.isParallel == true } }

  /// Depth of loop nesting: 0 without loops.
  public var loopDepth: Int {
    (children.map(\.loopDepth).max() ?? 0) + (loopLabel == nil ? 0 : 1)
  }
}

extension Loop {
  /// The only statement of the body when that is a `for` loop: the next loop of a perfect nest.
  public var perfectlyNested: Loop? {
    let statements = body.statements
    return statements.count == 1 ? statements[0].asLoop : nil
  }

  /// This loop and the loops perfectly nested in it, outermost first.
  public var perfectNest: [Loop] {
    [self] + (perfectlyNested?.perfectNest ?? [])
  }

  /// Trip count when bounds and step are constants.
  public var constantTripCount: Int? {
    guard let header = counted, let lower = header.lower?.constantValue,
      let bound = header.bound.constantValue
    else { return nil }
    let step = header.step
    switch header.relation {
    case .less: return step > 0 ? max(0, (bound - lower + step - 1) / step) : nil
    case .lessOrEqual: return step > 0 ? max(0, (bound - lower + step) / step) : nil
    case .greater: return step < 0 ? max(0, (lower - bound - step - 1) / -step) : nil
    case .greaterOrEqual: return step < 0 ? max(0, (lower - bound - step) / -step) : nil
    case .notEqual:
      let distance = bound - lower
      return (step == 1 && distance >= 0) || (step == -1 && distance <= 0) ? abs(distance) : nil
    default: return nil
    }
  }
}

extension Function {
  /// Whether the variable may be read after the statement that holds the given loop, on any path:
  /// true unless the loop's own header declares it or no expression outside the loop reads it before
  /// storing to it. Conservative: any mention outside the loop other than as the iterator of another
  /// counted loop that initialises it, or inside such a loop, counts as a read.
  public func isIteratorLive(outside label: LoopLabel) -> Bool {
    guard let loop = body.loop(label), let header = loop.counted else { return true }
    if header.declares { return false }
    return mentions(header.variable, in: body, ignoring: label)
  }

  private func mentions(_ variable: VariableID, in statement: Stmt, ignoring label: LoopLabel)
    -> Bool
  {
    if let loop = statement.asLoop {
      if loop.label == label { return false }
      if let header = loop.counted, header.variable == variable, header.lower != nil {
        let inBounds =
          header.lower?.mentionedVariables.contains(variable) == true
          || header.bound.mentionedVariables.contains(variable)
        return inBounds || mentionsAfterLoop(variable, loop, label)
      }
    }
    if case .opaque(let opaque) = statement.kind {
      return (opaque.reads + opaque.writes).contains(variable)
    }
    if case .declaration(let declarators) = statement.kind {
      return declarators.contains { declarator in
        declarator.initializer?.mentionedVariables.contains(variable) == true
          || (declarator.variable == variable && declarator.initializer != nil)
      }
    }
    if statement.expressions.contains(where: { $0.mentionedVariables.contains(variable) }) {
      return true
    }
    return statement.children.contains { mentions(variable, in: $0, ignoring: label) }
  }

  /// Mentions inside another loop over the same variable are that loop's own, unless it holds the
  /// loop in question.
  private func mentionsAfterLoop(_ variable: VariableID, _ loop: Loop, _ label: LoopLabel) -> Bool {
    loop.body.loop(label) != nil && mentions(variable, in: loop.body, ignoring: label)
  }
}
