import KernelModel

/// Tells which lvalues of a region may share storage, and what keeps its value there.
///
/// Sources: distinct objects, `restrict`, declared separation, run-time checks around the region,
/// types under strict aliasing (§6.5 ¶7), and subscripts that differ by a constant.
struct AliasOracle {
  let function: Function
  let region: Stmt
  let walk: MemoryWalk
  /// Keys of comparisons that hold in the region.
  let known: Set<String>
  private let finder: PlaceFinder
  private let shared: Set<VariableID>
  private let disjoint: [(ObjectPath, ObjectPath)]
  private let usesTypes: Bool
  private let stored: Set<VariableID>
  /// What the loops around the region tell of its values.
  private let bounds: BoundFacts
  /// What holds where the region's own loop makes its accesses as well.
  private let innerBounds: BoundFacts

  /// An oracle for the statement with this loop label; nil when there is none.
  init?(_ kernel: Kernel, loop label: LoopLabel) {
    let function = kernel.function
    guard let found = function.body.find({ $0.loopLabel == label }) else { return nil }
    self.init(kernel, region: found.statement, facts: found.facts)
  }

  /// - Parameter place: a loop that stands where the region does, if the region is no loop itself.
  init(_ kernel: Kernel, region: Stmt, facts: [Fact], at place: LoopLabel? = nil) {
    let outer = region.loopLabel ?? place
    bounds = outer.map { BoundFacts(at: $0, inside: false, of: kernel) } ?? BoundFacts.none
    innerBounds =
      region.loopLabel.map { BoundFacts(at: $0, inside: true, of: kernel) } ?? bounds
    function = kernel.function
    self.region = region
    finder = PlaceFinder(kernel.function)
    shared = kernel.function.sharedVariables
    walk = MemoryWalk(region, shared: shared)
    stored = region.storedVariables
    known = Set(
      facts.compactMap { if case .holds(let condition) = $0 { condition.key } else { nil } })
    usesTypes = kernel.build.assumesStrictAliasing
    disjoint =
      facts.compactMap { if case .disjoint(let a, let b) = $0 { (a, b) } else { nil } }
      + kernel.contract.requirements.compactMap {
        if case .separated(let a, let b) = $0 { (a, b) } else { nil }
      }
  }

  func place(of lvalue: Expr) -> Place { finder.place(of: lvalue) }

  /// Whether the two lvalues may overlap, each evaluated where its atoms have the values that they
  /// have in the other.
  func mayOverlap(_ a: Expr, _ b: Expr) -> Bool {
    if usesTypes, !a.isInUnion, !b.isInUnion, !a.type.mayAlias(b.type) { return false }
    return mayOverlap(stabilized(place(of: a)), stabilized(place(of: b)))
  }

  /// Whether the two lvalues may lie in one object, whatever their subscripts.
  func mayShareObject(_ a: Expr, _ b: Expr) -> Bool {
    if usesTypes, !a.isInUnion, !b.isInUnion, !a.type.mayAlias(b.type) { return false }
    let (x, y) = (stabilized(place(of: a)), stabilized(place(of: b)))
    return x.root == y.root || mayMeet(x.root, y.root)
  }

  /// Whether the two members are distinct storage of one structure.
  func isStructField(_ f: String, _ g: String) -> Bool { f != g && !isUnionField(f, g) }

  private func mayOverlap(_ a: Place, _ b: Place) -> Bool {
    if a.root != b.root || a.root == .unknown { return mayMeet(a.root, b.root) }
    guard a.isExact, b.isExact else { return true }
    return !differ(a.components, b.components)
  }

  private func mayMeet(_ a: Place.Root, _ b: Place.Root) -> Bool {
    switch (a, b) {
    case (.object(let x), .object(let y)): return x == y
    case (.object(let x), .unknown), (.unknown, .object(let x)): return shared.contains(x)
    case (.object(let x), .pointee(let path)), (.pointee(let path), .object(let x)):
      return shared.contains(x) && !isRestrict(path) && !isDeclaredDisjoint(ObjectPath(x), path)
    case (.pointee(let p), .pointee(let q)):
      return !isRestrict(p) && !isRestrict(q) && !isDeclaredDisjoint(p, q)
    case (.unknown, _), (_, .unknown): return true
    }
  }

  private func isRestrict(_ path: ObjectPath) -> Bool {
    path.fields.isEmpty && function[path.base].type.qualifiers.contains(.restrict)
  }

  private func isDeclaredDisjoint(_ a: ObjectPath, _ b: ObjectPath) -> Bool {
    let names = [a, finder.origin(of: a)].compactMap { $0 }
    let others = [b, finder.origin(of: b)].compactMap { $0 }
    return disjoint.contains { x, y in
      (names.contains(x) && others.contains(y)) || (names.contains(y) && others.contains(x))
    }
  }

  /// Whether two ways from one root certainly lead to different storage.
  private func differ(_ a: [Place.Component], _ b: [Place.Component]) -> Bool {
    for (x, y) in zip(a, b) {
      switch (x, y) {
      case (.index(let i), .index(let j)):
        if isNeverZero(i - j) { return true }
      case (.field(let f), .field(let g)): if f != g { return !isUnionField(f, g) }
      case (.anyIndex, .index), (.index, .anyIndex), (.anyIndex, .anyIndex): break
      default: return false
      }
    }
    return false
  }

  /// Whether the distance is a constant, has a sign by the bounds of loops (`j - p` where `p < j`), or is a
  /// multiple of values that are positive wherever the region is reached, such as the length of rows that a
  /// loop around it runs over.
  private func isNeverZero(_ distance: IndexForm) -> Bool {
    if let constant = distance.constant { return constant != 0 }
    if let form = distance.linear, !form.terms.isEmpty {
      if innerBounds.prove(form + -1) || innerBounds.prove(form * -1 + -1) { return true }
    }
    guard distance.terms.count == 1, let product = distance.terms.keys.first, !distance.mayWrap
    else { return false }
    return product.allSatisfy { key in
      distance.atoms[key].map { bounds.prove(LinearForm($0, facts: bounds) + -1) } ?? false
    }
  }

  private func isUnionField(_ f: String, _ g: String) -> Bool {
    function.records.values.contains { record in
      record.reference.isUnion && record.fields.contains { $0.name == f || $0.name == g }
    }
  }

  /// The place, with an unknown root when the region may store to a pointer on the way to it.
  private func stabilized(_ place: Place) -> Place {
    guard case .pointee(let path) = place.root, !path.fields.isEmpty, !isStable(path) else {
      return place
    }
    return Place(root: .unknown, isExact: false)
  }

  /// Whether nothing in the region may store to the members that a path goes through.
  private func isStable(_ path: ObjectPath) -> Bool {
    if walk.writesAnything { return false }
    for count in path.fields.indices {
      let holder = ObjectPath(path.base, fields: Array(path.fields[..<count]))
      let isPointer = count > 0 || function[path.base].type.isPointer
      let root: Place.Root = isPointer ? .pointee(holder) : .object(path.base)
      let member = Place(
        root: root,
        components: (isPointer ? [.index(IndexForm())] : []) + [.field(path.fields[count])])
      for write in walk.writes {
        let type = write.lvalue.type.canonical
        if usesTypes, type.isArithmetic, !type.isCharacter { continue }
        if mayOverlap(finder.place(of: write.lvalue), member) { return false }
      }
    }
    return true
  }

  /// Whether the expression has one value throughout the region: no effects, nothing stored to what
  /// it mentions or reads.
  func isInvariant(_ expr: Expr) -> Bool {
    if expr.hasEffects || !expr.mentionedVariables.isDisjoint(with: stored) { return false }
    let reads = MemoryWalk(.expression(expr), shared: shared)
    if reads.touchesVolatile { return false }
    if reads.readsAnything, walk.writesAnything || !walk.writes.isEmpty { return false }
    if !reads.accesses.isEmpty, walk.writesAnything { return false }
    return !reads.accesses.contains { access in
      walk.writes.contains { mayOverlap($0.lvalue, access.lvalue) }
    }
  }
}

extension Stmt {
  /// The first statement below, or this one, that satisfies the predicate, with the facts that hold
  /// there by run-time checks.
  func find(_ predicate: (Stmt) -> Bool, facts: [Fact] = []) -> (statement: Stmt, facts: [Fact])? {
    if predicate(self) { return (self, facts) }
    if case .versioned(let versioned) = kind {
      let known = facts + versioned.checks.map(\.fact)
      return versioned.fast.find(predicate, facts: known)
        ?? versioned.fallback.find(predicate, facts: facts)
    }
    for child in children {
      if let found = child.find(predicate, facts: facts) { return found }
    }
    return nil
  }
}

extension Expr {
  /// Whether the lvalue is, or lies in, a member of a union.
  var isInUnion: Bool {
    contains { node in
      guard case .member(let base, _, let isArrow) = node.kind else { return false }
      let type = isArrow ? base.type.element : base.type
      if case .record(let record)? = type?.canonical { return record.isUnion }
      return false
    }
  }
}

extension CType {
  var isCharacter: Bool {
    switch integer?.kind {
    case .char, .signedChar, .unsignedChar: true
    default: false
    }
  }

  /// Whether lvalues of the two types may designate one object (§6.5 ¶7).
  func mayAlias(_ other: CType) -> Bool {
    let (a, b) = (canonical, other.canonical)
    if a.isCharacter || b.isCharacter { return true }
    switch (a, b) {
    case (.integer(let x), .integer(let y)): return x.unsignedCounterpart == y.unsignedCounterpart
    case (.floating(let x), .floating(let y)): return x == y
    case (.pointer, .pointer): return true
    case (.integer, .floating), (.floating, .integer), (.integer, .pointer), (.pointer, .integer),
      (.floating, .pointer), (.pointer, .floating):
      return false
    default: return true
    }
  }
}
