import KernelModel

/// One volatile lvalue in a function's text, with what decides how often it is accessed.
///
/// How often and in which order volatile objects are accessed is what a program does (ISO/IEC
/// 9899:2011 §5.1.2.3 ¶6), and no run of the judge shows it. So an access must stand under the same
/// loops and conditions as in the original.
struct VolatileAccess: Hashable {
  /// The variables that it mentions, by name.
  var names: [String]
  /// The loops, branches and conditional operators around it with what they test, outermost first.
  var context: [String]

  /// All accesses of a function, in the order of its text.
  static func all(in function: Function) -> [VolatileAccess] {
    var collector = Collector(function: function)
    collector.visit(function.body, [])
    return collector.found
  }

  private struct Collector {
    let function: Function
    var found: [VolatileAccess] = []

    mutating func visit(_ statement: Stmt, _ context: [String]) {
      let inner = context + Self.frames(statement, function)
      let isLoop =
        switch statement.kind {
        case .loop, .whileLoop, .doLoop: true
        default: false
        }
      // What a loop tests is evaluated with each iteration.
      for expr in statement.expressions { visit(expr, isLoop ? inner : context) }
      if case .branch(_, let then, let otherwise) = statement.kind {
        visit(then, inner)
        if let otherwise { visit(otherwise, inner + ["else"]) }
      } else {
        for child in statement.children { visit(child, inner) }
      }
    }

    private mutating func visit(_ expr: Expr, _ context: [String]) {
      if expr.isLvalue, expr.type.qualifiers.contains(.volatile) {
        let names = expr.mentionedVariables.map { function[$0].name }.sorted()
        found.append(VolatileAccess(names: names, context: context))
      }
      switch expr.kind {
      case .conditional(let condition, let then, let otherwise):
        visit(condition, context)
        visit(then, context + ["? \(Self.text(condition, function))"])
        visit(otherwise, context + [": \(Self.text(condition, function))"])
      case .binary(let op, let left, let right) where op == .logicalAnd || op == .logicalOr:
        visit(left, context)
        visit(right, context + ["\(op.rawValue) \(Self.text(left, function))"])
      default:
        for child in expr.children { visit(child, context) }
      }
    }

    private static func frames(_ statement: Stmt, _ function: Function) -> [String] {
      switch statement.kind {
      case .loop(let loop):
        guard case .counted(let header) = loop.header else {
          let tests = statement.expressions.map { text($0, function) }
          return ["for \(tests.joined(separator: "; "))"]
        }
        let lower = header.lower.map { text($0, function) } ?? ""
        let bound = text(header.bound, function)
        let name = function[header.variable].name
        return ["for \(name) = \(lower); \(header.relation.rawValue) \(bound); \(header.step)"]
      case .whileLoop(_, let condition, _): return ["while \(text(condition, function))"]
      case .doLoop(_, _, let condition): return ["do \(text(condition, function))"]
      case .branch(let condition, _, _): return ["if \(text(condition, function))"]
      case .switchOn(let value, _): return ["switch \(text(value, function))"]
      case .caseLabel(let value, _): return ["case \(text(value, function))"]
      case .defaultLabel: return ["default"]
      case .versioned: return ["versions"]
      default: return []
      }
    }

    /// The operators and operands of an expression, outermost first, without the source's spelling.
    private static func text(_ expr: Expr, _ function: Function) -> String {
      let operands = expr.children.map { text($0, function) }.joined(separator: " ")
      let head =
        switch expr.kind {
        case .variable(let variable): function[variable].name
        case .integer(let value, _): "\(value)"
        case .floating(let text): text
        case .function(let name), .call(let name, _, _): name
        case .unary(let op, _): op.rawValue
        case .binary(let op, _, _): op.rawValue
        case .assign(let op, _, _): "\(op?.rawValue ?? "")="
        case .member(_, let field, _): ".\(field)"
        case .subscriptOf: "[]"
        case .conditional: "?:"
        case .cast, .indirectCall, .comma, .sizeOf, .initializer, .compoundLiteral, .string: "of"
        case .opaque(let text, _): text
        }
      return operands.isEmpty ? head : "(\(head) \(operands))"
    }
  }
}
