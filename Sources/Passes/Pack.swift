import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Copies the part of an array that a loop reads into aligned, contiguous scratch before the loop.
///
///     for j in jt ..< jt + 8 { for k < 64 { S(b[k * n + j]) } }
///       →
///     double b_pack[64][8];
///     for j in jt ..< jt + 8 { for k < 64 { b_pack[k][j - jt] = b[k * n + j]; } }
///     for j in jt ..< jt + 8 { for k < 64 { S(b_pack[k][j - jt]); } }
///
/// The scratch has one dimension for every loop inside (the named one included) that the subscripts
/// follow, be it by way of another loop's bounds; `order` names these loops, the slowest dimension
/// first, and so transposes, or makes panels of a loop that was tiled twice. The copy is made by the
/// same loops over the same ranges, so it reads what the loop reads and nothing else. Scratch of
/// constant size up to 32 KiB in all is on the stack; other scratch is allocated and freed, and the
/// original loop stays for when there is no memory.
///
/// Legal iff: the array is read through affine subscripts whose other values, and the ranges of the
/// loops around them, do not change in the loop; no store in the loop touches what is copied; and the
/// loop makes these reads in all iterations: under no condition, with no early exit.
///
/// Also called: data copying, copy optimization, array packing, buffering, explicit local memory.
///
/// Reference: Lam, Rothberg & Wolf, "The Cache Performance and Optimizations of Blocked Algorithms",
/// ASPLOS 1991; Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS
/// 34(3), 2008.
public struct Pack: Pass {
  public static let name = "pack"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop before which the copy is made"),
    PassParameter("array", .array, "the array to copy from"),
    PassParameter(
      "order", .loops, isOptional: true,
      "the loops that index the scratch, slowest first; the order of the nest when absent"),
  ]

  /// The loop before which the copy is made.
  public var loop: LoopLabel
  /// The array's name, or the path to it.
  public var array: String
  /// The loops that index the scratch, slowest first; nil for the order of the nest.
  public var order: [LoopLabel]?

  public init(loop: LoopLabel, array: String, order: [LoopLabel]? = nil) {
    self.loop = loop
    self.array = array
    self.order = order
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    array = try reader.array("array")
    order = step["order"] == nil ? nil : try reader.loops("order")
    guard let order else { return }
    guard !order.isEmpty, Set(order).count == order.count else {
      throw Refusal(step: step, reason: "argument 'order' must name different loops")
    }
  }

  public var step: Step {
    var arguments = [Argument("loop", .label(loop.text)), Argument("array", .label(array))]
    if let order {
      arguments.append(Argument("order", .list(order.map { .label($0.text) })))
    }
    return Step(Self.name, arguments)
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard kernel.build.allowsDeclarationsInFor else {
      throw refusal("the language standard has no declarations in 'for'")
    }
    let read = try RepeatedRead(of: array, in: loop, along: order, of: kernel, for: self)
    try requireNoStore(to: read, in: kernel)
    var copier = StatementCopier(kernel.function)
    let sites = try (order ?? read.dimensions).map { (label) throws(Refusal) in
      try LoopSite(label, in: kernel, for: self)
    }
    let scratch = try Scratch(
      named: "\(array.replacing(".", with: "_"))_pack", of: read.lvalue.type, over: sites,
      before: loop, in: kernel, &copier.function, for: self)
    let copy = try read.copy(into: scratch, kernel, &copier, for: self)
    var packed: Stmt?
    let target = read.statement
    if var whole = target.asLoop {
      whole.body = read.replaced(in: whole.body, by: scratch.element(copier.function))
      packed = target
      packed?.kind = .loop(whole)
    }
    guard let packed else { throw refusal("there is no loop '\(loop)'") }
    var statements = scratch.declarations
    if scratch.isAllocated {
      guard let fallback = copier.copy(target, suffix: "fallback") else {
        throw refusal("loop '\(loop)' cannot be copied")
      }
      let free = scratch.release(copier.function)
      statements.append(
        .branch(
          copier.function.reference(scratch.variable), .block([copy, packed, free]),
          else: .block([fallback])))
    } else {
      statements += [copy, packed]
    }
    var result = kernel
    result.function = copier.function
    return try result.replacingLoop(loop, for: self) { _, _ in statements }
  }

  /// Refuses when a store in the loop may touch what the copy reads: the copy, made once before the
  /// loop and once after it, would have to read the same values.
  private func requireNoStore(to read: RepeatedRead, in kernel: Kernel) throws(Refusal) {
    guard let store = read.storesToSameObject.first else { return }
    var trial = kernel
    var copier = StatementCopier(kernel.function)
    let copy = try read.nest(around: .expression(read.lvalue), kernel, &copier, for: self)
    guard let copyLabel = copy.loopLabels.first else { return }
    trial.function = copier.function
    trial = try trial.replacingLoop(loop, for: self) { statement, _ in
      [.block([copy, statement])]
    }
    let printer = CPrinter(function: kernel.function, source: kernel.source)
    let reason =
      "'\(printer.text(store))' may be stored to what '\(printer.text(read.lvalue))' reads"
    try ask(trial) { (legality) throws(Obstacle) in
      var times: [Int: [TimeExpression]] = [:]
      for (statement, time) in try legality.statements(around: [copyLabel, loop]) {
        guard statement.loops.contains(copyLabel), !time.isEmpty else { continue }
        times[statement.index] = [.constant(.max)] + time.dropFirst()
      }
      guard !times.isEmpty else { throw Obstacle(reason: reason) }
      let found = try legality.violations(
        around: [copyLabel, loop], of: Schedule(times: times))
      guard let first = found.first else { return }
      throw Obstacle(
        reason: reason, place: first.sink.origin, dependence: first,
        missingFacts: first.missingFacts)
    }
  }
}
