import IslBindings
public import KernelModel

/// Completes a contract's extents from the hulls of subscripts over the iteration domains.
///
/// What the contract declares already stays as it is. A hull is proven when unconditional accesses
/// reach it; hulls of guarded accesses are kept but say so. Subscripts or loop bounds that depend on
/// data leave their object unresolved, with the one line of ACSL that would settle it. Sizes may
/// have any value, negative ones included: an upper bound that is not above the lower one means that
/// nothing is touched.
///
/// A hint (`double a[100][80]`) is what remains where no hull is found: callers may pass more than 100
/// rows, and fewer. That rows have 80 elements is no hint, so `n <= 80` is required where each call with
/// a row reads `a[i][n - 1]`.
public enum ContractInference {
  /// The kernel's contract, completed.
  public static func infer(
    for kernel: Kernel, operationLimit: Int = 20_000_000
  ) -> Contract {
    infer(
      for: kernel.function, contract: kernel.contract, build: kernel.build,
      operationLimit: operationLimit)
  }

  /// The contract of a function, completed.
  public static func infer(
    for function: Function, contract: Contract, build: BuildFlags, operationLimit: Int = 20_000_000
  ) -> Contract {
    let context = Context(operationLimit: operationLimit)
    let extractor = Extractor(
      function, build: build, contract: contract, prover: Prover(context))
    extractor.extract(at: [])
    let hints = Set(contract.extents.filter(\.value.isHint).keys)
    var hulls = HullCollection(
      extractor, declared: Set(contract.extents.keys).subtracting(hints), hints: hints)
    for statement in extractor.statements {
      for access in statement.accesses { hulls.add(access, of: statement) }
    }
    var completed = contract
    for (path, extent) in hulls.extents { completed.extents[path] = extent }
    for requirement in hulls.rowLimits where !completed.requirements.contains(requirement) {
      completed.requirements.append(requirement)
    }
    completed.unresolved += hulls.unresolved
    if completed.source == nil, !hulls.extents.isEmpty { completed.source = .inferred }
    return completed
  }
}

/// Bounds of the subscripts of each object.
private struct HullCollection {
  let extractor: Extractor
  let declared: Set<ObjectPath>
  /// Objects whose declared extent is a hint.
  let hints: Set<ObjectPath>
  /// `n <= 80` and the like, for subscripts of rows.
  private(set) var rowLimits: [Requirement] = []
  private var hulls: [ObjectPath: Hull] = [:]
  private var reasons: [ObjectPath: String] = [:]
  private var general: [String] = []

  private struct Hull {
    var lower: [(bound: SizeBound, isProven: Bool)] = []
    var upper: [(bound: SizeBound, isProven: Bool)] = []
  }

  init(_ extractor: Extractor, declared: Set<ObjectPath>, hints: Set<ObjectPath>) {
    self.extractor = extractor
    self.declared = declared
    self.hints = hints
  }

  mutating func add(_ access: Access, of statement: PolyhedralStatement) {
    switch access.location.object {
    case .everything:
      note("the function calls or holds code whose memory accesses are not known")
    case .unknown, .reassigned:
      note("memory is reached through a pointer whose origin is not known")
    case .variable, .allocation: break
    case .pointee(let path):
      if declared.contains(path) || reasons[path] != nil { return }
      bound(access, of: statement, at: path)
    }
  }

  private mutating func note(_ reason: String) {
    if !general.contains(reason) { general.append(reason) }
  }

  private mutating func bound(
    _ access: Access, of statement: PolyhedralStatement, at path: ObjectPath
  ) {
    let name = extractor.function.name(of: path)
    guard let index = flattened(access.location) else {
      reasons[path] = "a subscript of \"\(name)\" depends on data"
      return
    }
    let known =
      extractor.contextConditions + extractor.typeConditions + statement.conditions
      + access.innerConditions
    let hull = SubscriptHull(extractor)
    if hull.mentionsUnknown(index) {
      reasons[path] = "a subscript of \"\(name)\" depends on data"
      return
    }
    let isCertain = !access.isConditional
    guard let upper = hull.bound(of: index + 1, .upper, known: known),
      let lower = hull.bound(of: index, .lower, known: known)
    else {
      reasons[path] = "a loop around a subscript of \"\(name)\" has no bound over the inputs"
      return
    }
    // Accesses that never happen bound nothing.
    if upper.isEmpty || lower.isEmpty { return }
    if hints.contains(path), isCertain, !isGuarded(statement.source) {
      limitRows(access.location, hull, known)
    }
    hulls[path, default: Hull()].upper += upper.bounds.map { ($0, isCertain && upper.isTight) }
    hulls[path, default: Hull()].lower += lower.bounds.map { ($0, isCertain && lower.isTight) }
  }

  /// Whether the statement is reached under a condition other than those of loops: a call that never
  /// reaches it may have any size.
  private func isGuarded(_ source: Stmt) -> Bool {
    let body = extractor.function.body
    return body.mayExitEarly
      || body.contains { statement in
        switch statement.kind {
        case .branch, .switchOn, .versioned, .whileLoop, .doLoop:
          statement != source && statement.contains { $0 == source }
        default: false
        }
      }
  }

  /// What subscripts of rows of constant length ask of sizes: beyond its row an access is undefined.
  private mutating func limitRows(
    _ location: Location, _ hull: SubscriptHull, _ known: [Condition]
  ) {
    for (position, component) in location.components.enumerated().dropFirst() {
      guard case .index(let index?, let extent?) = component, let length = extent.constant,
        !location.looseIndices.contains(position),
        let upper = hull.bound(of: index + 1, .upper, known: known), upper.isTight
      else { continue }
      for bound in upper.bounds where !bound.size.inputs.isEmpty {
        let limit = Requirement.compare(bound.size, .lessOrEqual, .constant(length)).normalized
        note(limit)
      }
    }
  }

  /// Keeps the strictest of limits on the same size.
  private mutating func note(_ limit: Requirement) {
    guard case .compare(let size, _, .constant(let most)) = limit else { return }
    let known = rowLimits.firstIndex { other in
      if case .compare(size, _, .constant) = other { true } else { false }
    }
    guard let known else {
      rowLimits.append(limit)
      return
    }
    if case .compare(_, _, .constant(let other)) = rowLimits[known], most < other {
      rowLimits[known] = limit
    }
  }

  /// The element's number from where the pointer points, counted in elements of the innermost array.
  private func flattened(_ location: Location) -> Polynomial? {
    var sum: Polynomial?
    for component in location.components {
      guard case .index(let index, let extent) = component else { break }
      guard let index else { return nil }
      guard let outer = sum else {
        sum = index
        continue
      }
      guard let extent else { return nil }
      sum = outer * extent + index
    }
    return sum ?? Polynomial()
  }

  // MARK: Results

  var extents: [(ObjectPath, Extent)] {
    hulls.filter { reasons[$0.key] == nil }.sorted { precedes($0.key, $1.key) }.map { path, hull in
      let upper = combine(hull.upper, .upper)
      let lower = combine(hull.lower, .lower)
      return (
        path,
        Extent(
          lower: lower.size, upper: upper.size, source: .inferred,
          isProven: upper.isProven && lower.isProven && extractor.preconditions.isEmpty)
      )
    }
  }

  /// The greatest upper (smallest lower) bound; bounds that differ by a constant are compared here.
  private func combine(
    _ bounds: [(bound: SizeBound, isProven: Bool)], _ side: QuasiPolynomial.Side
  ) -> (size: SizeExpr, isProven: Bool) {
    var kept: [(bound: SizeBound, isProven: Bool)] = []
    for candidate in bounds {
      var isNeeded = true
      kept.removeAll { other in
        guard let difference = (candidate.bound.value - other.bound.value).constant else {
          return false
        }
        let wins = side == .upper ? difference > 0 : difference < 0
        if difference == 0 {
          isNeeded = isNeeded && candidate.isProven && !other.isProven
          return isNeeded
        }
        if !wins { isNeeded = false }
        return wins
      }
      if isNeeded { kept.append(candidate) }
    }
    let sizes = kept.map(\.bound.size)
    let size = sizes.dropFirst().reduce(sizes.first ?? .constant(0)) {
      side == .upper ? .maximum($0, $1) : .minimum($0, $1)
    }
    return (size, kept.allSatisfy(\.isProven))
  }

  var unresolved: [Contract.Unresolved] {
    let named = reasons.filter { !hints.contains($0.key) }.sorted { precedes($0.key, $1.key) }.map {
      path, reason in
      Contract.Unresolved(
        reason: reason,
        remedy:
          "requires \\valid(\(extractor.function.name(of: path)) + (0 .. \(sizeName) - 1));")
    }
    return named
      + general.map {
        Contract.Unresolved(reason: $0, remedy: "assigns \\nothing;")
      }
  }

  /// The first integer parameter, as a proposal for a size.
  private var sizeName: String {
    let function = extractor.function
    let size = function.parameters.first { function[$0].type.isInteger }
    return size.map { function[$0].name } ?? "SIZE"
  }
}

extension Requirement {
  /// `n <= 80` for `n - 1 <= 79`.
  fileprivate var normalized: Requirement {
    guard case .compare(let left, let op, .constant(let right)) = self else { return self }
    switch left {
    case .add(let size, .constant(let value)), .add(.constant(let value), let size):
      return Requirement.compare(size, op, .constant(right - value)).normalized
    case .subtract(let size, .constant(let value)):
      return Requirement.compare(size, op, .constant(right + value)).normalized
    default: return self
    }
  }
}
