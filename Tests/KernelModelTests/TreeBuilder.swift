@testable import KernelModel

/// Builds small functions by hand, so that the tree is tested without a parser.
struct TreeBuilder {
  var function = Function(
    name: "f", result: .void, parameters: [], isStatic: false, isInline: false, body: .block([]),
    symbols: [:], records: [:], origins: [:], range: 0..<0, bodyRange: 0..<0, reservedNames: [])

  mutating func parameter(_ name: String, _ type: CType) -> Expr {
    let variable = VariableID(function.symbols.count)
    function.symbols[variable] = Symbol(name: name, type: type, storage: .parameter)
    function.parameters.append(variable)
    function.reservedNames.insert(name)
    return function.reference(variable)
  }

  mutating func local(_ name: String, _ type: CType = .int) -> VariableID {
    let variable = VariableID(function.symbols.count)
    function.symbols[variable] = Symbol(name: name, type: type, storage: .local)
    function.reservedNames.insert(name)
    return variable
  }

  /// `for (int v = 0; v < bound; v++) { body }`
  func loop(_ variable: VariableID, to bound: Expr, _ body: [Stmt], label: String? = nil) -> Stmt {
    let header = CountedHeader(
      variable: variable, declares: true, lower: .int(0), relation: .less, bound: bound, step: 1)
    let name = label ?? function[variable].name
    return .loop(Loop(label: LoopLabel(name), header: .counted(header), body: .block(body)))
  }

  func printer() -> CPrinter {
    CPrinter(
      function: function, source: SourceFile(path: "/f.c", bytes: []), usesOriginals: false)
  }

  func text(_ expr: Expr) -> String { printer().text(expr) }
}
