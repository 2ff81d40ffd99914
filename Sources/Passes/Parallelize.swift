import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Shares the iterations of a loop among threads.
///
///     for i { S(i) }   →   #pragma omp parallel for schedule(static)
///                          for i { S(i) }
///
/// Every thread has a run of iterations of its own. With `atLeast` the loop stays with one thread where
/// its bound is smaller. Behind it in a recipe only loops inside the parallel one may change.
///
/// Legal iff: the project's flags give OpenMP's pragmas their meaning (`-fopenmp`); no dependence is
/// carried by the loop; all that an iteration stores to under a name of its own, the iterator among it,
/// is declared inside the loop; the loop is in OpenMP's canonical form, with a bound that its iterator's
/// type holds; no iteration jumps out; nothing called does more than compute a value; and no loop around
/// it or in it is parallel.
///
/// Also called: doall, work sharing.
///
/// Reference: Allen & Kennedy, ch. 2.4.2 and 6; OpenMP Application Programming Interface 4.5, 2.6 and
/// 2.7.1.
public struct Parallelize: Pass {
  public static let name = "parallelize"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop"),
    PassParameter(
      "atLeast", .factor, isOptional: true, "the smallest bound for which threads are started"),
  ]

  public let loop: LoopLabel
  public let atLeast: Int?

  public init(loop: LoopLabel, atLeast: Int? = nil) {
    self.loop = loop
    self.atLeast = atLeast
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    atLeast = step["atLeast"] == nil ? nil : try reader.factor("atLeast")
    if let atLeast, atLeast > Int(Int32.max) {
      throw Refusal(step: step, reason: "'atLeast' is above \(Int32.max)")
    }
  }

  public var step: Step {
    var arguments = [Argument("loop", .label(loop.text))]
    if let atLeast { arguments.append(Argument("atLeast", .integer(atLeast))) }
    return Step(Self.name, arguments)
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard kernel.build.usesOpenMP else {
      throw refusal("the flags give OpenMP's pragmas no meaning (-fopenmp does)")
    }
    let site = try LoopSite(loop, in: kernel, for: self)
    try requireNoOtherParallelLoop(site, kernel.function)
    try requireCanonicalForm(site, kernel.function)
    try site.requireNoEarlyExit(for: self)
    try requireModelled(site.loop.body)
    try requireOwnVariables(site.loop.body, kernel.function)
    try ask(kernel) { (legality) throws(Obstacle) in try legality.parallelize(loop) }
    return try kernel.replacingLoop(loop, for: self) { statement, old in
      var parallel = old
      parallel.execution = .parallel(atLeast: atLeast)
      var whole = statement
      whole.kind = .loop(parallel)
      return [whole]
    }
  }

  private func requireNoOtherParallelLoop(_ site: LoopSite, _ function: Function) throws(Refusal) {
    if site.loop.isParallel { throw refusal("loop '\(loop)' is parallel already") }
    let around = function.body.enclosingLoops(of: loop) ?? []
    if let outer = around.first(where: { function.body.loop($0)?.isParallel == true }) {
      throw refusal("loop '\(outer)' around it is parallel")
    }
    if site.loop.body.holdsParallelLoop { throw refusal("a loop in it is parallel") }
  }

  /// The form that OpenMP 4.5 asks for in 2.6, where the number of iterations is computed in the type of
  /// the iterator.
  private func requireCanonicalForm(_ site: LoopSite, _ function: Function) throws(Refusal) {
    let header = site.header
    guard header.declares else {
      let name = function[site.variable].name
      throw refusal("'\(name)' is declared outside loop '\(loop)' ('normalize' moves it inside)")
    }
    try site.requireStableStart(for: self)
    guard header.relation != .notEqual else {
      throw refusal("loop '\(loop)' ends by '!=', which OpenMP does not count")
    }
    guard let iterator = function[site.variable].type.integer, iterator.width >= 32,
      header.comparesAsIntegers(function), holds(header.bound, iterator)
    else { throw refusal("the iterator of loop '\(loop)' may not hold its bound") }
    guard !header.bound.hasEffects, !header.bound.readsMemory else {
      throw refusal("the bound of loop '\(loop)' stands in memory")
    }
    if atLeast != nil, header.step < 0 {
      throw refusal("loop '\(loop)' counts downward, so that its bound is no measure of its length")
    }
  }

  private func holds(_ bound: Expr, _ iterator: IntegerType) -> Bool {
    if let value = bound.constantValue { return iterator.holds(value) }
    guard let own = bound.type.promoted.integer else { return false }
    return own.width < iterator.width || own == iterator
      || (own.width == iterator.width && own.isSigned == iterator.isSigned)
  }

  /// Refuses what is not seen through: verbatim text, calls that may have effects, objects that live
  /// from one call of the function to the next.
  private func requireModelled(_ body: Stmt) throws(Refusal) {
    if body.contains(where: { if case .opaque = $0.kind { true } else { false } }) {
      throw refusal("loop '\(loop)' holds text that is not modelled")
    }
    var called: String?
    body.walkExpressions { expr in
      switch expr.kind {
      case .call(let name, _, let purity) where purity != .const: called = called ?? name
      case .indirectCall: called = called ?? "a function by its address"
      default: break
      }
    }
    if let called {
      throw refusal("loop '\(loop)' calls '\(called)', which may do more than compute a value")
    }
  }

  /// Refuses variables of all iterations that one of them stores to. Elements of arrays are left to the
  /// dependences.
  private func requireOwnVariables(_ body: Stmt, _ function: Function) throws(Refusal) {
    for variable in body.declaredVariables where function[variable].storage == .staticLocal {
      throw refusal("'\(function[variable].name)' lives longer than an iteration of loop '\(loop)'")
    }
    let shared = body.storedVariables.subtracting(body.declaredVariables)
    let names = shared.filter { !function.isArray($0) }.map { function[$0].name }
    if let name = names.min() {
      throw refusal("'\(name)' is declared outside loop '\(loop)' and stored to in it")
    }
  }
}

extension Function {
  fileprivate func isArray(_ variable: VariableID) -> Bool {
    if case .array = self[variable].type.canonical { true } else { false }
  }
}
