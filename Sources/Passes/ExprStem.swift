import KernelModel

extension Expr {
  /// A name after what the expression mentions: `c[i][j + 1]` gives `c_i_j_1`.
  func stem(in function: Function) -> String {
    var parts = nameParts(in: function, withSizes: false)
    if parts.count < 2 { parts = nameParts(in: function, withSizes: true) }
    let name = parts.prefix(4).joined(separator: "_")
    if name.isEmpty || !(name.first?.isLetter ?? false) { return "value" }
    return parts.count == 1 ? name + "_value" : name
  }

  private func nameParts(in function: Function, withSizes: Bool) -> [String] {
    var parts: [String] = []
    func visit(_ expr: Expr) {
      switch expr.kind {
      case .variable(let variable):
        // Sizes in flat subscripts tell nothing.
        let isSize = function[variable].storage == .parameter && function[variable].type.isInteger
        if withSizes || !isSize { parts.append(function[variable].name) }
      case .member(let base, let field, _):
        visit(base)
        parts.append(field)
      case .call(let name, let arguments, _):
        parts.append(name)
        arguments.forEach(visit)
      case .integer(let value, _): if value > 1 || !parts.isEmpty { parts.append("\(abs(value))") }
      default: for child in expr.children { visit(child) }
      }
    }
    visit(self)
    return parts
  }
}
