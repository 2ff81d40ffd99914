import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Makes the contributions of one loop to a reduction in a nest of their own, ahead of the rest.
///
///     for i in tile { for j in tile { S; for k { x[i][j] = max(x[i][j], f(i, j, k)); } T } }
///       →
///     for i in tile { for j in tile { part = least; for k { part = max(part, f(i, j, k)); } parts[i][j] = part; } }
///     for i in tile { for j in tile { S; x[i][j] = max(x[i][j], parts[i][j]); T } }
///
/// The new nest, whose loops have the suffix `apart`, waits for nothing of the old one and may be tiled,
/// jammed and vectorized as a matrix product may. The partial results stand in an array on the stack, so
/// the loops of the nest have constant numbers of iterations at most.
///
/// Legal iff: the loop brings values into one integer element of at most 64 bits by `min`, `max`, `&`, `|`,
/// `^`, or by sums or products that are computed in unsigned types, and does nothing else that lasts; the
/// element is stored to before the loop or in each of its iterations; nothing that the loop reads overlaps
/// it; and no statement beside the loop stores to what contributions of its own or a later iteration read.
///
/// Also called: splitting a reduction, separating the far field, closure in blocks (of interval dynamic
/// programmes and Floyd-Warshall).
///
/// Reference: Galil & Park, "Parallel algorithms for dynamic programming recurrences with more than O(1)
/// dependency", 1994; Gautam & Rajopadhye, "Simplifying reductions", POPL 2006.
public struct SetApart: Pass {
  public static let name = "set_apart"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop that carries the reduction"),
    PassParameter("nest", .loop, "the outermost loop around it that is made twice"),
  ]

  /// The loop that carries the reduction.
  public var loop: LoopLabel
  /// The outermost loop around it that is made twice.
  public var nest: LoopLabel

  public init(loop: LoopLabel, nest: LoopLabel) {
    self.loop = loop
    self.nest = nest
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    nest = try reader.loop("nest")
  }

  public var step: Step {
    Step(
      Self.name,
      [Argument("loop", .label(loop.text)), Argument("nest", .label(nest.text))])
  }

  public func apply(to original: Kernel) throws(Refusal) -> Kernel {
    _ = try LoopSite(loop, in: original, for: self)
    let kernel = PrivateScalars.localized(in: loop, of: original)
    let site = try LoopSite(loop, in: kernel, for: self)
    let loops = try loopsAround(site, kernel)
    try requireOwnValues(site, loops, kernel)
    var function = kernel.function
    let part = try PartialResult(of: site, in: kernel, &function, for: self)
    let localized = try partial(kernel, function, site, part)
    try ask(localized) { (legality) throws(Obstacle) in
      try legality.setApart(loop, from: nest, ignoring: [part.variable])
    }
    let scratch = try Scratch(
      named: "\(part.stem)_parts", of: part.type, over: loops, before: nest, in: kernel,
      &function, for: self)
    guard !scratch.isAllocated else {
      throw refusal("the partial results of nest '\(nest)' do not fit the stack")
    }
    let element = scratch.element(function)
    var copier = StatementCopier(function)
    let inner = part.statements + [.expression(.assign(element, part.reference))]
    guard let apart = copier.copy(nested(inner, in: loops), suffix: "apart") else {
      throw refusal("loop '\(loop)' contains text that cannot be copied")
    }
    let update = try taking(element, part, site, loops, kernel)
    var result = kernel
    result.function = copier.function
    result = try result.replacingLoop(loop, for: self) { _, _ in [update] }
    result = try result.replacingLoop(nest, for: self) { statement, _ in
      let both = scratch.declarations + [apart, statement]
      // Older dialects have declarations at the head of a block alone.
      return kernel.build.allowsDeclarationsInFor ? both : [.block(both)]
    }
    result.function.dropUnusedLocals([site.variable])
    return result
  }

  /// The loops from the nest's outermost to the one right around the reduction.
  private func loopsAround(_ site: LoopSite, _ kernel: Kernel) throws(Refusal) -> [LoopSite] {
    var result = [try LoopSite(nest, in: kernel, for: self)]
    while let next = result[result.count - 1].loop.perfectlyNested, next.label != loop {
      result.append(try LoopSite(next.label, in: kernel, for: self))
    }
    let body = result[result.count - 1].loop.body
    guard body.statements.contains(where: { $0.loopLabel == loop }) else {
      throw refusal("loop '\(loop)' does not stand in a perfect nest of loops from '\(nest)'")
    }
    guard body.statements.count > 1 else {
      throw refusal("there is nothing beside loop '\(loop)' from which it could be set apart")
    }
    guard !body.continuesLoop else {
      throw refusal("an iteration around loop '\(loop)' may end before it")
    }
    for around in result + [site] {
      try around.requireNoEarlyExit(for: self)
      try around.requireStableStart(for: self)
    }
    return result
  }

  /// Refuses where the loop uses what an iteration of the nest sets beside it, or leaves a scalar behind.
  private func requireOwnValues(_ site: LoopSite, _ loops: [LoopSite], _ kernel: Kernel)
    throws(Refusal)
  {
    let function = kernel.function
    let own = site.loop.body.declaredVariables.union([site.variable])
    let inner = Set(
      site.loop.body.loopLabels.compactMap { site.loop.body.loop($0)?.counted?.variable })
    // Elements of arrays are memory, of which the dependences tell.
    func isScalar(_ variable: VariableID) -> Bool { !function[variable].type.isArray }
    let stored = site.loop.body.storedVariables.subtracting(own).subtracting(inner)
    if let left = stored.filter(isScalar).min() {
      throw refusal("loop '\(loop)' sets '\(function[left].name)', which lasts")
    }
    let beside = loops[loops.count - 1].loop.body.statements.filter { $0.loopLabel != loop }
    let set = Set(beside.flatMap { $0.storedVariables.union($0.declaredVariables) })
    let used = site.statement.mentionedVariables.subtracting(own).subtracting(inner)
    if let shared = used.intersection(set).filter(isScalar).min() {
      throw refusal("'\(function[shared].name)' is set beside loop '\(loop)', which uses it")
    }
    for label in [loop] + site.loop.body.loopLabels {
      try LoopSite(label, in: kernel, for: self).requireDeadIterator(in: function, for: self)
    }
  }

  /// The kernel with the reduction in a scalar, in its old place: what the dependences are asked of.
  private func partial(
    _ kernel: Kernel, _ function: Function, _ site: LoopSite, _ part: PartialResult
  ) throws(Refusal) -> Kernel {
    var result = kernel
    result.function = function
    result.function.body = kernel.function.body
    return try result.replacingLoop(loop, for: self) { _, _ in
      part.statements + [part.taking(part.reference)]
    }
  }

  /// Statements in copies of the loops.
  private func nested(_ statements: [Stmt], in loops: [LoopSite]) -> Stmt {
    var result = Stmt.block(statements)
    for site in loops.reversed() {
      result = .block(
        [.loop(Loop(label: site.label, header: .counted(site.header), body: result))])
    }
    return result.statements[0]
  }

  /// What stands in the loop's place: where the loop, or one in it, may have no iteration and the element is
  /// not stored to anyway, the element is left alone. Refuses where tests in the loop may leave it alone too.
  private func taking(
    _ element: Expr, _ part: PartialResult, _ site: LoopSite, _ loops: [LoopSite], _ kernel: Kernel
  ) throws(Refusal) -> Stmt {
    let update = part.taking(element)
    let statements = loops[loops.count - 1].loop.body.statements
    if isStored(part.target, by: statements.prefix { $0.loopLabel != loop }, kernel.function) {
      return update
    }
    let within = try loopsToStore(part.target, site, kernel)
    let entries = site.loop.perfectNest.filter { $0.label == loop || within.contains($0.label) }
      .compactMap { inner in
        let facts = BoundFacts(at: inner.label, inside: false, of: kernel)
        return inner.counted?.entry(in: kernel.function, facts: facts)
      }
    guard let guarded = kernel.function.guarded(update, by: entries, known: []) else {
      throw refusal("loop '\(loop)' never runs")
    }
    return guarded
  }

  /// Whether one of the statements stores to the element in any case, by an address that no store changes.
  private func isStored(_ element: Expr, by statements: some Sequence<Stmt>, _ function: Function)
    -> Bool
  {
    let address = MemoryWalk(.expression(element), shared: function.sharedVariables)
    guard !address.readsAnything, address.accesses.allSatisfy({ $0.lvalue.key == element.key })
    else { return false }
    return statements.contains {
      guard case .expression(let expr) = $0.kind, case .assign(_, let target, _) = expr.kind else {
        return false
      }
      return target.key == element.key
    }
  }

  /// The loops in the loop that must run for it to store to the element.
  private func loopsToStore(_ element: Expr, _ site: LoopSite, _ kernel: Kernel) throws(Refusal)
    -> [LoopLabel]
  {
    guard let oracle = AliasOracle(kernel, loop: loop) else {
      throw refusal("there is no loop '\(loop)'")
    }
    let analysis = ElementAnalysis(oracle: oracle, loop: site.loop, header: site.header)
    let printer = CPrinter(function: kernel.function, source: kernel.source)
    switch analysis.judge(element, printer) {
    case .success(let found): return found.within
    case .failure(let obstacle): throw refusal(obstacle.reason)
    }
  }
}
