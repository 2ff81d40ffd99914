/// Prints a function body as C.
///
/// A statement whose tree equals its parsed origin is printed with its original bytes, re-indented
/// when its depth changed; anything else is printed from the tree, with the comments that stood
/// next to it.
public struct CPrinter {
  let function: Function
  let source: SourceFile
  /// Whether original bytes are used for unchanged statements; off to test the printer itself.
  let usesOriginals: Bool
  let indentUnit: String
  private let expressions: ExprPrinter

  public init(function: Function, source: SourceFile, usesOriginals: Bool = true) {
    self.function = function
    self.source = source
    self.usesOriginals = usesOriginals
    indentUnit = Self.indentUnit(of: function, in: source)
    expressions = ExprPrinter { function[$0].name }
  }

  /// The body, braces included.
  public func body() -> String {
    if let original = original(function.body) { return source.text(original.range) }
    let base = indentation(at: function.bodyRange.upperBound - 1)
    return block(function.body.statements, indent: base)
  }

  /// An expression of this function as C text.
  public func text(_ expr: Expr) -> String { expressions.text(expr) }

  /// A declaration of `name` as C text.
  public func declaration(_ type: CType, name: String) -> String {
    expressions.declaration(type, name: name)
  }

  /// A statement as C text, each line with the given indentation and ended by a newline.
  public func text(_ statement: Stmt, indent: String = "") -> String {
    lines(statement, indent: indent)
  }

  private func block(_ statements: [Stmt], indent: String) -> String {
    let inner = indent + indentUnit
    var text = "{\n"
    for (index, statement) in statements.enumerated() {
      if index > 0, startsAfterBlankLine(statement) { text += "\n" }
      text += lines(statement, indent: inner)
    }
    return text + indent + "}"
  }

  /// The origin, when the statement may be printed with its original bytes.
  private func original(_ statement: Stmt) -> Origin? {
    guard usesOriginals, let id = statement.origin, let origin = function.origins[id],
      origin.statement == statement
    else { return nil }
    return origin
  }

  private func lines(_ statement: Stmt, indent: String) -> String {
    if let origin = original(statement) { return verbatim(origin, indent: indent) }
    var text = ""
    for comment in comments(before: statement) { text += reindented(comment, indent) + "\n" }
    text += indent + form(statement, indent: indent)
    return text + trailingComment(statement) + "\n"
  }

  private func comments(before statement: Stmt) -> [String] {
    guard let id = statement.origin, let leading = function.origins[id]?.leading else {
      return statement.comments
    }
    let original = strippingBase(source.text(leading), base: indentation(at: leading.lowerBound))
    return original.isEmpty ? statement.comments : [original] + statement.comments
  }

  private func trailingComment(_ statement: Stmt) -> String {
    guard let id = statement.origin, let trailing = function.origins[id]?.trailing else {
      return ""
    }
    return separated(trailing)
  }

  /// A comment behind a statement; one that stood on a line of its own keeps its line.
  private func separated(_ trailing: Range<Int>) -> String {
    let text = source.text(trailing)
    return text.hasPrefix("\n") ? text : "  " + text
  }

  private func verbatim(_ origin: Origin, indent: String) -> String {
    var text = ""
    if let leading = origin.leading, !leading.isEmpty {
      let base = indentation(at: leading.lowerBound)
      text += reindented(strippingBase(source.text(leading), base: base), indent) + "\n"
    }
    let base = indentation(at: origin.range.lowerBound)
    text += reindented(strippingBase(source.text(origin.range), base: base), indent)
    if let trailing = origin.trailing { text += separated(trailing) }
    return text + "\n"
  }

  /// The statement from its tree, without indentation of its first line and without newline.
  private func form(_ statement: Stmt, indent: String) -> String {
    switch statement.kind {
    case .expression(let expr): return expressions.text(expr) + ";"
    case .declaration(let declarators):
      return declarators.map(declaration).joined(separator: "\n" + indent)
    case .typeAlias(let name, let type, let attributes):
      let suffix = attributes.isEmpty ? "" : " \(attributes)"
      return "typedef \(expressions.declaration(type, name: name))\(suffix);"
    case .block(let statements): return block(statements, indent: indent)
    case .branch(let condition, let then, let otherwise):
      return branch(condition, then, otherwise, indent)
    case .loop(let loop):
      return pragma(loop, indent) + "\(header(loop)) \(braced(loop.body, indent))"
    case .whileLoop(_, let condition, let body):
      return "while (\(expressions.text(condition))) \(braced(body, indent))"
    case .doLoop(_, let body, let condition):
      return "do \(braced(body, indent)) while (\(expressions.text(condition)));"
    case .switchOn(let value, let body):
      return "switch (\(expressions.text(value))) \(braced(body, indent))"
    case .caseLabel(let value, let statement):
      return "case \(expressions.text(value)):\n" + labelled(statement, indent)
    case .defaultLabel(let statement): return "default:\n" + labelled(statement, indent)
    case .breakLoop: return "break;"
    case .continueLoop: return "continue;"
    case .returnValue(let value):
      return value.map { "return \(expressions.text($0));" } ?? "return;"
    case .versioned(let versioned):
      let joiner = " &&\n\(indent)    "
      let condition = versioned.checks.map { check(in: versioned, $0) }.joined(separator: joiner)
      let fast = "if (\(condition)) \(braced(versioned.fast, indent))"
      return versioned.fallback.statements.isEmpty
        ? fast : "\(fast) else \(braced(versioned.fallback, indent))"
    case .empty: return ";"
    case .opaque(let opaque): return reindentedTail(opaque.text, indent)
    }
  }

  private func check(in versioned: Versioned, _ check: RuntimeCheck) -> String {
    let text = expressions.text(check.condition)
    return versioned.checks.count > 1 ? "(\(text))" : text
  }

  /// The line that says how the iterations are executed; empty where it is one after the other.
  private func pragma(_ loop: Loop, _ indent: String) -> String {
    guard case .parallel(let least) = loop.execution else { return "" }
    var text = "#pragma omp parallel for schedule(static)"
    if let least, let bound = loop.counted?.bound {
      text += " if (\(expressions.text(.binary(.greaterOrEqual, bound, .int(least)))))"
    }
    return "\(text)\n\(indent)"
  }

  private func labelled(_ statement: Stmt, _ indent: String) -> String {
    String(lines(statement, indent: indent + indentUnit).dropLast())
  }

  private func branch(_ condition: Expr, _ then: Stmt, _ otherwise: Stmt?, _ indent: String)
    -> String
  {
    let head = "if (\(expressions.text(condition))) \(braced(then, indent))"
    guard let otherwise else { return head }
    if case .branch = otherwise.kind, original(otherwise) == nil,
      comments(before: otherwise).isEmpty
    {
      return head + " else " + form(otherwise, indent: indent)
    }
    return head + " else " + braced(otherwise, indent)
  }

  private func braced(_ body: Stmt, _ indent: String) -> String {
    if let origin = original(body), case .block = body.kind, origin.leading == nil,
      origin.trailing == nil
    {
      let base = indentation(at: origin.range.upperBound - 1)
      return reindentedTail(strippingBase(source.text(origin.range), base: base), indent)
    }
    if case .block(let statements) = body.kind { return block(statements, indent: indent) }
    return block([body], indent: indent)
  }

  private func header(_ loop: Loop) -> String {
    switch loop.header {
    case .counted(let counted):
      let name = function[counted.variable].name
      var initial = ""
      if let lower = counted.lower {
        let target =
          counted.declares
          ? expressions.declaration(function[counted.variable].type, name: name) : name
        initial = "\(target) = \(expressions.argument(lower))"
      }
      let condition = Expr.binary(
        counted.relation, function.reference(counted.variable), counted.bound)
      let step =
        switch counted.step {
        case 1: "\(name)++"
        case -1: "\(name)--"
        case 0...: "\(name) += \(counted.step)"
        default: "\(name) -= \(-counted.step)"
        }
      return "for (\(initial); \(expressions.text(condition)); \(step))"
    case .general(let initial, let condition, let increment):
      let first = initial.map { inline($0) } ?? ";"
      let second = condition.map { " " + expressions.text($0) } ?? ""
      let third = increment.map { " " + expressions.text($0) } ?? ""
      return "for (\(first)\(second);\(third))"
    }
  }

  private func inline(_ statement: Stmt) -> String {
    guard case .declaration(let declarators) = statement.kind, declarators.count > 1 else {
      return form(statement, indent: "")
    }
    // A for-init declares several variables of one base type; the first carries the specifier.
    let first = String(declaration(declarators[0]).dropLast())
    let rest = declarators.dropFirst().map { declarator -> String in
      let symbol = function[declarator.variable]
      var stars = ""
      var type = symbol.type.unqualified
      while case .pointer(let pointer) = type.canonical {
        stars += "*"
        type = pointer.pointee.unqualified
      }
      let value = declarator.initializer.map { " = \(expressions.argument($0))" } ?? ""
      return "\(stars)\(symbol.name)\(value)"
    }
    return ([first] + rest).joined(separator: ", ") + ";"
  }

  private func declaration(_ declarator: Declarator) -> String {
    let symbol = function[declarator.variable]
    var text = symbol.storage == .staticLocal ? "static " : ""
    text += expressions.declaration(symbol.type, name: symbol.name)
    if let alignment = symbol.alignment, symbol.attributes.isEmpty {
      text += " __attribute__((aligned(\(alignment))))"
    }
    if !symbol.attributes.isEmpty { text += " \(symbol.attributes)" }
    if let initializer = declarator.initializer {
      text += " = \(expressions.argument(initializer))"
    }
    return text + ";"
  }
}
