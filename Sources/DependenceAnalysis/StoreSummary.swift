import KernelModel

/// What a statement may store to, read off the tree without regard to order.
struct StoreSummary {
  /// Variables stored to by name, iterators and declarations among them.
  var variables: Set<VariableID> = []
  /// Types of stores through pointers or to objects that pointers may reach, each with the path of
  /// the pointer when it is plain.
  var memory: [(type: CType, through: ObjectPath?)] = []
  /// Whether calls or opaque text may store to anything reachable.
  var storesAnything = false

  init(_ statement: Stmt, in function: Function, shared: Set<VariableID>) {
    variables = statement.storedVariables
    statement.walk { inner in
      if case .opaque(let opaque) = inner.kind, opaque.touchesMemory { storesAnything = true }
    }
    statement.walkExpressions { expr in
      switch expr.kind {
      case .assign(_, let target, _): add(target, function, shared)
      case .unary(let op, let target) where op.stores: add(target, function, shared)
      case .call(_, _, .effects), .indirectCall, .opaque: storesAnything = true
      default: break
      }
    }
  }

  private mutating func add(_ target: Expr, _ function: Function, _ shared: Set<VariableID>) {
    if let root = target.rootVariable {
      guard shared.contains(root) else { return }
      memory.append((target.type, ObjectPath(root)))
      return
    }
    let path = target.pointerPath
    if let path, path.fields.isEmpty, function[path.base].isRestrictParameter { return }
    memory.append((target.type, path))
  }
}

extension Symbol {
  /// Whether the symbol is a pointer parameter with `restrict`: no lvalue that is not based on it
  /// reaches what is stored through it (§6.7.3.1).
  var isRestrictParameter: Bool {
    storage == .parameter && type.isPointer && type.qualifiers.contains(.restrict)
  }
}

extension Expr {
  /// The pointer that an lvalue is reached through, as a path from a variable: `a` for `a[i]` and
  /// `*(a + i)`, `img->data` for `img->data[i]`, `img` for `img->width`.
  var pointerPath: ObjectPath? {
    switch kind {
    case .subscriptOf(let base, _): return base.type.isArray ? base.pointerPath : base.asPath
    case .unary(.dereference, let base): return base.asPath
    case .member(let base, _, true): return base.asPath
    case .member(let base, _, false): return base.pointerPath
    default: return nil
    }
  }

  /// A pointer value's origin: `v`, `v->f`, `v.f`, seen through arithmetic and casts.
  private var asPath: ObjectPath? {
    switch kind {
    case .variable(let variable): return ObjectPath(variable)
    case .member(let base, let field, _):
      guard let path = base.asPath else { return nil }
      return ObjectPath(path.base, fields: path.fields + [field])
    case .binary(.add, let left, let right):
      return left.type.isPointer || left.type.isArray ? left.asPath : right.asPath
    case .binary(.subtract, let left, _), .cast(let left): return left.asPath
    case .subscriptOf(let base, _) where type.isArray: return base.asPath
    case .unary(.postIncrement, let base), .unary(.preIncrement, let base): return base.asPath
    default: return nil
    }
  }
}

extension CType {
  var isArray: Bool { if case .array = canonical { true } else { false } }
  var isRecord: Bool { if case .record = canonical { true } else { false } }
}

extension Function {
  /// Variables whose memory a pointer may reach: globals, statics, and locals whose address is
  /// taken or whose array is handed to a call or kept in a pointer.
  var sharedVariables: Set<VariableID> {
    var result = Set(
      symbols.filter { $0.value.storage == .global || $0.value.storage == .staticLocal }.keys)
    body.walkExpressions { expr in
      switch expr.kind {
      case .unary(.addressOf, let target): if let root = target.rootVariable { result.insert(root) }
      case .call(_, let arguments, let purity) where purity != .const:
        for argument in arguments { result.formUnion(argument.decayingRoots) }
      case .indirectCall(_, let arguments):
        for argument in arguments { result.formUnion(argument.decayingRoots) }
      case .opaque(_, let mentions): result.formUnion(mentions)
      case .conditional(_, let a, let b) where expr.type.isPointer || expr.type.isArray:
        result.formUnion(a.decayingRoots + b.decayingRoots)
      default: break
      }
    }
    body.walk { statement in
      if case .opaque(let opaque) = statement.kind {
        result.formUnion(opaque.reads + opaque.writes)
      }
    }
    return result
  }
}

extension Expr {
  /// Array variables whose address the value of this expression may hold.
  fileprivate var decayingRoots: [VariableID] {
    var roots: [VariableID] = []
    walk { if $0.type.isArray, let root = $0.rootVariable { roots.append(root) } }
    return roots
  }
}
