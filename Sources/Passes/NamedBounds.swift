public import KernelModel

extension Kernel {
  /// The file with what passes have made of the function, ready to be read: the last step of every
  /// recipe.
  public func emitFinished() -> [UInt8] {
    var finished = self
    finished.function = NamedBounds(function).named()
    return finished.emit()
  }

  /// The finished file as text.
  public func finishedText() -> String { String(decoding: emitFinished(), as: UTF8.self) }
}

/// Gives ends of tiles a name where passes have written them out several times or under further loops:
/// `const long i_tile_end = i_tile + 64 < n ? i_tile + 64 : n;`.
///
/// Passes keep such bounds in the headers of loops, because a declaration between two loops would part
/// a perfect nest. Where the text is done, one declaration reads better, and it is computed on every call
/// that reaches its tile: how it comes out hides behind no other loop.
struct NamedBounds {
  private var function: Function

  init(_ function: Function) { self.function = function }

  /// The function with its bounds named.
  func named() -> Function {
    var copy = self
    copy.function.body = copy.naming(in: function.body, around: [])
    return copy.function
  }

  private mutating func naming(in statement: Stmt, around chain: [CountedHeader]) -> Stmt {
    guard let loop = statement.asLoop, let header = loop.counted else {
      return statement.mapChildren { naming(in: $0, around: chain) }
    }
    let around = chain + [header]
    var declarations: [Stmt] = []
    var body = loop.body
    for bound in bounds(of: loop, around) {
      let variable = function.introduce(
        "\(function[header.variable].name)_end",
        type: .qualified(.const, bound.expr.type.unqualified))
      let (key, name) = (bound.expr.key, function.reference(variable))
      body = body.replacingTopDown { $0.key == key ? name : nil }
      declarations.append(.declare(variable, bound.expr))
    }
    if !declarations.isEmpty {
      let (declared, rest) = split(body.statements)
      body = .block(declared + declarations + substitutingCopies(in: rest))
    }
    var copy = statement
    var inner = loop
    inner.body = naming(in: body, around: around)
    copy.kind = .loop(inner)
    return copy
  }

  /// Type aliases at the head of a block, and what follows them.
  private func split(_ statements: [Stmt]) -> ([Stmt], [Stmt]) {
    let head = statements.prefix { statement in
      if case .typeAlias = statement.kind { true } else { false }
    }
    return (Array(head), Array(statements.dropFirst(head.count)))
  }

  private struct Bound {
    var expr: Expr
    var uses: Int
    var isBelowLoop: Bool
  }

  /// Bounds in the body that keep their value through an iteration, which its iterator decides.
  private func bounds(of loop: Loop, _ around: [CountedHeader]) -> [Bound] {
    guard let header = around.last else { return [] }
    let changing = loop.body.storedVariables.union(loop.body.declaredVariables)
      .union(Self.iterators(in: loop.body))
    guard !changing.contains(header.variable) else { return [] }
    var found: [Bound] = []
    func visit(_ expr: Expr, _ isBelowLoop: Bool) {
      if isBound(expr), expr.mentionedVariables.contains(header.variable),
        expr.mentionedVariables.isDisjoint(with: changing), isSafe(expr, around)
      {
        if let index = found.firstIndex(where: { $0.expr.key == expr.key }) {
          found[index].uses += 1
          found[index].isBelowLoop = found[index].isBelowLoop || isBelowLoop
        } else {
          found.append(Bound(expr: expr, uses: 1, isBelowLoop: isBelowLoop))
        }
        return
      }
      for child in expr.children { visit(child, isBelowLoop) }
    }
    func visit(_ statement: Stmt, _ depth: Int) {
      for expr in statement.expressions { visit(expr, depth > 0) }
      for child in statement.children { visit(child, depth + (statement.asLoop == nil ? 0 : 1)) }
    }
    visit(loop.body, 0)
    return found.filter { $0.uses > 1 || $0.isBelowLoop }
  }

  private static func iterators(in statement: Stmt) -> Set<VariableID> {
    var result: Set<VariableID> = []
    statement.walk { if let header = $0.asLoop?.counted { result.insert(header.variable) } }
    return result
  }

  /// A minimum or maximum that passes made: of sums with the iterator of one of their own loops.
  private func isBound(_ expr: Expr) -> Bool {
    guard expr.minimumOperands.count > 1 || expr.maximumOperands.count > 1, !expr.readsMemory,
      !expr.hasEffects
    else { return false }
    return expr.mentionedVariables.contains { function[$0].storage == .introduced }
  }

  /// Whether computing it in every iteration cannot overflow: the loops compute its operands themselves.
  private func isSafe(_ expr: Expr, _ around: [CountedHeader]) -> Bool {
    let headers = Set(
      around.flatMap { header in
        [header.lower, header.bound].compactMap(\.self).flatMap {
          $0.minimumOperands.flatMap(\.maximumOperands).map(\.key)
        }
      })
    return expr.minimumOperands.flatMap(\.maximumOperands).allSatisfy { operand in
      if operand.constantValue != nil || headers.contains(operand.key) { return true }
      switch operand.kind {
      case .variable: return true
      case .binary(.add, let sum, let addend):
        guard case .variable(let iterator) = sum.kind, let value = addend.constantValue,
          let own = around.first(where: { $0.variable == iterator })
        else { return false }
        return (0...max(0, own.step)).contains(value)
      default: return false
      }
    }
  }

  /// Constants that only repeat a name are replaced by it.
  private mutating func substitutingCopies(in statements: [Stmt]) -> [Stmt] {
    var body = Stmt.block(statements)
    var copies: [(copy: VariableID, of: VariableID)] = []
    body.walk { statement in
      guard case .declaration(let declarators) = statement.kind else { return }
      for declarator in declarators {
        guard case .variable(let source)? = declarator.initializer?.kind,
          function[declarator.variable].type == function[source].type,
          function[source].type.qualifiers.contains(.const),
          function[declarator.variable].storage == .introduced
        else { continue }
        copies.append((declarator.variable, source))
      }
    }
    for (copy, source) in copies {
      let name = function.reference(source)
      body = body.replacingTopDown { expr in
        if case .variable(copy) = expr.kind { name } else { nil }
      }
    }
    var whole = function
    whole.body = body
    whole.dropUnusedLocals(Set(copies.map(\.copy)))
    return whole.body.statements
  }
}
