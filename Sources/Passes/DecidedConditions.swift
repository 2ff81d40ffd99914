import ExperimentRecords
import KernelModel

/// Replaces conditions that the facts at a place decide.
struct DecidedConditions {
  /// What holds wherever the code stands, whenever it is executed.
  let facts: BoundFacts

  /// The statement with branches that are always or never taken resolved.
  func statement(_ statement: Stmt) -> Stmt {
    var copy = statement.mapExpressions(expression)
    switch copy.kind {
    case .block(let statements): copy.kind = .block(statements.flatMap(resolved))
    case .branch(let condition, let then, let otherwise):
      if let isTaken = decide(condition) {
        return self.statement(isTaken ? then : otherwise ?? .empty)
      }
      let other = otherwise.map { self.statement($0) }
      copy.kind = .branch(
        shortened(condition), then: self.statement(then),
        otherwise: other?.statements.isEmpty == true ? nil : other)
    default: copy = copy.mapChildren { self.statement($0) }
    }
    return copy
  }

  /// What a statement of a block becomes; a branch that is resolved joins the block.
  private func resolved(_ statement: Stmt) -> [Stmt] {
    guard case .branch(let condition, _, _) = statement.kind, decide(condition) != nil else {
      return [self.statement(statement)]
    }
    let result = self.statement(statement)
    let declares = result.statements.contains { !$0.namesDeclaredHere.isEmpty }
    return declares ? [result] : result.statements
  }

  private func expression(_ expr: Expr) -> Expr {
    expr.rewritten { node in
      guard case .conditional(let condition, let yes, let no) = node.kind,
        let isTaken = decide(condition)
      else { return node }
      let chosen = isTaken ? yes : no
      let keepsType =
        chosen.type.unqualified.canonical == node.type.unqualified.canonical
        || chosen.type.promoted == node.type.promoted
      if keepsType { return chosen }
      if node.type.isInteger, chosen.spelling == nil, case .integer(let value, _) = chosen.kind,
        node.type.integer?.holds(value) == true
      {
        return .integer(value, type: node.type)
      }
      return .cast(chosen, to: node.type)
    }
  }

  /// Whether the condition is always true or always false; nil when neither is known, or where its
  /// evaluation has effects.
  func decide(_ condition: Expr) -> Bool? {
    if condition.hasEffects { return nil }
    switch condition.kind {
    case .unary(.not, let operand): return decide(operand).map { !$0 }
    case .binary(.logicalAnd, let a, let b): return joined(a, b, absorbing: false)
    case .binary(.logicalOr, let a, let b): return joined(a, b, absorbing: true)
    case .binary(let op, let a, let b) where op.isComparison && meet(a, b):
      return compare(op, LinearForm(a, facts: facts) - LinearForm(b, facts: facts))
        ?? compareOperands(op, a, b)
    default: return nil
    }
  }

  /// Whether a value is known to lie on one side of all values of a minimum or maximum.
  private func compareOperands(_ op: BinaryOperator, _ a: Expr, _ b: Expr) -> Bool? {
    let (lefts, rights) =
      switch op {
      case .less, .lessOrEqual: (a.maximumOperands, b.minimumOperands)
      case .greater, .greaterOrEqual: (a.minimumOperands, b.maximumOperands)
      default: ([Expr](), [Expr]())
      }
    guard lefts.count + rights.count > 2 else { return nil }
    let isTrue = lefts.allSatisfy { left in
      rights.allSatisfy { right in
        meet(left, right)
          && compare(op, LinearForm(left, facts: facts) - LinearForm(right, facts: facts)) == true
      }
    }
    return isTrue ? true : nil
  }

  private func joined(_ a: Expr, _ b: Expr, absorbing: Bool) -> Bool? {
    let (x, y) = (decide(a), decide(b))
    if x == absorbing || y == absorbing { return absorbing }
    return x != nil && y != nil ? !absorbing : nil
  }

  /// A condition that stays, without the parts of `&&` and `||` that are decided.
  private func shortened(_ condition: Expr) -> Expr {
    guard case .binary(let op, let a, let b) = condition.kind, op.isLogical else {
      return condition
    }
    let neutral = op == .logicalAnd
    if decide(a) == neutral { return shortened(b) }
    if decide(b) == neutral { return shortened(a) }
    return .binary(op, shortened(a), shortened(b))
  }

  /// Whether a comparison is that of the mathematical integers.
  private func meet(_ a: Expr, _ b: Expr) -> Bool {
    guard let x = a.type.promoted.integer, let y = b.type.promoted.integer else { return false }
    if x.isSigned == y.isSigned { return true }
    let (signed, unsigned) = x.isSigned ? (a, y) : (b, x)
    let width = signed.type.promoted.integer?.width ?? 64
    return width > unsigned.width || facts.prove(LinearForm(signed, facts: facts))
  }

  private func compare(_ op: BinaryOperator, _ difference: LinearForm) -> Bool? {
    let isAtLeast = facts.prove(difference)
    let isAtMost = facts.prove(difference * -1)
    let isAbove = facts.prove(difference + -1)
    let isBelow = facts.prove(difference * -1 + -1)
    func answer(_ yes: Bool, _ no: Bool) -> Bool? { yes ? true : no ? false : nil }
    switch op {
    case .less: return answer(isBelow, isAtLeast)
    case .lessOrEqual: return answer(isAtMost, isAbove)
    case .greater: return answer(isAbove, isAtMost)
    case .greaterOrEqual: return answer(isAtLeast, isBelow)
    case .equal: return answer(isAtLeast && isAtMost, isAbove || isBelow)
    case .notEqual: return answer(isAbove || isBelow, isAtLeast && isAtMost)
    default: return nil
    }
  }
}

extension Kernel {
  /// The kernel with the conditions decided that are the same in all iterations of the loop, unless
  /// that leaves a variable without any use, of which compilers would warn.
  func decidingConditions(in label: LoopLabel, for pass: some Pass) throws(Refusal) -> Kernel {
    let decided = DecidedConditions(facts: BoundFacts(at: label, inside: true, of: self))
    let result = try replacingLoop(label, for: pass) { statement, loop in
      var copy = loop
      copy.body = decided.statement(loop.body)
      var whole = statement
      whole.kind = .loop(copy)
      return [whole]
    }
    let remaining = result.function.body.mentionedVariables
    return function.body.mentionedVariables.isSubset(of: remaining) ? result : self
  }
}
