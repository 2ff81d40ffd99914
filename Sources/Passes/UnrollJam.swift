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
/// Legal iff: the bounds of the inner loops do not follow the iterator, and no dependence between
/// iterations of one group runs backward in an inner loop or between statements that change places.
///
/// Also called: unroll-and-jam, register tiling, outer-loop unrolling.
///
/// Reference: Callahan, Carr & Kennedy, Improving register allocation for subscripted variables,
/// 1990; Allen & Kennedy, ch. 8.4.
public struct UnrollJam: Pass {
  public static let name = "unroll_jam"
  public static let parameters = [
    PassParameter("loop", .loop, isOptional: true, "the loop"),
    PassParameter("loops", .loops, isOptional: true, "the loops, outermost first"),
    PassParameter("by", .factors, "iterations side by side, one for each loop"),
  ]

  public let loops: [LoopLabel]
  /// Iterations side by side, one for each loop.
  public let factors: [Int]
  private let namesOneLoop: Bool

  public init(loop: LoopLabel, by factor: Int) {
    loops = [loop]
    factors = [factor]
    namesOneLoop = true
  }

  public init(loops: [LoopLabel], by factors: [Int]) {
    precondition(loops.count == factors.count, "each loop needs a factor")
    self.loops = loops
    self.factors = factors
    namesOneLoop = false
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    (loops, factors, namesOneLoop) = try reader.loopsAndFactors()
  }

  public var step: Step { .loopsAndFactors(Self.name, loops, factors, namesOneLoop: namesOneLoop) }

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

  /// The body once for each of the iterations that run side by side.
  private func lanes(
    of statements: [Stmt], _ site: LoopSite, _ factor: Int, _ merged: Set<LoopLabel>,
    _ copier: inout StatementCopier
  ) throws(Refusal) -> [[Stmt]] {
    let shared = Jam<Self>.sharedDeclarations(statements, merged: merged)
    let iterator = copier.function.reference(site.variable)
    var lanes = [statements]
    for lane in 1..<factor {
      let value = Expr.binary(.add, iterator, .int(lane * site.header.step)).withPlainSign
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
