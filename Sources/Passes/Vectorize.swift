import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Executes several iterations of a loop at once with vector extensions, and the rest one by one.
///
///     for j { s = 0; for k { s += a[i][k] * b[k][j]; } c[i][j] = s; }
///       →
///     for j by 4 { double_x4 s = {0}; for k { s += a[i][k] * b[k][j .. j+3]; } c[i][j .. j+3] = s; }
///     for the rest of j { … }
///
/// Inner loops with the same trip count in all lanes stay loops, so that a loop around a reduction
/// becomes a vector of reductions, each in its own order. Consecutive elements are loaded and stored
/// as one vector of the element's own alignment; other places, indirect ones among them, lane by
/// lane. Conditions that differ between lanes become masks where both sides can be computed without a
/// fault and store to no memory. Integer sums, minima, maxima and bit reductions over the loop itself are split
/// over the lanes (signed sums modulo 2^n), floating-point ones only with `order: free`: every lane
/// performs the operations of its iteration in their order, in the shapes in which they are written.
///
/// Legal iff: no dependence is carried by the loop but through integer reductions, which are exact in
/// any order, and floating-point ones whose order is free, which then round otherwise; and control does
/// not leave an iteration early.
///
/// Also called: outer-loop vectorization, strip-mining with SIMD.
///
/// Reference: Nuzman & Zaks, "Outer-Loop Vectorization", PACT 2008; Allen & Kennedy, ch. 2 and 5.
public struct Vectorize: Pass {
  public static let name = "vectorize"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop whose iterations become lanes"),
    PassParameter("width", .factor, "the number of lanes, a power of two"),
    .order,
  ]

  /// The loop whose iterations become lanes.
  public var loop: LoopLabel
  /// The number of lanes.
  public var width: Int
  /// Whether floating-point operations of reductions may come in any order.
  public var mayReorder: Bool

  public init(loop: LoopLabel, width: Int, mayReorder: Bool = false) {
    self.loop = loop
    self.width = width
    self.mayReorder = mayReorder
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    width = try reader.factor("width")
    mayReorder = try reader.mayReorder()
  }

  public var step: Step {
    let order = mayReorder ? [Argument("order", .word("free"))] : []
    return Step(
      Self.name,
      [Argument("loop", .label(loop.text)), Argument("width", .integer(width))] + order)
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard width & (width - 1) == 0, width <= 64 else {
      throw refusal("width \(width) is no power of two up to 64")
    }
    let kernel = try withCompoundUpdates(kernel)
    guard let target = kernel.function.body.loop(loop), let header = target.counted else {
      throw refusal("there is no counted loop '\(loop)'")
    }
    try checkForm(target, header, kernel)
    try checkIndependence(target, header, kernel)
    do {
      return try vectorized(kernel, target, header)
    } catch {
      throw refusal(error.reason)
    }
  }

  /// The kernel with what the loop carries updated by compound assignments, where it was by others.
  private func withCompoundUpdates(_ kernel: Kernel) throws(Refusal) -> Kernel {
    try kernel.replacingLoop(loop, for: self) { statement, old in
      var new = old
      new.body = old.body.compoundingUpdates(of: Set(ScalarReduction.carried(by: old)))
      var copy = statement
      copy.kind = .loop(new)
      return [copy]
    }
  }

  private func checkForm(_ target: Loop, _ header: CountedHeader, _ kernel: Kernel)
    throws(Refusal)
  {
    // Masks of 64-bit elements are vectors of `long`.
    guard !kernel.build.arguments.contains(where: { $0 == "-m32" || $0 == "-mx32" }) else {
      throw refusal("vectors of 64-bit elements need a 64-bit target")
    }
    guard header.step == 1 else { throw refusal("loop '\(loop)' does not step by 1") }
    guard (kernel.function[header.variable].type.integer?.width ?? 0) >= 32 else {
      throw refusal("the iterator of loop '\(loop)' is narrower than int")
    }
    guard !target.body.mayExitEarly else {
      throw refusal("an iteration of loop '\(loop)' may be left early")
    }
    let walk = MemoryWalk(target.body, shared: kernel.function.sharedVariables)
    if walk.touchesVolatile { throw refusal("loop '\(loop)' accesses a volatile object") }
    if walk.writesAnything || (walk.readsAnything && !walk.writes.isEmpty) {
      throw refusal("a call in loop '\(loop)' may touch the memory that the loop stores to")
    }
  }

  /// A quick test of subscripts first, then the dependence analysis.
  private func checkIndependence(_ target: Loop, _ header: CountedHeader, _ kernel: Kernel)
    throws(Refusal)
  {
    guard let oracle = AliasOracle(kernel, loop: loop) else { return }
    let test = LaneIndependence(oracle: oracle, loop: target, iterator: header.variable)
    guard let conflict = test.conflict() else { return }
    var carried: [Dependence] = []
    try ask(kernel) { (legality) throws(Obstacle) in
      carried = try legality.reductions(carriedBy: loop)
    }
    let locals = Set(kernel.function.symbols.values.filter { $0.type.isScalar }.map(\.name))
    guard carried.allSatisfy({ locals.contains($0.object) }) else {
      let printer = CPrinter(function: kernel.function, source: kernel.source)
      let store = printer.text(conflict.store)
      throw refusal("loop '\(loop)' accumulates in memory, in '\(store)'")
    }
  }

  /// A copy with variables and labels of its own.
  private func copied(_ statement: Stmt, _ function: inout Function) throws(VectorObstacle) -> Stmt
  {
    var copier = StatementCopier(function)
    guard let copy = copier.copy(statement, suffix: "rest") else {
      throw VectorObstacle(reason: "the body of loop '\(loop)' cannot be copied")
    }
    function = copier.function
    return copy
  }

  private func vectorized(_ kernel: Kernel, _ target: Loop, _ header: CountedHeader)
    throws(VectorObstacle) -> Kernel
  {
    let classes = try LaneClasses(kernel, target, iterator: header.variable, mayReorder: mayReorder)
    var function = kernel.function
    let facts = BoundFacts(at: loop, inside: false, of: kernel)
    guard let strip = LaneStrip(header, lanes: width, facts: facts, in: &function) else {
      throw VectorObstacle(reason: "loop '\(loop)' does not run \(width) times upward")
    }
    let rest = try strip.rest.map { (header) throws(VectorObstacle) in
      try copied(.loop(Loop(label: loop, header: .counted(header), body: target.body)), &function)
    }
    var vector = VectorBody(
      function: function, types: VectorTypes(lanes: width, in: function),
      iterator: header.variable, lanes: width, varying: classes.varying)
    var reduction = LaneReduction(classes: classes, loop: target)
    try reduction.open(&vector)
    let main = Stmt.block(reduction.privates + (try vector.statements(target.body, mask: nil)))
    let close = try reduction.close(&vector)
    function = vector.function
    let body = function.body.replacingLoop(loop) { statement, target in
      let loops = strip.statements(
        statement, label: loop, main: main, rest: rest)
      return reduction.weave(loops, close, main: loop)
    }
    function.body = .block(vector.types.aliases + (body ?? function.body).statements)
    var result = kernel
    result.function = function
    return result
  }
}
