import KernelModel

/// An element that a loop may keep in a scalar.
struct ScalarElement {
  var lvalue: Expr
  /// Whether the value before the loop is used in it.
  var needsLoad: Bool
  var isStored: Bool
  /// Perfectly nested inner loops that must run for the first access to happen.
  var within: [LoopLabel]
}

/// Why an element is left in memory.
struct ElementObstacle: Error {
  var reason: String
}

/// Finds the elements of a loop whose address does not change, and what stands in their way.
struct ElementAnalysis {
  let oracle: AliasOracle
  let loop: Loop
  let header: CountedHeader
  private let walk: MemoryWalk

  init(oracle: AliasOracle, loop: Loop, header: CountedHeader) {
    self.oracle = oracle
    self.loop = loop
    self.header = header
    walk = MemoryWalk(loop.body, shared: oracle.function.sharedVariables)
  }

  /// Scalar lvalues with an unchanging address, in order of first evaluation.
  var candidates: [Expr] {
    var seen: Set<String> = []
    return walk.accesses.map(\.lvalue).filter { lvalue in
      lvalue.type.isScalar && !oracle.function.isBitField(lvalue)
        && seen.insert(lvalue.key).inserted && oracle.isAddressInvariant(lvalue)
    }
  }

  /// Whether the element may move into a scalar, and how.
  func judge(_ lvalue: Expr, _ printer: CPrinter) -> Result<ScalarElement, ElementObstacle> {
    let text = printer.text(lvalue)
    func obstacle(_ reason: String) -> Result<ScalarElement, ElementObstacle> {
      .failure(ElementObstacle(reason: reason))
    }
    let key = lvalue.key
    let own = walk.accesses.filter { $0.lvalue.key == key }
    let isStored = own.contains(where: \.isWrite)
    if walk.touchesVolatile { return obstacle("loop '\(loop.label)' accesses a volatile object") }
    if walk.writesAnything || (isStored && walk.readsAnything) {
      return obstacle("a call or opaque statement in loop '\(loop.label)' may touch '\(text)'")
    }
    for access in walk.accesses where access.lvalue.key != key && (access.isWrite || isStored) {
      if oracle.mayOverlap(access.lvalue, lvalue) {
        return obstacle("'\(text)' may overlap '\(printer.text(access.lvalue))'")
      }
    }
    if isStored, Stmt.loop(loop).mayExitEarly {
      return obstacle("loop '\(loop.label)' may be left before '\(text)' is stored")
    }
    let needsLoad = !(own.first.map { !$0.isRead && isCertain($0) } ?? false)
    guard !needsLoad || own.contains(where: { $0.isRead && isCertain($0) }) else {
      return obstacle("'\(text)' is read only under a condition")
    }
    guard !isStored || own.contains(where: { $0.isWrite && isCertain($0) }) else {
      return obstacle("'\(text)' is stored only under a condition")
    }
    let within = own.filter { isCertain($0) }.map { uncertain($0.within) }
    return .success(
      ScalarElement(
        lvalue: lvalue, needsLoad: needsLoad, isStored: isStored,
        within: within.max { $0.count < $1.count } ?? []))
  }

  /// Whether the access happens whenever the loop and the loops perfectly nested in it run.
  private func isCertain(_ access: MemoryAccess) -> Bool {
    guard access.isUnconditional else { return false }
    let needed = uncertain(access.within)
    let nest = uncertain(loop.perfectNest.dropFirst().map(\.label)).prefix(needed.count)
    return Array(nest) == needed
      && needed.allSatisfy { label in
        guard let header = loop.body.loop(label)?.counted else { return false }
        return oracle.isInvariant(header.bound) && header.lower.map(oracle.isInvariant) ?? false
      }
  }

  /// The loops that may have no iteration.
  private func uncertain(_ labels: [LoopLabel]) -> [LoopLabel] {
    labels.filter { loop.body.loop($0)?.counted?.alwaysEnters(in: oracle.function) != true }
  }
}

extension Stmt {
  /// The statements of the block in which the loop with this label stands, before and after it.
  func siblings(of label: LoopLabel) -> (before: [Stmt], after: [Stmt]) {
    if case .block(let statements) = kind,
      let position = statements.firstIndex(where: { $0.loopLabel == label })
    {
      return (Array(statements[..<position]), Array(statements[(position + 1)...]))
    }
    for child in children where child.contains(where: { $0.loopLabel == label }) {
      return child.siblings(of: label)
    }
    return ([], [])
  }
}
