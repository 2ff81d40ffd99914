import IslBindings
import KernelModel

/// Integers that inputs and counters determine, and whether their types hold them.
///
/// C's arithmetic is that of the integers wherever no result leaves its type. For signed types the
/// original may be taken to stay inside, because it is undefined elsewhere: such inputs are left
/// out. Everything else is shown, or the value is no function of inputs any more.
extension ProgramReader {
  /// The result when it is known and fits `type`; nil when it is to be an operation.
  func indexArithmetic(
    _ op: BinaryOperator, _ a: SymbolicIndex, _ b: SymbolicIndex, _ type: CellType
  ) throws -> ScalarValue? {
    switch op {
    case .add: return try settled(try a.plus(b), type)
    case .subtract: return try settled(try a.minus(b), type)
    case .multiply:
      guard let product = try a.times(b) else { return nil }
      return try settled(product, type)
    case .divide, .remainder:
      guard let x = a.affine, let divisor = try b.constantValue(), divisor > 0 else { return nil }
      let result =
        try op == .divide
        ? x.truncatedQuotient(by: divisor) : x.truncatedRemainder(by: divisor)
      return ScalarValue(type, try settledQuotient(result))
    case .shiftLeft:
      guard let count = try b.constantValue(), (0..<min(type.bits, 62)).contains(count) else {
        return nil
      }
      // A negative value must not be shifted (§6.5.7 ¶4).
      if type.kind == .signed, !isProbing {
        guard let x = a.affine,
          try space.isImpossible(domain.intersection(x.isLess(than: space.constant(0))))
        else { return nil }
      }
      return try settled(try a.times(1 << count), type)
    case .shiftRight:
      guard let x = a.affine, let count = try b.constantValue(),
        (0..<min(type.bits, 62)).contains(count)
      else { return nil }
      return ScalarValue(type, try settledQuotient(x.floorDivided(by: 1 << count)))
    case .bitAnd:
      guard let x = a.affine, let mask = try b.constantValue(), mask >= 0, mask < 1 << 40,
        mask & (mask + 1) == 0
      else { return nil }
      let whole = try x.floorDivided(by: mask + 1).times(mask + 1)
      return ScalarValue(type, try settledQuotient(x.minus(whole)))
    case .less, .greater, .lessOrEqual, .greaterOrEqual, .equal, .notEqual:
      return try compare(op, a, b)
    default: return nil
    }
  }

  private func settledQuotient(_ f: PiecewiseAffine) throws -> SymbolicIndex {
    SymbolicIndex(try space.linear(try f.coalesced(), counters: allCounters))
  }

  /// 0 or 1 of a comparison; what is not affine becomes a condition of its own.
  func compare(_ op: BinaryOperator, _ a: SymbolicIndex, _ b: SymbolicIndex) throws
    -> ScalarValue?
  {
    let difference = try a.minus(b)
    guard let d = difference.affine else {
      guard try !difference.involvesCounters(allCounters) else { return nil }
      return try flagged("\(op.rawValue) \(difference.text)")
    }
    let zero = try space.constant(0)
    let set: IntegerSet
    switch op {
    case .less: set = try d.isLess(than: zero)
    case .greater: set = try zero.isLess(than: d)
    case .lessOrEqual: set = try d.isAtMost(zero)
    case .greaterOrEqual: set = try zero.isAtMost(d)
    case .equal: set = try d.isSame(as: zero)
    default: set = try d.nonZero()
    }
    return ScalarValue(.int, SymbolicIndex(try set.coalesced().indicator()))
  }

  /// A truth value that the inputs determine in a way that is not looked into: both answers are
  /// considered.
  func flagged(_ condition: String) throws -> ScalarValue {
    ScalarValue(.int, SymbolicIndex(try space.input(try space.flag(for: condition))))
  }

  /// The value when its type holds it; nil when an operation must compute it.
  func settled(_ index: SymbolicIndex, _ type: CellType) throws -> ScalarValue? {
    if isProbing { return ScalarValue(type, index) }
    if try fits(index, type) { return ScalarValue(type, index) }
    guard type.kind == .signed, !wraps else { return nil }
    if isOriginal {
      guard guards.isEmpty else { return nil }
      if let fault = try overflow(index, type) {
        try space.exclude(fault, counters: allCounters)
      } else {
        // The original is undefined wherever such a value leaves its type.
        program.products.append(
          IndexProduct(value: index, type: type, domain: domain, counters: allCounters))
      }
      return ScalarValue(type, index)
    }
    if index.affine == nil {
      program.products.append(
        IndexProduct(value: index, type: type, domain: domain, counters: allCounters))
      return ScalarValue(type, index)
    }
    guard guards.isEmpty else { return nil }
    throw Unproved("the candidate computes an '\(type)' that may overflow: \(index.text)")
  }

  /// Whether the type holds the value wherever the place is reached.
  func fits(_ index: SymbolicIndex, _ type: CellType) throws -> Bool {
    if isProbing { return true }
    if let value = try index.constantValue(), let range = type.smallRange {
      return range.contains(value)
    }
    guard let fault = try overflow(index, type) else {
      return try IndexBounds(space: space, domain: domain, counters: allCounters).fit(index, type)
    }
    return try space.isImpossible(fault)
  }

  /// Where an affine value leaves its type; nil for other values.
  private func overflow(_ index: SymbolicIndex, _ type: CellType) throws -> IntegerSet? {
    guard let affine = index.affine else { return nil }
    let below = try affine.isLess(than: space.constant(decimal: type.limits.least))
    let above = try space.constant(decimal: type.limits.greatest).isLess(than: affine)
    return try below.union(above).intersection(domain)
  }
}

extension SymbolicIndex {
  /// As isl writes it, for messages and to tell conditions apart.
  var text: String {
    terms.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { "(\($0.key.joined(separator: "*")): \($0.value))" }.joined(separator: " + ")
  }
}
