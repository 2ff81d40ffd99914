import KernelModel

/// Whether what a loop's body stores can change the value of an expression.
///
/// Memory is told apart by type (C's effective types, §6.5 ¶7) unless the flags forbid it, and by
/// member name within one structure.
struct StoreEffects {
  let symbols: [VariableID: Symbol]
  let addressTaken: Set<VariableID>
  let strictAliasing: Bool

  /// A place that an expression reads or a statement stores to.
  private struct Place {
    /// The object itself when it is a variable of its own.
    var variable: VariableID?
    /// Type of the scalar that is read or stored.
    var type: CType
    /// The innermost member on the way, with the record that holds it.
    var field: (record: CType, name: String)?
  }

  /// Whether the expression has no effect and keeps its value while the body runs.
  func leaveUnchanged(_ expr: Expr, in body: Stmt) -> Bool {
    if expr.hasEffects { return false }
    let reads = Self.reads(expr)
    if reads.isEmpty { return true }
    let stored = body.storedVariables
    for read in reads {
      if let variable = read.variable {
        guard !stored.contains(variable), let symbol = symbols[variable],
          symbol.type.qualifiers.isDisjoint(with: [.volatile, .atomic])
        else { return false }
        let isPrivate =
          (symbol.storage == .local || symbol.storage == .parameter)
          && !addressTaken.contains(variable)
        if isPrivate && read.field == nil { continue }
        if isPrivate, case .record = symbol.type.canonical { continue }
      }
      if !isSafe(read, from: body) { return false }
    }
    return true
  }

  private func isSafe(_ read: Place, from body: Stmt) -> Bool {
    var safe = true
    body.walk { statement in
      if case .opaque(let opaque) = statement.kind, opaque.touchesMemory { safe = false }
      for expr in statement.expressions {
        expr.walk { node in
          switch node.kind {
          case .indirectCall, .call(_, _, .effects), .opaque: safe = false
          case .assign(_, let target, _):
            if self.mayOverlap(Self.place(target), read) { safe = false }
          case .unary(let op, let target) where op.stores:
            if self.mayOverlap(Self.place(target), read) { safe = false }
          default: break
          }
        }
      }
    }
    return safe
  }

  private func mayOverlap(_ store: Place, _ read: Place) -> Bool {
    if let variable = store.variable, let other = read.variable, variable != other { return false }
    if let variable = store.variable, read.variable == nil, isPrivate(variable) { return false }
    if let variable = read.variable, store.variable == nil, isPrivate(variable) { return false }
    if let a = store.field, let b = read.field, a.record == b.record, a.name != b.name,
      case .record(let record) = a.record.canonical, !record.isUnion
    {
      return false
    }
    guard strictAliasing else { return true }
    return Self.mayAlias(store.type, read.type)
  }

  private func isPrivate(_ variable: VariableID) -> Bool {
    guard let symbol = symbols[variable] else { return false }
    if case .array = symbol.type.canonical { return false }
    return (symbol.storage == .local || symbol.storage == .parameter)
      && !addressTaken.contains(variable)
  }

  /// Whether an lvalue of one type may designate an object of the other.
  private static func mayAlias(_ a: CType, _ b: CType) -> Bool {
    if isCharacter(a) || isCharacter(b) { return true }
    if let x = a.integer, let y = b.integer {
      return x.unsignedCounterpart.kind == y.unsignedCounterpart.kind
    }
    if a.isPointer && b.isPointer { return true }
    if a.isScalar && b.isScalar { return a.canonical == b.canonical }
    return true  // A record may hold an object of the other's type.
  }

  private static func isCharacter(_ type: CType) -> Bool {
    switch type.integer?.kind {
    case .char, .signedChar, .unsignedChar: true
    default: false
    }
  }

  private static func place(_ lvalue: Expr) -> Place {
    var place = Place(variable: lvalue.rootVariable, type: lvalue.type, field: nil)
    if case .member(let base, let name, let isArrow) = lvalue.kind {
      let record = isArrow ? base.type.element ?? base.type : base.type
      place.field = (record.unqualified, name)
    }
    return place
  }

  /// Every object that evaluating the expression reads.
  private static func reads(_ expr: Expr) -> [Place] {
    switch expr.kind {
    case .variable:
      // An array's name is an address.
      if case .array = expr.type.canonical { return [] }
      return [place(expr)]
    case .member(let base, _, let isArrow):
      let inner = isArrow || base.rootVariable == nil ? reads(base) : []
      if case .array = expr.type.canonical { return inner }
      return [place(expr)] + inner
    case .subscriptOf(let base, let index):
      let inner = reads(base) + reads(index)
      if case .array = expr.type.canonical { return inner }
      return [place(expr)] + inner
    case .unary(.dereference, let base):
      if case .array = expr.type.canonical { return reads(base) }
      return [place(expr)] + reads(base)
    case .call(_, let arguments, .readsMemory):
      let anywhere = Place(
        variable: nil, type: .integer(IntegerType(.char, width: 8, isSigned: true)), field: nil)
      return [anywhere] + arguments.flatMap(reads)
    default: return expr.children.flatMap(reads)
    }
  }
}
