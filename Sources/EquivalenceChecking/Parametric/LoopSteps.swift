import IslBindings
import KernelModel

/// What each iteration adds to a variable, found by form: one `v++`, `v += c` or `v = v + c`, or
/// several of them, that stand in no inner loop or branch. A guess, which the reader checks.
struct LoopSteps {
  private(set) var found: [Int: SymbolicIndex] = [:]
  private var refused: Set<Int> = []

  init(
    reader: ProgramReader, condition: Expr, body: Stmt, step: Expr?, changed: Set<Int>
  ) throws {
    for expr in [condition, step].compactMap({ $0 }) {
      try add(expr, reader, changed, isCertain: true)
    }
    try add(body, reader, changed, isCertain: true)
    for slot in refused { found[slot] = nil }
    for (slot, step) in found {
      let binding = reader.bindings[slot]
      let isKnown = binding?.index != nil || binding?.pointer != nil
      // What wraps is data, and so is what steps by another amount in every call.
      let type = CellType(reader.variables[slot].type)
      let isPlain = try step.constantValue() != nil
      if !isKnown || (!isPlain && type?.kind == .unsigned && (type?.bits ?? 64) < 64) {
        found[slot] = nil
      }
    }
  }

  private mutating func add(
    _ statement: Stmt, _ reader: ProgramReader, _ changed: Set<Int>, isCertain: Bool
  ) throws {
    for expr in statement.expressions {
      let isNested =
        switch statement.kind {
        case .expression, .declaration, .returnValue: false
        case .branch(let condition, _, _): condition != expr
        default: true
        }
      try add(expr, reader, changed, isCertain: isCertain && !isNested)
    }
    if case .loop(let loop) = statement.kind, let header = loop.counted,
      let slot = reader.frame.slots[header.variable]
    {
      refused.insert(slot)
    }
    if case .declaration(let declarators) = statement.kind {
      for declarator in declarators {
        if let slot = reader.frame.slots[declarator.variable] { refused.insert(slot) }
      }
    }
    let isPlain = if case .block = statement.kind { true } else { false }
    for child in statement.children {
      try add(child, reader, changed, isCertain: isCertain && isPlain)
    }
  }

  private mutating func add(
    _ expr: Expr, _ reader: ProgramReader, _ changed: Set<Int>, isCertain: Bool
  ) throws {
    var isPlain = true
    switch expr.kind {
    case .unary(let op, let target) where op.stores:
      let by = op == .preIncrement || op == .postIncrement ? 1 : -1
      try note(target, .int(by), sign: 1, reader, changed, isCertain)
    case .assign(.add, let target, let amount):
      try note(target, amount, sign: 1, reader, changed, isCertain)
    case .assign(.subtract, let target, let amount):
      try note(target, amount, sign: -1, reader, changed, isCertain)
    case .assign(nil, let target, let source):
      let sum = Self.sum(source, target)
      try note(target, sum?.0, sign: sum?.1 ?? 1, reader, changed, isCertain)
    case .assign(_, let target, _):
      try note(target, nil, sign: 1, reader, changed, isCertain)
    case .conditional, .binary(.logicalAnd, _, _), .binary(.logicalOr, _, _): isPlain = false
    default: break
    }
    for child in expr.children {
      try add(child, reader, changed, isCertain: isCertain && isPlain)
    }
  }

  /// `v + c` or `v - c`.
  private static func sum(_ source: Expr, _ target: Expr) -> (Expr, Int)? {
    guard case .variable(let variable) = target.kind,
      case .binary(let op, let left, let right) = source.kind,
      op == .add || op == .subtract, case .variable(let own) = left.kind, own == variable
    else { return nil }
    return (right, op == .add ? 1 : -1)
  }

  private mutating func note(
    _ target: Expr, _ amount: Expr?, sign: Int, _ reader: ProgramReader, _ changed: Set<Int>,
    _ isCertain: Bool
  ) throws {
    guard case .variable(let variable) = target.kind, let slot = reader.frame.slots[variable] else {
      return
    }
    guard let amount, isCertain, !amount.hasEffects,
      amount.mentionedVariables.allSatisfy({ mentioned in
        reader.frame.slots[mentioned].map { !changed.contains($0) } ?? false
      }), let by = try index(amount, slot, reader)
    else {
      refused.insert(slot)
      return
    }
    let signed = try by.times(sign)
    found[slot] = try found[slot]?.plus(signed) ?? signed
  }

  /// The amount in the units in which the variable is counted.
  private func index(_ amount: Expr, _ slot: Int, _ reader: ProgramReader) throws
    -> SymbolicIndex?
  {
    let wasProbing = reader.isProbing
    reader.isProbing = true
    defer { reader.isProbing = wasProbing }
    guard case .scalar(let scalar) = try reader.value(amount), let index = scalar.index else {
      return nil
    }
    let type = reader.variables[slot].type
    guard type.isPointer else { return index }
    guard let pointee = type.element, let size = reader.layout.size(of: pointee)?.size,
      let base = reader.bindings[slot]?.pointer?.base, size % base.elementSize == 0
    else { return nil }
    return try index.times(size / base.elementSize)
  }
}
