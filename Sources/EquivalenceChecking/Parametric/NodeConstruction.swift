import KernelModel

/// Operations as nodes, in a form that differs less between two ways of writing the same. Every
/// rule holds for all operands:
///
/// - a conversion or reinterpretation that changes nothing goes;
/// - x − (+0) is x in every rounding mode but for signalling NaN, and x ÷ 2^k is x · 2^−k where
///   2^−k is a normal number: both round the same real number (IEEE 754-2008 §4.3);
/// - (m & a) | (~m & b) is a choice where m is a mask, all bits set or none;
/// - clearing the sign bit is the magnitude (IEEE 754-2008 §5.5.1).
extension ProgramReader {
  func make(_ op: GraphOperator, _ type: CellType, _ operands: [OperationNode]) -> OperationNode {
    if type.isFloating, op == .multiply || op == .divide { hasProduct = true }
    if type.isFloating, op == .add || op == .subtract { hasSum = true }
    if let simpler = simplified(op, type, operands) { return simpler }
    let range = OperationRange.of(op, type, operands.map(\.range))
    return OperationNode(
      .operation(op, operands), type, guards: guards,
      isRisky: isRisky(op, type, operands, range), range: range)
  }

  /// Whether the operation is undefined for some operands within their bounds.
  private func isRisky(
    _ op: GraphOperator, _ type: CellType, _ operands: [OperationNode], _ range: ClosedRange<Int>?
  ) -> Bool {
    switch op {
    case .divide, .remainder:
      guard type.isInteger else { return false }
      guard let divisor = operands[1].range, !divisor.contains(0) else { return true }
      return divisor.contains(-1) && type.kind == .signed
    case .shiftLeft, .shiftRight:
      guard let count = operands[1].range, 0 <= count.lowerBound, count.upperBound < type.bits
      else { return true }
      return op == .shiftLeft && type.kind == .signed && !wraps
        && OperationRange.exact(op, operands.map(\.range)).map { !holds(type, $0) } ?? true
    case .add, .subtract, .multiply, .negate:
      guard type.kind == .signed, !wraps else { return false }
      return OperationRange.exact(op, operands.map(\.range)).map { !holds(type, $0) } ?? true
    case .convert(let from): return from.isFloating && type.isInteger
    default: return false
    }
  }

  private func holds(_ type: CellType, _ range: ClosedRange<Int>) -> Bool {
    guard let held = type.smallRange else { return type.kind == .signed }
    return held.lowerBound <= range.lowerBound && range.upperBound <= held.upperBound
  }

  private func simplified(_ op: GraphOperator, _ type: CellType, _ operands: [OperationNode])
    -> OperationNode?
  {
    switch op {
    case .convert(let from) where from == type: return operands[0]
    case .reinterpret(let from): return reinterpreted(from, type, operands[0])
    case .subtract where type.isFloating && operands[1].bits == 0: return operands[0]
    case .subtract where type.isInteger && operands[1].range == 0...0: return operands[0]
    case .divide where type.isFloating: return product(operands, type)
    case .bitOr: return selected(operands, type)
    case .maskTruth:
      if case .operation(.mask, let inner) = operands[0].kind { return inner[0] }
      return nil
    default: return nil
    }
  }

  private func reinterpreted(_ from: CellType, _ type: CellType, _ node: OperationNode)
    -> OperationNode?
  {
    if from == type { return node }
    switch node.kind {
    case .operation(.reinterpret(let inner), let operands) where inner == type: return operands[0]
    case .operation(.select, let operands):
      let a = make(.reinterpret(from: from), type, [operands[1]])
      let b = make(.reinterpret(from: from), type, [operands[2]])
      return OperationNode(.operation(.select, [operands[0], a, b]), type)
    case .operation(.bitAnd, let operands) where type.isFloating:
      // The greatest signed number has every bit but the sign.
      for (value, mask) in [(operands[0], operands[1]), (operands[1], operands[0])] {
        guard case .operation(.reinterpret(let inner), let base) = value.kind, inner == type,
          let range = mask.range, range.lowerBound == (type.bits == 64 ? Int.max : 0x7fff_ffff),
          range.count == 1
        else { continue }
        return OperationNode(.operation(.magnitude, base), type)
      }
      return nil
    default: return nil
    }
  }

  /// x ÷ 2^k as x · 2^−k.
  private func product(_ operands: [OperationNode], _ type: CellType) -> OperationNode? {
    guard let bits = operands[1].bits else { return nil }
    let reciprocal: UInt64
    if type.bits == 32 {
      let divisor = Float(bitPattern: UInt32(bits))
      guard divisor.isNormal, divisor.significandBitPattern == 0, (1 / divisor).isNormal else {
        return nil
      }
      reciprocal = UInt64((1 / divisor).bitPattern)
    } else {
      let divisor = Double(bitPattern: bits)
      guard divisor.isNormal, divisor.significandBitPattern == 0, (1 / divisor).isNormal else {
        return nil
      }
      reciprocal = (1 / divisor).bitPattern
    }
    let factor = OperationNode(.constant(reciprocal), type)
    return OperationNode(.operation(.multiply, [operands[0], factor]), type)
  }

  /// (m & a) | (~m & b) of a mask m.
  private func selected(_ operands: [OperationNode], _ type: CellType) -> OperationNode? {
    for (first, second) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      guard case .operation(.bitAnd, let x) = first.kind,
        case .operation(.bitAnd, let y) = second.kind
      else { continue }
      for (inverse, b) in [(y[0], y[1]), (y[1], y[0])] {
        guard case .operation(.complement, let inner) = inverse.kind, isMask(inner[0]) else {
          continue
        }
        for (mask, a) in [(x[0], x[1]), (x[1], x[0])] where mask.isSame(as: inner[0]) {
          let truth = make(.maskTruth, .int, [mask])
          return OperationNode(.operation(.select, [truth, a, b]), type)
        }
      }
    }
    return nil
  }

  /// Whether the value has all bits set or none.
  private func isMask(_ node: OperationNode) -> Bool {
    switch node.kind {
    case .operation(.mask, _): return true
    case .definition(let number):
      guard program.statements.indices.contains(number) else { return false }
      return isMask(program.statements[number].value)
    default: return false
    }
  }
}

extension OperationNode {
  /// The bits of a floating constant.
  fileprivate var bits: UInt64? {
    if case .constant(let bits) = kind { bits } else { nil }
  }

  /// Whether both are certainly one value at one place.
  fileprivate func isSame(as other: OperationNode) -> Bool {
    if self === other { return true }
    if case .definition(let a) = kind, case .definition(let b) = other.kind { return a == b }
    return false
  }
}

/// Bounds of integer operations.
enum OperationRange {
  typealias Bounds = ClosedRange<Int>

  /// Bounds of the mathematical result; nil when they are not known.
  static func exact(_ op: GraphOperator, _ operands: [Bounds?]) -> Bounds? {
    guard let a = operands.first ?? nil else { return nil }
    if op == .negate {
      return a.lowerBound == .min ? nil : (-a.upperBound)...(-a.lowerBound)
    }
    guard operands.count == 2, let b = operands[1] else { return nil }
    switch op {
    case .add: return sum(a, b)
    case .subtract: return b.lowerBound == .min ? nil : sum(a, (-b.upperBound)...(-b.lowerBound))
    case .multiply: return IndexBounds.product(a, b)
    case .shiftLeft:
      guard a.lowerBound >= 0, b.lowerBound >= 0, b.upperBound < 62 else { return nil }
      return IndexBounds.product(a, (1 << b.lowerBound)...(1 << b.upperBound))
    case .shiftRight:
      guard a.lowerBound >= 0, b.lowerBound >= 0 else { return nil }
      return 0...a.upperBound
    case .bitAnd:
      if b.lowerBound >= 0 { return 0...b.upperBound }
      return a.lowerBound >= 0 ? 0...a.upperBound : nil
    case .divide, .remainder:
      guard a.lowerBound >= 0, b.lowerBound > 0 else { return nil }
      return 0...(op == .divide ? a.upperBound : min(a.upperBound, b.upperBound - 1))
    default: return nil
    }
  }

  /// Bounds of the value in its type.
  static func of(_ op: GraphOperator, _ type: CellType, _ operands: [Bounds?]) -> Bounds? {
    guard type.isInteger else { return nil }
    switch op {
    case .less, .lessOrEqual, .equal, .notEqual, .maskTruth: return 0...1
    case .select:
      guard operands.count == 3, let a = operands[1], let b = operands[2] else { break }
      return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    case .convert(let from) where from.isInteger:
      guard let a = operands[0] else { break }
      return held(a, type)
    default:
      if let exact = exact(op, operands) { return held(exact, type) }
    }
    return type.smallRange
  }

  private static func held(_ range: Bounds, _ type: CellType) -> Bounds? {
    guard let all = type.smallRange else {
      return type.kind == .unsigned && range.lowerBound < 0 ? nil : range
    }
    return all.lowerBound <= range.lowerBound && range.upperBound <= all.upperBound ? range : all
  }

  private static func sum(_ a: Bounds, _ b: Bounds) -> Bounds? {
    let (low, under) = a.lowerBound.addingReportingOverflow(b.lowerBound)
    let (high, over) = a.upperBound.addingReportingOverflow(b.upperBound)
    return under || over ? nil : low...high
  }
}
