import KernelModel

/// Puts scalars in the place of elements: loads, the loop over scalars, stores, and the guard.
struct ElementRewriter {
  let elements: [ScalarElement]
  let siblings: (before: [Stmt], after: [Stmt])
  /// Keys of conditions that hold around the loop.
  let known: Set<String>
  /// Whether the iterator's value after the loop matters.
  let keepsIterator: Bool
  /// What holds where a loop of the nest stands.
  let facts: (LoopLabel) -> BoundFacts

  /// The statements for the loop; nil when it never runs.
  func rewrite(
    _ statement: Stmt, _ loop: Loop, _ header: CountedHeader, in function: inout Function
  ) -> [Stmt]? {
    var scalars: [String: Expr] = [:]
    var loads: [Stmt] = []
    var stores: [Stmt] = []
    for element in elements {
      let type = element.lvalue.type.unqualified
      let variable = function.introduce(element.lvalue.stem(in: function), type: type)
      let scalar = function.reference(variable)
      scalars[element.lvalue.key] = scalar
      loads.append(.declare(variable, element.needsLoad ? element.lvalue : Expr.zero(of: type)))
      if element.isStored { stores.append(.expression(.assign(element.lvalue, scalar))) }
    }
    var scalarized = statement
    var newLoop = loop
    newLoop.body = loop.body.replacingTopDown { scalars[$0.key] }
    scalarized.kind = .loop(newLoop)
    if elements.allSatisfy({ isTouchedBeside($0, function) }) {
      return loads + [scalarized] + stores
    }
    let inner = Set(elements.flatMap(\.within))
    let nest = loop.perfectNest.filter { $0.label == loop.label || inner.contains($0.label) }
    let entries = nest.compactMap {
      $0.counted?.entry(in: function, facts: facts($0.label))
    }
    let whole = Stmt.block(loads + [scalarized] + stores)
    guard var guarded = function.guarded(whole, by: entries, known: known) else { return nil }
    if case .branch(let condition, let then, _) = guarded.kind {
      if keepsIterator, let lower = header.lower {
        let start = Stmt.expression(.assign(function.reference(header.variable), lower))
        guarded = .branch(condition, then, else: .block([start]))
      }
      return [guarded]
    }
    return whole.statements
  }

  /// Whether the statements beside the loop load and store the element in any case, with the address
  /// that it has in the loop.
  private func isTouchedBeside(_ element: ScalarElement, _ function: Function) -> Bool {
    let shared = function.sharedVariables
    var reads = !element.needsLoad
    var writes = !element.isStored
    func inspect(_ statements: [Stmt]) {
      for statement in statements {
        let walk = MemoryWalk(statement, shared: shared)
        let changes = statement.storedVariables
        guard changes.isDisjoint(with: element.lvalue.mentionedVariables),
          !statement.mayExitEarly, !walk.writesAnything,
          !element.lvalue.children.contains(where: \.readsMemory)
        else { return }
        for access in walk.accesses
        where access.isUnconditional && access.within.isEmpty
          && access.lvalue.key == element.lvalue.key
        {
          reads = reads || access.isRead
          writes = writes || access.isWrite
        }
      }
    }
    inspect(siblings.before.reversed())
    inspect(siblings.after)
    return reads && writes
  }
}

extension Expr {
  /// The zero of a scalar type.
  static func zero(of type: CType) -> Expr {
    switch type.canonical {
    case .floating(.float): Expr(.floating(text: "0.0f"), type: .float)
    case .floating(let floating): Expr(.floating(text: "0.0"), type: .floating(floating))
    default: .int(0)
    }
  }

  /// The expression with each outermost node for which `f` gives one replaced by it.
  func replacingTopDown(_ f: (Expr) -> Expr?) -> Expr {
    f(self) ?? mapChildren { $0.replacingTopDown(f) }
  }
}

extension Stmt {
  /// The statement with outermost expressions replaced everywhere in it.
  func replacingTopDown(_ f: (Expr) -> Expr?) -> Stmt {
    rewritten { statement in statement.mapExpressions { $0.replacingTopDown(f) } }
  }
}
