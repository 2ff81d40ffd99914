import KernelModel

extension Expr {
  /// The expression's structure as text, the same for expressions that are written alike but for
  /// the names of constants, and in every run.
  var key: String {
    switch kind {
    case .integer(let value, _): return "\(value):\(type.canonical.tag)"
    case .floating(let text): return text
    case .string(let text): return text
    case .variable(let variable): return "v\(variable.index)"
    case .function(let name): return "@\(name)"
    case .unary(let op, let operand): return "(\(op.rawValue) \(operand.key))"
    case .binary(let op, let a, let b): return "(\(a.key) \(op.rawValue) \(b.key))"
    case .assign(let op, let a, let b): return "(\(a.key) \(op?.rawValue ?? "")= \(b.key))"
    case .conditional(let a, let b, let c): return "(\(a.key) ? \(b.key) : \(c.key))"
    case .subscriptOf(let base, let index): return "\(base.key)[\(index.key)]"
    case .member(let base, let field, let isArrow):
      return "\(base.key)\(isArrow ? "->" : ".")\(field)"
    case .call(let name, let arguments, _):
      return "\(name)(\(arguments.map(\.key).joined(separator: ",")))"
    case .indirectCall(let callee, let arguments):
      return "(\(callee.key))(\(arguments.map(\.key).joined(separator: ",")))"
    case .cast(let operand): return "<\(type.canonical.tag)>\(operand.key)"
    case .sizeOf(_, let text): return text
    case .comma(let a, let b): return "(\(a.key), \(b.key))"
    case .initializer(let elements), .compoundLiteral(let elements):
      return "{\(elements.map { $0.designator + $0.value.key }.joined(separator: ","))}"
    case .opaque(let text, _): return "`\(text)`"
    }
  }
}

extension CType {
  /// A short name of a canonical type, the same in every run.
  var tag: String {
    switch self {
    case .integer(let integer): integer.kind.rawValue
    case .floating(let floating): floating.rawValue
    case .pointer(let pointer): "*" + pointer.pointee.canonical.tag
    case .array(let array): "[]" + array.element.canonical.tag
    case .record(let record): record.tag
    case .vector(let element, let lanes): "\(element.canonical.tag)x\(lanes)"
    default: "\(self)"
    }
  }
}
