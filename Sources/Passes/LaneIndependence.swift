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
      guard holdsOnlyInvariants(i), holdsOnlyInvariants(j), !i.mayWrap, !j.mayWrap else {
        return false
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
}
