import ExperimentRecords
import KernelModel

/// A loop nest with a constant in place of a variable.
struct SpecializedText {
  let statement: Stmt
  /// The comparison that tells whether the variable has the value.
  let test: Expr

  /// Refuses where the constant cannot be written in the variable's place, or would not leave the nest
  /// what it is when the variable has that value.
  init(
    _ nest: Stmt, _ variable: VariableID, is constant: Int, in kernel: Kernel, for pass: some Pass
  ) throws(Refusal) {
    let label = nest.loopLabel?.text ?? ""
    let name = kernel.function[variable].name
    let type = kernel.function[variable].type.arithmeticType
    let value = Expr.integer(constant, type: type)
    test = .binary(.equal, kernel.function.reference(variable), value.plain(beside: type))
    guard !nest.contains(where: \.isOpaqueJump),
      let replaced = nest.replacing(variable, with: value, in: kernel.function)
    else { throw pass.refusal("loop '\(label)' contains text that cannot be specialized") }
    guard !replaced.hasUndefinedConstant else {
      throw pass.refusal(
        "an operation in loop '\(label)' is not defined where '\(name)' is \(constant)")
    }
    let decisions = DecidedConditions(
      facts: nest.loopLabel.map { BoundFacts(at: $0, inside: false, of: kernel) } ?? .none)
    if kernel.build.contraction != .off {
      guard replaced.constantProducts == nest.constantProducts,
        !replaced.choosesProduct(decisions)
      else {
        throw pass.refusal(
          "with a constant for '\(name)' a product in loop '\(label)' may be rounded otherwise")
      }
    }
    let decided = decisions.statement(replaced)
    // What a version does not use any more, compilers would warn of.
    let keepsNames = decided.mentionedVariables == replaced.mentionedVariables
    statement = (keepsNames ? decided : replaced).withPlainConstants(kernel.function)
  }
}

extension Stmt {
  /// Whether constants meet in an operation that has no value: compilers warn of it, and where control
  /// never gets there the original is defined.
  fileprivate var hasUndefinedConstant: Bool {
    var found = false
    walkExpressions { found = found || $0.isUndefinedConstant }
    return found
  }

  /// Floating products of two constants: those are computed when the program is built, and no longer
  /// fused with a sum.
  fileprivate var constantProducts: Int {
    var count = 0
    walkExpressions { node in
      guard case .binary(.multiply, let a, let b) = node.kind, node.type.isFloating else { return }
      if a.isFixed, b.isFixed { count += 1 }
    }
    return count
  }

  /// Whether a decided `?:` stands for a floating product, which stands apart from a sum that it feeds
  /// as long as it is chosen (C11 §6.5 ¶8: contraction is within one expression).
  fileprivate func choosesProduct(_ decisions: DecidedConditions) -> Bool {
    var found = false
    walkExpressions { node in
      guard case .conditional(let condition, let then, let otherwise) = node.kind,
        then.endsInFloatingProduct || otherwise.endsInFloatingProduct
      else { return }
      found = found || decisions.decide(condition) != nil
    }
    return found
  }

  /// The statement without suffixes on constants where the other operand, or the iterator, has their
  /// type: `i < 64` for `i < 64ul`.
  fileprivate func withPlainConstants(_ function: Function) -> Stmt {
    let plain = rewritingExpressions { $0.withPlainConstant }
    return plain.rewritten { statement in
      guard case .loop(var loop) = statement.kind, case .counted(var header) = loop.header else {
        return statement
      }
      let type = function[header.variable].type
      header.bound = header.bound.plain(beside: type)
      header.lower = header.lower?.plain(beside: type)
      loop.header = .counted(header)
      var copy = statement
      copy.kind = .loop(loop)
      return copy
    }
  }
}

extension Expr {
  fileprivate var isUndefinedConstant: Bool {
    guard case .binary(let op, let a, let b) = kind, let own = type.integer else { return false }
    switch op {
    case .divide, .remainder: return b.constantValue == 0
    case .shiftLeft, .shiftRight:
      let isOutside = b.constantValue.map { !(0..<own.width).contains($0) } ?? false
      guard op == .shiftLeft, own.isSigned, let value = a.constantValue else { return isOutside }
      return isOutside || value < 0
        || (b.constantValue.map { value >> (own.width - 1 - $0) != 0 } ?? false)
    case .add, .subtract, .multiply:
      return own.isSigned && a.constantValue != nil && b.constantValue != nil
        && constantValue == nil
    default: return false
    }
  }

  /// Whether the value is the same in every run.
  fileprivate var isFixed: Bool {
    !contains {
      switch $0.kind {
      case .variable, .subscriptOf, .member, .call, .indirectCall, .opaque, .assign: true
      case .unary(.dereference, _): true
      default: false
      }
    }
  }

  fileprivate var withPlainConstant: Expr {
    guard case .binary(let op, let a, let b) = kind, op != .shiftLeft, op != .shiftRight,
      !op.isLogical
    else { return self }
    if a.constantValue == nil, b.constantValue != nil {
      return Expr(.binary(op, a, b.plain(beside: a.type)), type: type)
    }
    if b.constantValue == nil, a.constantValue != nil {
      return Expr(.binary(op, a.plain(beside: b.type), b), type: type)
    }
    return self
  }

  /// A constant that passes spelled with a suffix, as a number that the conversion beside the given
  /// type brings into its type (§6.3.1.8).
  fileprivate func plain(beside other: CType) -> Expr {
    guard spelling == nil, case .integer(let value, let text) = kind,
      text == "\(value)ul"
        || text == "\(value)u" || text == "\(value)l" || text == "\(value)ll"
        || text == "\(value)ull",
      IntegerType.int.holds(value), other.promoted == type.promoted
    else { return self }
    return .int(value)
  }
}
