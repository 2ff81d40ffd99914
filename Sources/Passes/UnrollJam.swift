import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Makes several iterations of an outer loop side by side inside its inner loops.
///
///     for i < n { A(i); for j { B(i, j) } }
///         →   for i < n - n % 2 step 2 { A(i); A(i + 1); for j { B(i, j); B(i + 1, j) } }
///             for i from n - n % 2 ..< n { A(i); for j { B(i, j) } }
///
/// The copies of an inner loop are merged at every depth, in imperfect nests too; what the body
/// declares is declared once for each copy. The loop `i.rest` makes the iterations left over.
///
/// With `lag: d` each copy runs d iterations of the inner loop behind the one before it:
///
///     for i { for j { S(i, j) } }   →   for i step 2 { …; for j { S(i, j); S(i + 1, j - d) } … }
///
/// so that rows that follow from each other, as in Gauss-Seidel sweeps, are worked on at once and their
/// chains of operations overlap. Where the inner loop is too short for that, the nest stays as it is.
///
/// Legal iff: the bounds of the inner loops do not follow the iterator, and no dependence between
/// iterations of one group runs backward in an inner loop (by more than the lag) or between statements
/// that change places; with a lag, the body is one loop, which counts up by one.
///
/// Also called: unroll-and-jam, register tiling, outer-loop unrolling; wavefront or software pipelining
/// of rows (with `lag`).
///
/// Reference: Callahan, Carr & Kennedy, Improving register allocation for subscripted variables,
/// 1990; Allen & Kennedy, ch. 8.4; Wolfe, Loops skewing: the wavefront method revisited, 1986.
public struct UnrollJam: Pass {
  public static let name = "unroll_jam"
  public static let parameters = [
    PassParameter("loop", .loop, isOptional: true, "the loop"),
    PassParameter("loops", .loops, isOptional: true, "the loops, outermost first"),
    PassParameter("by", .factors, "iterations side by side, one for each loop"),
    PassParameter(
      "lag", .factor, isOptional: true,
      "iterations of the inner loop that each runs behind the one before it"),
  ]

  public let loops: [LoopLabel]
  /// Iterations side by side, one for each loop.
  public let factors: [Int]
  /// How far each iteration of one loop runs behind the one before it, in iterations of the inner loop.
  public let lag: Int
  private let namesOneLoop: Bool

  public init(loop: LoopLabel, by factor: Int, lag: Int = 0) {
    loops = [loop]
    factors = [factor]
    self.lag = lag
    namesOneLoop = true
  }

  public init(loops: [LoopLabel], by factors: [Int]) {
    precondition(loops.count == factors.count, "each loop needs a factor")
    self.loops = loops
    self.factors = factors
    lag = 0
    namesOneLoop = false
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    (loops, factors, namesOneLoop) = try reader.loopsAndFactors()
    lag = step["lag"] == nil ? 0 : try reader.factor("lag", atLeast: 1)
    guard lag == 0 || loops.count == 1 else {
      throw Refusal(step: step, reason: "argument 'lag' goes with one loop")
    }
  }

  public var step: Step {
    var step = Step.loopsAndFactors(Self.name, loops, factors, namesOneLoop: namesOneLoop)
    if lag > 0 { step.arguments.append(Argument("lag", .integer(lag))) }
    return step
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    var result = kernel
    for (loop, factor) in zip(loops, factors) { result = try jam(loop, by: factor, in: result) }
    return result
  }

  private func jam(_ label: LoopLabel, by factor: Int, in original: Kernel) throws(Refusal)
    -> Kernel
  {
    _ = try LoopSite(label, in: original, for: self)
    let kernel = PrivateScalars.localized(in: label, of: original)
    let site = try LoopSite(label, in: kernel, for: self)
    try site.requireNoEarlyExit(for: self)
    guard !site.loop.body.loopLabels.isEmpty else {
      throw refusal("there is no loop inside '\(label)' to jam into; unroll it")
    }
    if lag > 0 { return try jamWithLag(site, by: factor, in: kernel) }
    guard let statements = ContinueElimination.statements(site.loop.body) else {
      throw refusal("a 'continue' in loop '\(label)' cannot be written without a jump")
    }
    var merged: Set<LoopLabel> = []
    try ask(kernel) { (legality) throws(Obstacle) in
      try legality.unrollJam(label, by: factor)
      merged = Set(try legality.statements(around: [label]).flatMap(\.statement.loops))
    }
    var copier = StatementCopier(kernel.function)
    let range = try UnrolledRange(site, by: factor, in: kernel, &copier.function, for: self)
    let lanes = try lanes(of: statements, site, factor, merged, &copier)
    let body = try Jam(merged: merged, pass: self).statements(lanes)
    var main = site.statement
    main.kind = .loop(Loop(label: label, header: .counted(range.main), body: .block(body)))
    var replacement = range.prelude + [main]
    if let rest = range.rest {
      let remainder = Loop(label: label, header: .counted(rest), body: site.loop.body)
      replacement.append(try copier.rest(remainder, for: self))
    }
    var result = kernel
    result.function = copier.function
    return try result.replacingLoop(label, for: self) { _, _ in replacement }
  }

  private func jamWithLag(_ site: LoopSite, by factor: Int, in kernel: Kernel) throws(Refusal)
    -> Kernel
  {
    let label = site.label
    let lagged = try LaggedJam(site, by: factor, lag: lag, in: kernel, for: self)
    try ask(kernel) { (legality) throws(Obstacle) in
      try legality.unrollJam(label, by: factor, lag: lag)
    }
    let condition = try lagged.isLong(kernel.function)
    var copier = StatementCopier(kernel.function)
    let range = try UnrolledRange(site, by: factor, in: kernel, &copier.function, for: self)
    var main = site.statement
    main.kind = .loop(
      Loop(label: label, header: .counted(range.main), body: .block(try lagged.body(&copier))))
    var replacement = range.prelude + [main]
    if let rest = range.rest {
      let remainder = Loop(label: label, header: .counted(rest), body: site.loop.body)
      replacement.append(try copier.rest(remainder, for: self))
    }
    if let condition {
      guard let short = copier.copy(site.statement, suffix: "short") else {
        throw refusal("loop '\(label)' contains text that cannot be copied")
      }
      replacement = [.branch(condition, .block(replacement), else: .block([short]))]
    }
    var result = kernel
    result.function = copier.function
    return try result.replacingLoop(label, for: self) { _, _ in replacement }
  }

  /// The body once for each of the iterations that run side by side.
  private func lanes(
    of statements: [Stmt], _ site: LoopSite, _ factor: Int, _ merged: Set<LoopLabel>,
    _ copier: inout StatementCopier
  ) throws(Refusal) -> [[Stmt]] {
    let shared = Jam<Self>.sharedDeclarations(statements, merged: merged)
    let iterator = copier.function.reference(site.variable)
    var lanes = [statements]
    for lane in 1..<factor {
      let value = iterator.advanced(lane * site.header.step)
      guard let copy = copier.copy(.block(statements), sharing: shared, suffix: "copy"),
        let replaced = copy.replacing(site.variable, with: value, in: copier.function)
      else {
        throw refusal("loop '\(site.label)' contains text that cannot be copied")
      }
      lanes.append(replaced.statements)
    }
    return lanes
  }
}
