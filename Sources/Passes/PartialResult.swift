import ExperimentRecords
import KernelModel

/// What a loop brings into an element of memory, collected in a scalar from where nothing has been brought
/// in yet.
struct PartialResult {
  let variable: VariableID
  /// A mention of the scalar.
  let reference: Expr
  /// The element that the loop updates.
  let target: Expr
  let type: CType
  /// What names are made from.
  let stem: String
  /// The scalar's declaration and the loop with the scalar in the element's place.
  private(set) var statements: [Stmt] = []
  private let operation: ScalarReduction.Operation

  /// `function` receives the scalar.
  init(
    of site: LoopSite, in kernel: Kernel, _ function: inout Function, for pass: some Pass
  ) throws(Refusal) {
    let label = site.label
    guard let oracle = AliasOracle(kernel, loop: label) else {
      throw pass.refusal("there is no loop '\(label)'")
    }
    let printer = CPrinter(function: kernel.function, source: kernel.source)
    target = try Self.target(oracle, label, printer, for: pass)
    type = target.type.unqualified
    stem = target.ownRoot.map { kernel.function[$0].name } ?? "value"
    variable = function.introduce("\(stem)_part", type: type)
    reference = function.reference(variable)
    let (key, own) = (target.key, reference)
    let moved = site.statement.replacingTopDown { $0.key == key ? own : nil }
    guard let body = moved.asLoop?.body,
      let reduction = ScalarReduction(of: variable, in: body, function),
      reduction.isExact(in: function)
    else {
      throw pass.refusal(
        "'\(printer.text(target))' is not only updated in loop '\(label)' by one operation that is exact "
          + "in any order")
    }
    operation = reduction.operation
    let isModular = Self.isModular(variable, type, in: body)
    guard let neutral = Self.neutral(operation, type, isModular: isModular) else {
      throw pass.refusal(
        "partial results of '\(printer.text(target))' may overflow where the whole does not")
    }
    statements = [.declare(variable, neutral), moved]
  }

  /// The one element that the loop stores to, which nothing else in the loop overlaps.
  private static func target(
    _ oracle: AliasOracle, _ label: LoopLabel, _ printer: CPrinter, for pass: some Pass
  ) throws(Refusal) -> Expr {
    let walk = oracle.walk
    if walk.touchesVolatile { throw pass.refusal("loop '\(label)' accesses a volatile object") }
    if walk.readsAnything || walk.writesAnything {
      throw pass.refusal("a call or opaque statement in loop '\(label)' may touch any memory")
    }
    guard let target = walk.writes.first?.lvalue,
      walk.writes.allSatisfy({ $0.lvalue.key == target.key })
    else { throw pass.refusal("loop '\(label)' does not store to one element") }
    let text = printer.text(target)
    guard oracle.isAddressInvariant(target), target.type.isInteger,
      target.type.integer?.kind != .bool
    else {
      throw pass.refusal(
        "'\(text)' is no integer element that loop '\(label)' does not move on from")
    }
    guard !oracle.function.isBitField(target) else {
      throw pass.refusal("'\(text)' is a bit-field")
    }
    guard target.type.integer.map({ $0.width <= 64 }) == true else {
      throw pass.refusal("'\(text)' has more than 64 bits")
    }
    for access in walk.accesses where access.lvalue.key != target.key {
      if oracle.mayOverlap(access.lvalue, target) {
        throw pass.refusal("'\(text)' may overlap '\(printer.text(access.lvalue))'")
      }
    }
    return target
  }

  /// Whether values are brought into partial results, and these into the whole, in unsigned types alone,
  /// which wrap: the types of the operations, not those of the element or of the values, tell.
  private static func isModular(_ variable: VariableID, _ type: CType, in body: Stmt) -> Bool {
    var types: [CType?] = [type.promoted]
    body.walkExpressions { expr in
      switch expr.kind {
      case .assign(_?, let target, let value) where target.kind == .variable(variable):
        types.append(CType.usualArithmeticConversion(target.type, value.type))
      case .binary where expr.mentions(of: variable) > 0: types.append(expr.type)
      default: break
      }
    }
    return types.allSatisfy { $0?.integer?.isSigned == false }
  }

  /// The value that changes nothing; nil where partial results may overflow.
  private static func neutral(
    _ operation: ScalarReduction.Operation, _ type: CType, isModular: Bool
  ) -> Expr? {
    guard let integer = type.integer else { return nil }
    let value = type.arithmeticType
    let least = integer.isSigned ? Int.min >> (64 - integer.width) : 0
    let greatest =
      integer.isSigned || integer.width < 64
      ? Expr.integer(~(Int.min >> (64 - integer.width - (integer.isSigned ? 0 : 1))), type: value)
      : Expr(.unary(.complement, .integer(0, type: value)), type: value)
    switch operation {
    case .maximum: return .integer(least, type: value)
    case .minimum: return greatest
    case .bitAnd: return integer.isSigned ? .integer(-1, type: value) : greatest
    case .bitOr, .bitXor: return .integer(0, type: value)
    case .sum: return isModular ? .integer(0, type: value) : nil
    case .product: return isModular ? .integer(1, type: value) : nil
    }
  }

  /// The statement that brings a partial result into the element.
  func taking(_ partial: Expr) -> Stmt {
    if let op = operation.combination {
      return .expression(.compound(op, target, partial))
    }
    let relation: BinaryOperator = operation == .minimum ? .less : .greater
    let choice = Expr(
      .conditional(.binary(relation, target, partial), target, partial), type: type.arithmeticType)
    return .expression(.assign(target, choice))
  }
}

extension Expr {
  /// The variable that an lvalue's text begins with.
  fileprivate var ownRoot: VariableID? {
    switch kind {
    case .variable(let variable): variable
    case .subscriptOf(let base, _): base.ownRoot
    case .member(let base, _, _): base.ownRoot
    case .unary(.dereference, let pointer): pointer.ownRoot
    case .cast(let inner): inner.ownRoot
    default: nil
    }
  }
}
