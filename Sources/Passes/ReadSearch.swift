import ExperimentRecords
public import KernelModel

/// Looks for reads of one array in a loop and for what keeps them from being made earlier.
struct ReadSearch<P: Pass> {
  let kernel: Kernel
  let oracle: AliasOracle
  let site: LoopSite
  let pass: P

  private var function: Function { kernel.function }

  func text(_ expr: Expr) -> String {
    CPrinter(function: function, source: kernel.source).text(expr)
  }

  /// Refuses what no copy could be made around.
  func requireModelled() throws(Refusal) {
    if oracle.walk.touchesVolatile {
      throw pass.refusal("loop '\(site.label)' accesses a volatile object")
    }
    if oracle.walk.writesAnything {
      throw pass.refusal(
        "a call or opaque statement in loop '\(site.label)' may store to any memory")
    }
  }

  /// The reads, in order of evaluation.
  func reads(of array: String) throws(Refusal) -> [MemoryAccess] {
    let found = oracle.walk.accesses.filter { access in
      guard access.isRead, !access.within.isEmpty, let name = access.lvalue.arrayName(function)
      else { return false }
      return !access.isWrite
        && (name == array || name.prefix(while: { $0 != "." }) == array)
    }
    guard !found.isEmpty else {
      throw pass.refusal("loop '\(site.label)' reads no element of '\(array)'")
    }
    for access in found {
      guard access.lvalue.type.byteSize != nil else {
        throw pass.refusal("'\(text(access.lvalue))' is no number")
      }
      if function.isBitField(access.lvalue) {
        throw pass.refusal("'\(text(access.lvalue))' is a bit-field")
      }
      if isAddressTaken(access.lvalue) {
        throw pass.refusal("the address of '\(text(access.lvalue))' is taken")
      }
    }
    return found
  }

  private func isAddressTaken(_ lvalue: Expr) -> Bool {
    let key = lvalue.key
    var found = false
    site.loop.body.walkExpressions { node in
      if case .unary(.addressOf, let operand) = node.kind, operand.key == key { found = true }
    }
    return found
  }

  /// The loops from the loop itself to the access.
  func loops(around access: MemoryAccess) throws(Refusal) -> [LoopSite] {
    try access.within.map { (label) throws(Refusal) in try LoopSite(label, in: kernel, for: pass) }
  }

  /// The loops that the element follows, by its subscripts or by the bounds of such loops.
  func dimensions(of access: MemoryAccess) throws(Refusal) -> [LoopSite] {
    let sites = try loops(around: access)
    var followed = access.lvalue.mentionedVariables
    for site in sites.reversed() where followed.contains(site.variable) {
      for bound in [site.header.lower, site.header.bound].compactMap({ $0 }) {
        followed.formUnion(bound.mentionedVariables)
      }
    }
    let result = sites.filter { followed.contains($0.variable) }
    guard !result.isEmpty else {
      throw pass.refusal(
        "'\(text(access.lvalue))' is one element in loop '\(site.label)'; replace it by a scalar")
    }
    return result
  }

  /// Refuses subscripts that are not sums of iterators times values that the loop does not change.
  func requireAffine(_ lvalue: Expr, along loops: [LoopSite]) throws(Refusal) {
    let iterators = Set(loops.map(\.variable))
    let subscripts = lvalue.subscripts
    for variable in iterators {
      let outside = lvalue.mentions(of: variable) - subscripts.map { $0.mentions(of: variable) }.sum
      guard outside == 0 else {
        throw pass.refusal(
          "'\(text(lvalue))' is not reached by subscripts of one array along '\(name(variable))'")
      }
      for index in subscripts {
        guard let factor = IndexForm(index).coefficient(of: variable),
          factor.atoms.filter({ factor.terms.keys.joined().contains($0.key) })
            .allSatisfy({ $0.value.mentionedVariables.isDisjoint(with: iterators) })
        else {
          throw pass.refusal("the subscript '\(text(index))' is not affine in '\(name(variable))'")
        }
      }
    }
    try requireSteady(lvalue, isElement: true, but: iterators, "'\(text(lvalue))'")
  }

  private func name(_ variable: VariableID) -> String { function[variable].name }

  /// Refuses values that the loop may change, other than iterators.
  ///
  /// - Parameter isElement: whether the expression is the element itself, of which the address counts.
  private func requireSteady(
    _ expr: Expr, isElement: Bool = false, but iterators: Set<VariableID>, _ what: String
  ) throws(Refusal) {
    let changed = oracle.region.storedVariables.subtracting(iterators)
    if let variable = expr.mentionedVariables.intersection(changed).min() {
      throw pass.refusal("\(what) follows '\(name(variable))', which loop '\(site.label)' sets")
    }
    let reads = MemoryWalk(.expression(expr), shared: function.sharedVariables)
    let inner = reads.accesses.filter { !isElement || $0.lvalue.key != expr.key }
    guard !reads.readsAnything, !reads.touchesVolatile, !expr.hasEffects else {
      throw pass.refusal("\(what) follows a call")
    }
    for access in inner {
      if let store = oracle.walk.writes.first(where: {
        oracle.mayShareObject($0.lvalue, access.lvalue)
      }) {
        throw pass.refusal(
          "\(what) follows '\(text(access.lvalue))', which '\(text(store.lvalue))' may change")
      }
    }
  }

  /// Refuses loops whose ranges are not the same at each execution that the copy stands for, or that
  /// may be left before their end.
  func requireSteadyRanges(_ loops: [LoopSite]) throws(Refusal) {
    for (depth, inner) in loops.enumerated() {
      try inner.requireNoEarlyExit(for: pass)
      let outer = Set(loops[..<depth].map(\.variable))
      let what = "the range of loop '\(inner.label)'"
      try requireSteady(try inner.lower(for: pass), but: outer, what)
      try requireSteady(inner.header.bound, but: outer, what)
    }
  }
}

extension Expr {
  /// The name by which a recipe calls the array that an element lies in: the variable and the members
  /// on the way, without subscripts.
  public func arrayName(_ function: Function) -> String? {
    switch kind {
    case .variable(let variable): function[variable].name
    case .subscriptOf(let base, _): base.arrayName(function)
    case .member(let base, let field, _): base.arrayName(function).map { "\($0).\(field)" }
    case .unary(.dereference, let pointer): pointer.arrayName(function)
    case .binary(.add, let a, let b):
      (a.type.element != nil ? a : b).arrayName(function)
    case .cast(let operand): operand.arrayName(function)
    default: nil
    }
  }
}

extension [Int] {
  fileprivate var sum: Int { reduce(0, +) }
}
