import KernelModel

/// One evaluation of an lvalue in memory, or of a variable that others may reach.
struct MemoryAccess {
  var lvalue: Expr
  var isRead: Bool
  var isWrite: Bool
  /// Whether every execution of the walked statement evaluates it, provided that the loops in
  /// `within` run at least once.
  var isUnconditional: Bool
  /// Loops between the walked statement and the access, outermost first.
  var within: [LoopLabel]
}

/// Lists what a statement does to memory, in order of evaluation.
struct MemoryWalk {
  private(set) var accesses: [MemoryAccess] = []
  /// Whether it accesses a volatile or atomic object.
  private(set) var touchesVolatile = false
  /// Whether it calls something that may read any memory, or store anywhere.
  private(set) var readsAnything = false
  private(set) var writesAnything = false
  private let shared: Set<VariableID>
  private var isCertain = true
  private var within: [LoopLabel] = []

  /// Walks a statement; `shared` are the variables that pointers may reach.
  init(_ statement: Stmt, shared: Set<VariableID>) {
    self.shared = shared
    visit(statement)
  }

  var writes: [MemoryAccess] { accesses.filter(\.isWrite) }

  private mutating func visit(_ statement: Stmt) {
    switch statement.kind {
    case .block(let statements):
      for child in statements { visit(child) }
    case .loop(let loop): visit(loop)
    case .whileLoop(_, let condition, let body):
      read(condition)
      uncertainly { $0.visit(body) }
    case .doLoop(_, let body, let condition):
      visit(body)
      uncertainly { $0.read(condition) }
    case .branch, .switchOn, .versioned:
      for expr in statement.expressions { read(expr) }
      for child in statement.children { uncertainly { $0.visit(child) } }
    case .caseLabel, .defaultLabel:
      isCertain = false
      for child in statement.children { visit(child) }
    case .opaque(let opaque):
      readsAnything = readsAnything || opaque.touchesMemory
      writesAnything = writesAnything || opaque.touchesMemory
    case .expression, .declaration, .returnValue:
      for expr in statement.expressions { read(expr) }
    case .typeAlias, .breakLoop, .continueLoop, .empty: break
    }
    // What follows a possible jump is not evaluated every time.
    if statement.mayExitEarly { isCertain = false }
  }

  private mutating func visit(_ loop: Loop) {
    switch loop.header {
    case .counted(let header):
      if let lower = header.lower { read(lower) }
      read(header.bound)
      let (outer, certain) = (within, isCertain)
      within.append(loop.label)
      visit(loop.body)
      within = outer
      isCertain = certain
    case .general(let initial, let condition, let increment):
      if let initial { visit(initial) }
      if let condition { read(condition) }
      uncertainly {
        $0.visit(loop.body)
        if let increment { $0.read(increment) }
      }
    }
  }

  private mutating func uncertainly(_ body: (inout MemoryWalk) -> Void) {
    let certain = isCertain
    isCertain = false
    body(&self)
    isCertain = certain
  }

  private mutating func note(_ lvalue: Expr, reads: Bool, writes: Bool) {
    if !lvalue.type.qualifiers.isDisjoint(with: [.volatile, .atomic]) { touchesVolatile = true }
    accesses.append(
      MemoryAccess(
        lvalue: lvalue, isRead: reads, isWrite: writes, isUnconditional: isCertain, within: within))
  }

  /// Evaluates an expression for its value.
  private mutating func read(_ expr: Expr) {
    switch expr.kind {
    case .assign(let op, let target, let value):
      read(value)
      store(target, reads: op != nil)
    case .unary(let op, let target) where op.stores: store(target, reads: true)
    case .unary(.addressOf, let lvalue): address(lvalue)
    case .binary(let op, let left, let right) where op.isLogical:
      read(left)
      uncertainly { $0.read(right) }
    case .conditional(let condition, let then, let otherwise):
      read(condition)
      uncertainly { $0.read(then) }
      uncertainly { $0.read(otherwise) }
    case .subscriptOf, .member, .unary(.dereference, _), .variable:
      address(expr)
      if isMemory(expr), !expr.type.isArray { note(expr, reads: true, writes: false) }
    case .call(_, let arguments, let purity):
      for argument in arguments { read(argument) }
      if purity != .const { readsAnything = true }
      if purity == .effects { writesAnything = true }
    case .indirectCall, .opaque:
      for child in expr.children { read(child) }
      readsAnything = true
      writesAnything = true
    default:
      for child in expr.children { read(child) }
    }
  }

  private mutating func store(_ target: Expr, reads: Bool) {
    address(target)
    if isMemory(target) { note(target, reads: reads, writes: true) }
  }

  /// Evaluates what an lvalue's address needs.
  private mutating func address(_ lvalue: Expr) {
    switch lvalue.kind {
    case .variable: break
    case .subscriptOf(let base, let index):
      if base.type.isArray { address(base) } else { read(base) }
      read(index)
    case .member(let base, _, let isArrow):
      if isArrow { read(base) } else { address(base) }
    case .unary(.dereference, let pointer): read(pointer)
    default: read(lvalue)
    }
  }

  /// Whether the lvalue is storage that some other expression may name differently.
  private func isMemory(_ lvalue: Expr) -> Bool {
    if case .variable(let variable) = lvalue.kind { return shared.contains(variable) }
    return true
  }
}

extension Function {
  /// Variables whose storage others may reach: of file scope, static, or with their address taken;
  /// arrays count when they are used otherwise than by subscript.
  var sharedVariables: Set<VariableID> {
    var result: Set<VariableID> = []
    for (variable, symbol) in symbols where [.global, .staticLocal].contains(symbol.storage) {
      result.insert(variable)
    }
    func visit(_ expr: Expr, isBase: Bool) {
      switch expr.kind {
      case .variable(let variable):
        if expr.type.isArray, !isBase { result.insert(variable) }
      case .unary(.addressOf, let operand):
        if let root = operand.rootVariable { result.insert(root) }
        for child in expr.children { visit(child, isBase: true) }
      case .subscriptOf(let base, let index):
        visit(base, isBase: true)
        visit(index, isBase: false)
      case .member(let base, _, _): visit(base, isBase: true)
      case .opaque(_, let mentions): result.formUnion(mentions)
      default: for child in expr.children { visit(child, isBase: false) }
      }
    }
    body.walk { statement in
      for expr in statement.expressions { visit(expr, isBase: false) }
      if case .opaque(let opaque) = statement.kind {
        result.formUnion(opaque.reads + opaque.writes)
      }
    }
    return result
  }
}
