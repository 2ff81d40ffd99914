import KernelModel

/// A test that different iterations of a loop touch different storage wherever one of them stores.
///
/// Every store must have a subscript that moves with the iterator by a constant and otherwise only
/// holds values that the loop does not change, and every other access to that object must have the
/// same subscript there. Sufficient, not necessary; what it cannot tell is left to the dependence
/// tests over integer sets.
struct LaneIndependence {
  let oracle: AliasOracle
  let loop: Loop
  let iterator: VariableID

  /// Two accesses of different iterations that may meet, at least one of them a store; nil when there
  /// are none.
  func conflict() -> (store: Expr, other: Expr)? {
    let walk = MemoryWalk(loop.body, shared: oracle.function.sharedVariables)
    for write in walk.writes {
      for access in walk.accesses where mayMeet(write.lvalue, access.lvalue) {
        return (write.lvalue, access.lvalue)
      }
    }
    return nil
  }

  private func mayMeet(_ store: Expr, _ other: Expr) -> Bool {
    if !oracle.mayShareObject(store, other) { return false }
    let (a, b) = (oracle.place(of: store), oracle.place(of: other))
    guard a.root == b.root, a.root != .unknown, a.isExact, b.isExact,
      a.components.count == b.components.count
    else { return true }
    return !zip(a.components, b.components).contains(where: separates)
  }

  /// Whether a pair of subscripts is different in any two different iterations.
  private func separates(_ pair: (Place.Component, Place.Component)) -> Bool {
    switch pair {
    case (.index(let i), .index(let j)):
      guard let step = i.coefficient(of: iterator)?.constant, step != 0,
        j.coefficient(of: iterator)?.constant == step
      else { return constantlyDifferent(i, j) }
      // Equal but for the iterator's term: the distance is `step` times the distance of iterations.
      let distance = (i - j).constant
      guard !i.mayWrap, !j.mayWrap else { return false }
      guard holdsOnlyInvariants(i), holdsOnlyInvariants(j) else {
        return abs(step) == 1 && distance == 0
          && rowLengths(i).contains { length in
            condition(keepsWithin: length).map(isKnown) == true
          }
      }
      return distance.map { $0 == 0 || $0 % step != 0 } ?? false
    case (.field(let f), .field(let g)): return f != g && oracle.isStructField(f, g)
    default: return false
    }
  }

  private func constantlyDifferent(_ i: IndexForm, _ j: IndexForm) -> Bool {
    guard let a = i.constant, let b = j.constant else { return false }
    return a != b
  }

  private func holdsOnlyInvariants(_ form: IndexForm) -> Bool {
    form.terms.keys.joined().allSatisfy { key in
      key == "v\(iterator.index)" || form.atoms[key].map(oracle.isInvariant) == true
    }
  }

  /// Comparisons that would keep iterations apart: that the iterator stays within one row of stores
  /// such as `out[y * stride + x]`.
  func missingComparisons() -> [Expr] {
    let walk = MemoryWalk(loop.body, shared: oracle.function.sharedVariables)
    var result: [Expr] = []
    for write in walk.writes {
      for component in oracle.place(of: write.lvalue).components {
        guard case .index(let form) = component, !form.mayWrap,
          let step = form.coefficient(of: iterator)?.constant, abs(step) == 1
        else { continue }
        guard !holdsOnlyInvariants(form), let length = rowLengths(form).first,
          let condition = condition(keepsWithin: length), !isKnown(condition),
          !result.contains(where: { $0.key == condition.key })
        else { continue }
        result.append(condition)
      }
    }
    return result
  }

  private func isKnown(_ condition: Expr) -> Bool {
    if case .binary(.lessOrEqual, let a, let b) = condition.kind, a.key == b.key { return true }
    return oracle.known.contains(condition.key)
  }

  /// Invariant values that every other term with a changing factor is a multiple of.
  private func rowLengths(_ form: IndexForm) -> [Expr] {
    let own = "v\(iterator.index)"
    let changing = form.terms.keys.filter { product in
      product != [own] && !product.allSatisfy { form.atoms[$0].map(oracle.isInvariant) == true }
    }
    guard let first = changing.first else { return [] }
    let common = changing.dropFirst().reduce(Set(first)) { $0.intersection($1) }
    return common.sorted().compactMap { form.atoms[$0] }.filter {
      oracle.isInvariant($0) && $0.type.integer?.isSigned == true
    }
  }

  /// That the iterator is less than the length; its start is not negative.
  private func condition(keepsWithin length: Expr) -> Expr? {
    guard let header = loop.counted, header.step > 0, (header.lower?.constantValue ?? -1) >= 0,
      header.relation == .less || header.relation == .lessOrEqual,
      header.bound.type.integer?.isSigned == true
    else { return nil }
    return .binary(header.relation, header.bound, length).relaxingLess
  }
}

extension Expr {
  /// `bound <= length` for an exclusive bound, `bound < length` for an inclusive one.
  fileprivate var relaxingLess: Expr {
    guard case .binary(let relation, let a, let b) = kind else { return self }
    return .binary(relation == .less ? .lessOrEqual : .less, a, b)
  }
}
