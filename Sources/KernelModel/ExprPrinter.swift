/// Prints expressions and declarators with the parentheses that C needs, plus those that keep
/// compilers from warning.
struct ExprPrinter {
  let name: (VariableID) -> String

  /// Binding strength of a printed form (§6.5), larger binds tighter.
  private enum Level: Int {
    case comma = 0
    case assignment = 1
    case conditional = 2
    case logicalOr = 3
    case logicalAnd = 4
    case bitOr = 5
    case bitXor = 6
    case bitAnd = 7
    case equality = 8
    case relational = 9
    case shift = 10
    case additive = 11
    case multiplicative = 12
    case unary = 13
    case postfix = 14
    case primary = 15
  }

  func text(_ expr: Expr) -> String { print(expr).text }

  /// Text fit for a function argument or an initialiser element.
  func argument(_ expr: Expr) -> String { text(expr, atLeast: .assignment) }

  private func text(_ expr: Expr, atLeast level: Level) -> String {
    let printed = print(expr)
    return printed.level.rawValue >= level.rawValue ? printed.text : "(\(printed.text))"
  }

  private func print(_ expr: Expr) -> (text: String, level: Level) {
    if let spelling = expr.spelling { return (spelling, .primary) }
    switch expr.kind {
    case .integer(_, let text), .floating(let text):
      return (text, text.hasPrefix("-") ? .unary : .primary)
    case .string(let text): return (text, .primary)
    case .variable(let variable): return (name(variable), .primary)
    case .function(let name): return (name, .primary)
    case .unary(let op, let operand): return unary(op, operand)
    case .binary(let op, let left, let right): return binary(op, left, right)
    case .assign(let op, let target, let value):
      let target = text(target, atLeast: .unary)
      return ("\(target) \(op?.rawValue ?? "")= \(text(value, atLeast: .assignment))", .assignment)
    case .conditional(let condition, let then, let otherwise):
      let condition = text(condition, atLeast: .logicalOr)
      let arms = "\(text(then)) : \(text(otherwise, atLeast: .conditional))"
      return ("\(condition) ? \(arms)", .conditional)
    case .subscriptOf(let base, let index):
      return ("\(text(base, atLeast: .postfix))[\(text(index))]", .postfix)
    case .member(let base, let field, let isArrow):
      return ("\(text(base, atLeast: .postfix))\(isArrow ? "->" : ".")\(field)", .postfix)
    case .call(let callee, let arguments, _):
      return ("\(callee)(\(arguments.map(argument).joined(separator: ", ")))", .postfix)
    case .indirectCall(let callee, let arguments):
      let list = arguments.map(argument).joined(separator: ", ")
      return ("\(text(callee, atLeast: .postfix))(\(list))", .postfix)
    case .cast(let operand):
      return ("(\(type(expr.type)))\(text(operand, atLeast: .unary))", .unary)
    case .sizeOf(_, let text): return (text, .unary)
    case .comma(let left, let right):
      return ("\(text(left)), \(text(right, atLeast: .assignment))", .comma)
    case .initializer(let elements): return (list(elements), .primary)
    case .compoundLiteral(let elements):
      return ("(\(type(expr.type)))\(list(elements))", .postfix)
    case .opaque(let text, _): return ("(\(text))", .primary)
    }
  }

  private func list(_ elements: [InitializerElement]) -> String {
    let items = elements.map {
      $0.designator.isEmpty ? argument($0.value) : "\($0.designator) = \(argument($0.value))"
    }
    return "{\(items.joined(separator: ", "))}"
  }

  private func unary(_ op: UnaryOperator, _ operand: Expr) -> (String, Level) {
    switch op {
    case .postIncrement: return ("\(text(operand, atLeast: .postfix))++", .postfix)
    case .postDecrement: return ("\(text(operand, atLeast: .postfix))--", .postfix)
    default:
      let inner = text(operand, atLeast: .unary)
      // `- -x` and `+ +x` must not become `--x` and `++x`; likewise `& &x`.
      let needsSpace = op.rawValue.last == inner.first && "+-&".contains(op.rawValue.last ?? " ")
      return (op.rawValue + (needsSpace ? " " : "") + inner, .unary)
    }
  }

  private func binary(_ op: BinaryOperator, _ left: Expr, _ right: Expr) -> (String, Level) {
    let level = Self.level(of: op)
    let next = Level(rawValue: level.rawValue + 1) ?? .primary
    let a = operand(left, of: op, atLeast: level)
    let b = operand(right, of: op, atLeast: next)
    return ("\(a) \(op.rawValue) \(b)", level)
  }

  /// Adds parentheses where precedence would do without but a reader (and `-Wparentheses`) would
  /// not: `&&` inside `||`, arithmetic inside shifts and bitwise operators, nested comparisons.
  private func operand(_ expr: Expr, of parent: BinaryOperator, atLeast level: Level) -> String {
    guard expr.spelling == nil, case .binary(let op, _, _) = expr.kind else {
      return text(expr, atLeast: level)
    }
    let isConfusing =
      switch parent {
      case .logicalOr: op == .logicalAnd
      case .bitAnd, .bitXor, .bitOr: op != parent
      case .shiftLeft, .shiftRight: true
      default: parent.isComparison && op.isComparison
      }
    return isConfusing ? "(\(text(expr)))" : text(expr, atLeast: level)
  }

  private static func level(of op: BinaryOperator) -> Level {
    switch op {
    case .multiply, .divide, .remainder: .multiplicative
    case .add, .subtract: .additive
    case .shiftLeft, .shiftRight: .shift
    case .less, .greater, .lessOrEqual, .greaterOrEqual: .relational
    case .equal, .notEqual: .equality
    case .bitAnd: .bitAnd
    case .bitXor: .bitXor
    case .bitOr: .bitOr
    case .logicalAnd: .logicalAnd
    case .logicalOr: .logicalOr
    }
  }

  /// A type name without declarator (`const double *`).
  func type(_ type: CType) -> String { declaration(type, name: "") }

  /// A declaration of `name` with this type (`double (*row)[8]`).
  func declaration(_ type: CType, name: String) -> String {
    switch type {
    case .void: return join("void", name)
    case .integer(let integer): return join(integer.kind.rawValue, name)
    case .floating(let floating): return join(floating.rawValue, name)
    case .named(let alias, _): return join(alias, name)
    case .enumeration(let tag, _): return join("enum \(tag)", name)
    case .record(let record):
      return join("\(record.isUnion ? "union" : "struct") \(record.tag)", name)
    case .unsupported(let spelling): return join(spelling, name)
    case .vector(let element, let lanes):
      let size = "\(lanes) * sizeof(\(self.type(element)))"
      return join("\(self.type(element)) __attribute__((vector_size(\(size))))", name)
    case .qualified(let qualifiers, let inner):
      if case .pointer(var pointer) = inner {
        pointer.qualifiers.formUnion(qualifiers)
        return declaration(.pointer(pointer), name: name)
      }
      return join(Self.spelling(qualifiers), declaration(inner, name: name))
    case .pointer(let pointer):
      let qualifiers = Self.spelling(pointer.qualifiers)
      let star = qualifiers.isEmpty ? "*\(name)" : join("*\(qualifiers)", name)
      switch pointer.pointee {
      case .array, .function: return declaration(pointer.pointee, name: "(\(star))")
      default: return declaration(pointer.pointee, name: star)
      }
    case .array(let array):
      let bound: String =
        switch array.bound {
        case .constant(let count): "\(count)"
        case .variable(let expr): text(expr)
        case .unspecified: ""
        }
      return declaration(array.element, name: "\(name)[\(bound)]")
    case .function(let function):
      var parameters = function.parameters.map { self.type($0) }
      if function.isVariadic { parameters.append("...") }
      let list = parameters.isEmpty ? "void" : parameters.joined(separator: ", ")
      return declaration(function.result, name: "\(name)(\(list))")
    }
  }

  private func join(_ specifier: String, _ name: String) -> String {
    name.isEmpty ? specifier : "\(specifier) \(name)"
  }

  private static func spelling(_ qualifiers: Qualifiers) -> String {
    var words: [String] = []
    if qualifiers.contains(.const) { words.append("const") }
    if qualifiers.contains(.volatile) { words.append("volatile") }
    if qualifiers.contains(.restrict) { words.append("restrict") }
    if qualifiers.contains(.atomic) { words.append("_Atomic") }
    return words.joined(separator: " ")
  }
}
