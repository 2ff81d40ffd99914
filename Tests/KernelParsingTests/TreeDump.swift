import KernelModel

/// A compact text of a tree, for tests: statements as S-expressions, variables by name.
///
/// Two trees that mean the same C give the same text: declarations are split into single
/// declarators, bodies are always blocks, origins and comments are left out.
struct TreeDump {
  let kernel: Kernel
  private var function: Function { kernel.function }
  var showsTypes = false

  init(_ kernel: Kernel, showsTypes: Bool = false) {
    self.kernel = kernel
    self.showsTypes = showsTypes
  }

  func text() -> String { dump(function.body) }

  private func body(_ statement: Stmt) -> String {
    if case .block = statement.kind { return dump(statement) }
    return "{\(lines(statement).joined(separator: " "))}"
  }

  private func lines(_ statement: Stmt) -> [String] {
    guard case .declaration(let declarators) = statement.kind else { return [dump(statement)] }
    return declarators.map(dump)
  }

  private func dump(_ declarator: Declarator) -> String {
    let symbol = function[declarator.variable]
    let storage = symbol.storage == .staticLocal ? "static " : ""
    let aligned = symbol.alignment.map { " aligned \($0)" } ?? ""
    let attributes = symbol.attributes.isEmpty ? "" : " [\(symbol.attributes)]"
    let value = declarator.initializer.map { " = \(dump($0))" } ?? ""
    return "(decl \(storage)\(dump(symbol.type)) \(symbol.name)\(aligned)\(attributes)\(value))"
  }

  func dump(_ statement: Stmt) -> String {
    switch statement.kind {
    case .expression(let expr): return dump(expr) + ";"
    case .declaration: return lines(statement).joined(separator: " ")
    case .typeAlias(let name, let type, let attributes):
      return "(typedef \(dump(type)) \(name) [\(attributes)])"
    case .block(let statements): return "{\(statements.flatMap(lines).joined(separator: " "))}"
    case .branch(let condition, let then, let otherwise):
      return "(if \(dump(condition)) \(body(then))\(otherwise.map { " else \(body($0))" } ?? ""))"
    case .loop(let loop): return "(for[\(loop.label)] \(header(loop)) \(body(loop.body)))"
    case .whileLoop(let label, let condition, let inner):
      return "(while[\(label)] \(dump(condition)) \(body(inner)))"
    case .doLoop(let label, let inner, let condition):
      return "(do[\(label)] \(body(inner)) \(dump(condition)))"
    case .switchOn(let value, let inner): return "(switch \(dump(value)) \(body(inner)))"
    case .caseLabel(let value, let inner): return "(case \(dump(value)) \(dump(inner)))"
    case .defaultLabel(let inner): return "(default \(dump(inner)))"
    case .breakLoop: return "break"
    case .continueLoop: return "continue"
    case .returnValue(let value): return "(return\(value.map { " \(dump($0))" } ?? ""))"
    case .versioned: return "(versioned)"
    case .empty: return "empty"
    case .opaque(let opaque):
      let reads = opaque.reads.map { function[$0].name }.joined(separator: ",")
      let words = opaque.text.split { $0.isWhitespace }.joined(separator: " ")
      return "(opaque reads[\(reads)] jumps:\(opaque.mayJump) `\(words)`)"
    }
  }

  private func header(_ loop: Loop) -> String {
    switch loop.header {
    case .counted(let header):
      let name = function[header.variable].name
      let type = header.declares ? "\(dump(function[header.variable].type)) " : ""
      let lower = header.lower.map { "= \(dump($0))" } ?? "kept"
      let bound = "\(header.relation.rawValue) \(dump(header.bound))"
      return "\(type)\(name) \(lower) \(bound) step \(header.step)"
    case .general(let initial, let condition, let increment):
      let first = initial.map { lines($0).joined(separator: " ") } ?? "-"
      return "general \(first) \(condition.map(dump) ?? "-") \(increment.map(dump) ?? "-")"
    }
  }

  func dump(_ expr: Expr) -> String {
    let text = form(expr)
    return showsTypes ? "\(text):\(dump(expr.type))" : text
  }

  private func form(_ expr: Expr) -> String {
    if let spelling = expr.spelling { return "\(spelling)<\(kind(expr))>" }
    return kind(expr)
  }

  private func kind(_ expr: Expr) -> String {
    switch expr.kind {
    case .integer(_, let text), .floating(let text), .string(let text): return text
    case .variable(let variable): return function[variable].name
    case .function(let name): return "@\(name)"
    case .unary(let op, let operand): return "(\(op.rawValue) \(dump(operand)))"
    case .binary(let op, let left, let right):
      return "(\(op.rawValue) \(dump(left)) \(dump(right)))"
    case .assign(let op, let target, let value):
      return "(\(op?.rawValue ?? "")= \(dump(target)) \(dump(value)))"
    case .conditional(let condition, let then, let otherwise):
      return "(? \(dump(condition)) \(dump(then)) \(dump(otherwise)))"
    case .subscriptOf(let base, let index): return "\(dump(base))[\(dump(index))]"
    case .member(let base, let field, let isArrow):
      return "\(dump(base))\(isArrow ? "->" : ".")\(field)"
    case .call(let name, let arguments, let purity):
      let list = arguments.map { " " + dump($0) }.joined()
      return "(call \(purity) \(name)\(list))"
    case .indirectCall(let callee, let arguments):
      return "(call* \(dump(callee))\(arguments.map { " " + dump($0) }.joined()))"
    case .cast(let operand): return "(cast \(dump(expr.type)) \(dump(operand)))"
    case .sizeOf(let value, let text): return "\(text)=\(value.map(String.init) ?? "?")"
    case .comma(let left, let right): return "(, \(dump(left)) \(dump(right)))"
    case .initializer(let elements): return list(elements)
    case .compoundLiteral(let elements): return "(literal \(dump(expr.type)) \(list(elements)))"
    case .opaque(let text, let mentions):
      let words = text.split { $0.isWhitespace }.joined(separator: " ")
      return "(opaque [\(mentions.map { function[$0].name }.joined(separator: ","))] `\(words)`)"
    }
  }

  private func list(_ elements: [InitializerElement]) -> String {
    "{\(elements.map { $0.designator + dump($0.value) }.joined(separator: ", "))}"
  }

  func dump(_ type: CType) -> String {
    CPrinter(function: function, source: kernel.source)
      .declaration(type, name: "")
  }
}
