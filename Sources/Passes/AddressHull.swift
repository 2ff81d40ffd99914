import KernelModel

/// The first and the last element that an access reaches in a loop nest, as lvalues over values that
/// are known before the nest, under conditions that can be tested there.
///
/// Where subscripts multiply variables the extremes are reached in iterations that the original
/// executes when the conditions hold, so computing them overflows only where the original does.
/// Otherwise a triangle's corner may lie a step beyond what is reached; it is a bound all the same.
struct AddressHull {
  var first: Expr
  var last: Expr
  /// What makes them the extremes, in an order in which each can be evaluated once those before it
  /// hold: every loop is entered, every stride that is multiplied with an iterator is not negative.
  var conditions: [Expr]
}

/// Why an access has no hull.
struct HullObstacle: Error {
  var reason: String
}

/// Computes hulls of the accesses in one nest.
struct HullFinder {
  let function: Function
  /// The statement of the nest's outermost loop.
  let region: Stmt
  private let stored: Set<VariableID>
  private let locals: [VariableID: Expr]

  init(function: Function, region: Stmt) {
    self.function = function
    self.region = region
    stored = region.storedVariables
    locals = Self.constantLocals(region)
  }

  /// Locals of the nest that are set once, where they are declared.
  private static func constantLocals(_ region: Stmt) -> [VariableID: Expr] {
    var values: [VariableID: Expr] = [:]
    var assigned: Set<VariableID> = []
    region.walk { statement in
      if case .declaration(let declarators) = statement.kind {
        for declarator in declarators { values[declarator.variable] = declarator.initializer }
      }
      if case .opaque(let opaque) = statement.kind { assigned.formUnion(opaque.writes) }
      for expr in statement.expressions {
        expr.walk { node in
          switch node.kind {
          case .assign(_, let target, _): if let v = target.rootVariable { assigned.insert(v) }
          case .unary(let op, let target) where op.stores || op == .addressOf:
            if let v = target.rootVariable { assigned.insert(v) }
          default: break
          }
        }
      }
    }
    return values.filter { !assigned.contains($0.key) && !$0.value.hasEffects }
  }

  func hull(of access: MemoryAccess, printer: CPrinter) throws(HullObstacle) -> AddressHull {
    let text = printer.text(access.lvalue)
    guard access.isUnconditional else {
      throw HullObstacle(reason: "'\(text)' is touched only under a condition")
    }
    let loops = access.within.compactMap { region.loop($0) }
    guard loops.count == access.within.count else {
      throw HullObstacle(reason: "'\(text)' stands in a loop that is not counted")
    }
    if let left = loops.first(where: { $0.body.mayExitEarly }) {
      throw HullObstacle(reason: "loop '\(left.label)' may be left early")
    }
    guard let lvalue = expanded(access.lvalue),
      let low = corner(of: lvalue, loops, highest: false),
      let high = corner(of: lvalue, loops, highest: true)
    else { throw HullObstacle(reason: "the extent of '\(text)' is not known before the loop") }
    var conditions: [Expr] = []
    for condition in low.conditions + high.conditions
    where !conditions.contains(where: { $0.key == condition.key }) {
      conditions.append(condition)
    }
    return AddressHull(first: low.lvalue, last: high.lvalue, conditions: conditions)
  }

  /// The expression with locals of the nest replaced by their values; nil when that has no end.
  private func expanded(_ expr: Expr) -> Expr? {
    var result = expr
    for _ in 0..<8 {
      guard result.mentionedVariables.contains(where: { locals[$0] != nil }) else { return result }
      result = result.replacingTopDown { node in
        if case .variable(let variable) = node.kind { locals[variable] } else { nil }
      }
    }
    return nil
  }

  private enum Direction {
    case still
    case up
    case down
  }

  private func corner(of lvalue: Expr, _ loops: [Loop], highest: Bool)
    -> (lvalue: Expr, conditions: [Expr])?
  {
    var place = lvalue
    var signs: [Expr] = []
    var entries: [Expr] = []
    for loop in loops.reversed() {
      guard let header = loop.counted, let lower = header.lower.flatMap(expanded),
        let bound = expanded(header.bound)
      else { return nil }
      var expandedHeader = header
      expandedHeader.lower = lower
      expandedHeader.bound = bound
      guard let (direction, needed) = direction(of: header.variable, in: place, loops) else {
        return nil
      }
      signs += needed
      if case .when(let entry) = expandedHeader.entry(in: function) { entries.insert(entry, at: 0) }
      let goesUp = direction != .down
      let value = goesUp == highest ? highestValue(expandedHeader) : lowestValue(expandedHeader)
      guard let value else { return nil }
      let bind = { (expr: Expr) in
        expr.replacingTopDown { $0.kind == .variable(header.variable) ? value : nil }
      }
      // Where subscripts only add, a corner one step beyond what is reached costs nothing, and the
      // loops inside need only be entered in some iteration of this one, not in the corner's.
      let isSum = lvalue.subscripts.allSatisfy { !$0.multipliesVariables }
      entries = entries.map { entry in
        guard isSum, let goesUp = eases(entry, header.variable),
          let easiest = goesUp ? highestValue(expandedHeader) : lowestValue(expandedHeader)
        else { return bind(entry) }
        return entry.replacingTopDown { $0.kind == .variable(header.variable) ? easiest : nil }
      }
      place = bind(place)
      signs = signs.map(bind)
    }
    let all = entries + signs
    guard ([place] + all).allSatisfy({ $0.mentionedVariables.isDisjoint(with: stored) }) else {
      return nil
    }
    let conditions = all.map(\.simplifiedDeep).filter { $0.constantTruth != true }
    return (place.simplifiedDeep.withPlainIndices, conditions)
  }

  /// Whether a comparison is the easier to meet the larger the variable is; nil when that is not known.
  private func eases(_ comparison: Expr, _ variable: VariableID) -> Bool? {
    guard case .binary(let relation, let a, let b) = comparison.kind else { return nil }
    let gap: IndexForm
    switch relation {
    case .less, .lessOrEqual: gap = IndexForm(b) - IndexForm(a)
    case .greater, .greaterOrEqual: gap = IndexForm(a) - IndexForm(b)
    default: return nil
    }
    guard !gap.mayWrap, let slope = gap.coefficient(of: variable)?.constant, slope != 0 else {
      return nil
    }
    return slope > 0
  }

  /// How the address moves with an iterator, and what must hold for that.
  private func direction(of variable: VariableID, in lvalue: Expr, _ loops: [Loop])
    -> (Direction, [Expr])?
  {
    var direction = Direction.still
    var needed: [Expr] = []
    for index in lvalue.subscripts {
      guard index.mentionedVariables.contains(variable) else { continue }
      let form = IndexForm(index)
      guard !form.mayWrap, let factor = form.coefficient(of: variable) else { return nil }
      let signs = Set(factor.terms.values.map { $0 > 0 })
      guard signs.count <= 1 else { return nil }
      guard let isUp = signs.first else { continue }
      for key in Set(factor.terms.keys.joined()).sorted() {
        guard let atom = factor.atoms[key] else { return nil }
        if isCounter(atom, loops) { continue }
        guard atom.type.integer?.isSigned == true else { continue }
        needed.append(.binary(.greaterOrEqual, atom, .int(0)))
      }
      let next = isUp ? Direction.up : .down
      guard direction == .still || direction == next else { return nil }
      direction = next
    }
    // Outside subscripts the iterator would choose another object.
    var outside = 0
    lvalue.walk { if $0.kind == .variable(variable) { outside += 1 } }
    for index in lvalue.subscripts {
      index.walk { if $0.kind == .variable(variable) { outside -= 1 } }
    }
    return outside == 0 ? (direction, needed) : nil
  }

  /// Whether the atom is an iterator that is never negative.
  private func isCounter(_ atom: Expr, _ loops: [Loop]) -> Bool {
    loops.contains { loop in
      guard let header = loop.counted, atom.kind == .variable(header.variable) else { return false }
      return header.step > 0 && (header.lower?.constantValue ?? -1) >= 0
    }
  }

  private func highestValue(_ header: CountedHeader) -> Expr? {
    header.step > 0 ? lastValue(header) : header.lower
  }
  private func lowestValue(_ header: CountedHeader) -> Expr? {
    header.step > 0 ? header.lower : lastValue(header)
  }

  /// The iterator's value in the last iteration.
  private func lastValue(_ header: CountedHeader) -> Expr? {
    guard abs(header.step) == 1 else { return nil }
    switch header.relation {
    case .lessOrEqual, .greaterOrEqual: return header.bound
    case .less: return .binary(.subtract, header.bound, .int(1))
    case .greater: return .binary(.add, header.bound, .int(1))
    case .notEqual: return .binary(.subtract, header.bound, .int(header.step))
    default: return nil
    }
  }
}

extension Expr {
  /// Whether some product inside has a variable in both factors.
  fileprivate var multipliesVariables: Bool {
    contains {
      guard case .binary(.multiply, let a, let b) = $0.kind else { return false }
      return a.constantValue == nil && b.constantValue == nil
    }
  }

  /// Index expressions of an lvalue, innermost base first.
  var subscripts: [Expr] {
    switch kind {
    case .subscriptOf(let base, let index): base.subscripts + [index]
    case .member(let base, _, _): base.subscripts
    case .unary(.dereference, let pointer):
      if case .binary(.add, let base, let index) = pointer.kind, base.type.element != nil {
        base.subscripts + [index]
      } else {
        []
      }
    default: []
    }
  }

  /// The lvalue with constant indices as plain numbers.
  var withPlainIndices: Expr {
    guard case .subscriptOf(let base, let index) = kind else {
      return mapChildren { $0.withPlainIndices }
    }
    let plain = index.spelling == nil ? index.constantValue.map { Expr.int($0) } : nil
    return Expr(.subscriptOf(base.withPlainIndices, plain ?? index), type: type)
  }

  /// Simplified until nothing changes; each round removes a node.
  var simplifiedDeep: Expr {
    var current = self
    while true {
      let next = current.simplified
      if next == current { return current }
      current = next
    }
  }

  /// The truth of a comparison of constants.
  var constantTruth: Bool? {
    guard case .binary(let op, let a, let b) = kind, let x = a.constantValue,
      let y = b.constantValue
    else { return nil }
    switch op {
    case .less: return x < y
    case .lessOrEqual: return x <= y
    case .greater: return x > y
    case .greaterOrEqual: return x >= y
    case .equal: return x == y
    case .notEqual: return x != y
    default: return nil
    }
  }
}
