import KernelModel
import SearchPolicies

/// How far an element access moves when one variable grows by one: the derivative of its subscripts.
struct StrideRule {
  let variable: VariableID

  /// What a subscript does as the variable grows.
  private enum Slope: Equatable {
    case constant(Int)
    /// Grows by an amount that depends on sizes.
    case symbolic
    case unknown
  }

  /// The movement in elements; every dimension but the last counts as rows.
  func stride(of element: Expr) -> AccessShape.Stride {
    guard case .subscriptOf(let base, let index) = element.kind else { return .zero }
    let outer = stride(of: base)
    if outer == .unknown { return .unknown }
    if outer != .zero { return .row }
    switch slope(index) {
    case .constant(0): return .zero
    case .constant(1), .constant(-1): return .unit
    case .constant(let value): return abs(value) >= 64 ? .row : .constant(value)
    case .symbolic: return .row
    case .unknown: return .unknown
    }
  }

  private func slope(_ expr: Expr) -> Slope {
    guard expr.mentionedVariables.contains(variable) else { return .constant(0) }
    switch expr.kind {
    case .variable: return .constant(1)
    case .cast(let operand), .unary(.plus, let operand): return slope(operand)
    case .unary(.minus, let operand): return product(slope(operand), .constant(-1))
    case .binary(.add, let a, let b): return sum(slope(a), slope(b))
    case .binary(.subtract, let a, let b): return sum(slope(a), product(slope(b), .constant(-1)))
    case .binary(.multiply, let a, let b):
      if !b.mentionedVariables.contains(variable) { return product(slope(a), factor(b)) }
      if !a.mentionedVariables.contains(variable) { return product(slope(b), factor(a)) }
      return .unknown
    default: return .unknown
    }
  }

  private func factor(_ expr: Expr) -> Slope {
    expr.constantValue.map { .constant($0) } ?? .symbolic
  }

  private func sum(_ a: Slope, _ b: Slope) -> Slope {
    switch (a, b) {
    case (.unknown, _), (_, .unknown): .unknown
    case (.constant(let x), .constant(let y)): .constant(x &+ y)
    default: .symbolic
    }
  }

  private func product(_ a: Slope, _ b: Slope) -> Slope {
    switch (a, b) {
    case (.unknown, _), (_, .unknown): .unknown
    case (.constant(0), _), (_, .constant(0)): .constant(0)
    case (.constant(let x), .constant(let y)): .constant(x &* y)
    default: .symbolic
    }
  }
}
