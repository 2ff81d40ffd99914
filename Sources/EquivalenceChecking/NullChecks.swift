import KernelModel
import KernelParsing

/// The pointers among a function's inputs of which its text asks whether they are null: `if (p)`,
/// `!p`, `p == NULL`.
///
/// A test of a local pointer counts for every input that it may be a copy of; text that is not
/// modelled may test whatever it mentions, and a function whatever it is given. What a declaration or a
/// clause says is never null is left out: no call may pass a null pointer there.
struct NullChecks {
  private(set) var paths: Set<ObjectPath> = []
  private let function: Function
  private var copies: [VariableID: [Expr]] = [:]

  init(_ kernel: Kernel) {
    function = kernel.function
    noteCopies()
    function.body.walk { note($0) }
    function.body.walkExpressions { note($0) }
    let head = CLexer.tokens(
      of: kernel.source.bytes, in: function.range.lowerBound..<function.bodyRange.lowerBound
    ).map(\.text)
    if !Self.nonNull.isDisjoint(with: head) { paths = [] }
    // `a[static n]` points to n elements at least (C11 §6.7.6.3 ¶7).
    let hasStatic = zip(head, head.dropFirst()).contains { $0 == "[" && $1 == "static" }
    paths = paths.filter { path in
      switch kernel.contract.extents[path]?.source {
      case .acsl: false
      case .declared: !hasStatic
      case .inferred, nil: true
      }
    }
  }

  private static let nonNull: Set<String> = ["nonnull", "__nonnull__", "_Nonnull", "__nonnull"]

  // MARK: copies

  private mutating func noteCopies() {
    var found: [(VariableID, Expr)] = []
    function.body.walk { statement in
      guard case .declaration(let declarators) = statement.kind else { return }
      for declarator in declarators {
        if let value = declarator.initializer { found.append((declarator.variable, value)) }
      }
    }
    function.body.walkExpressions { expr in
      if case .assign(nil, let target, let value) = expr.kind,
        case .variable(let variable) = target.kind
      {
        found.append((variable, value))
      }
    }
    for (variable, value) in found {
      copies[variable, default: []].append(value)
      // A pointer's value as a truth value is a test (§6.3.1.2).
      if function[variable].type.integer?.kind == .bool { test(value) }
    }
  }

  // MARK: tests

  private mutating func note(_ statement: Stmt) {
    switch statement.kind {
    case .branch(let condition, _, _), .whileLoop(_, let condition, _),
      .doLoop(_, _, let condition):
      test(condition)
    case .loop(let loop):
      if case .general(_, let condition?, _) = loop.header { test(condition) }
    case .opaque(let opaque): paths.formUnion(opaque.reads.map { ObjectPath($0) })
    default: break
    }
  }

  private mutating func note(_ expr: Expr) {
    switch expr.kind {
    case .unary(.not, let operand), .conditional(let operand, _, _): test(operand)
    case .cast(let operand) where expr.type.integer?.kind == .bool: test(operand)
    case .binary(let op, let left, let right) where op.isLogical:
      test(left)
      test(right)
    case .binary(let op, let left, let right) where op.isComparison:
      if Self.isNull(right) { test(left) }
      if Self.isNull(left) { test(right) }
    case .call(let name, let arguments, _) where !Self.library.contains(where: name.hasPrefix):
      for argument in arguments { test(argument) }
    case .opaque(_, let mentions): paths.formUnion(mentions.map { ObjectPath($0) })
    default: break
    }
  }

  /// How names of functions begin that ask no pointer of theirs.
  private static let library = ["mem", "str", "__builtin_"]

  private mutating func test(_ expr: Expr) {
    var pending = [expr]
    var seen: Set<VariableID> = []
    while let next = pending.popLast() {
      let value = Self.withoutCasts(next)
      guard let path = Self.path(value) else { continue }
      paths.insert(path)
      if path.fields.isEmpty, seen.insert(path.base).inserted { pending += copies[path.base] ?? [] }
    }
  }

  private static func isNull(_ expr: Expr) -> Bool {
    let value = withoutCasts(expr)
    return value.constantValue == 0 || expr.spelling == "NULL" || value.spelling == "NULL"
  }

  private static func withoutCasts(_ expr: Expr) -> Expr {
    switch expr.kind {
    case .cast(let operand), .comma(_, let operand), .assign(nil, _, let operand):
      withoutCasts(operand)
    case .call("__builtin_expect", let arguments, _) where !arguments.isEmpty,
      .call("__builtin_assume_aligned", let arguments, _) where !arguments.isEmpty:
      withoutCasts(arguments[0])
    default: expr
    }
  }

  private static func path(_ expr: Expr) -> ObjectPath? {
    switch expr.kind {
    case .variable(let variable): return ObjectPath(variable)
    case .member(let base, let field, _):
      return path(base).map { ObjectPath($0.base, fields: $0.fields + [field]) }
    default: return nil
    }
  }
}
