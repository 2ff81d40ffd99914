public import ExperimentRecords
public import KernelModel

/// Computes once, before a loop, what every iteration would compute again.
///
///     for i { … img->stride … n * m … }   →   if (0 < n) { t = img->stride; u = n * m; for i { … t … u … } }
///
/// Moved are the largest subexpressions that keep their value: loads that no store in the loop may
/// reach, arithmetic, pure calls. What may fault or overflow (loads, integer division, signed sums)
/// moves only when every first iteration evaluates it, and then stands under the loop's own first
/// test. A floating product stays with the sum that it feeds unless the flags forbid contraction.
///
/// Legal iff: nothing in the loop stores to what the subexpression mentions or reads, it has no
/// effect, and it is evaluated only where the original evaluates it or where it cannot fault.
///
/// Also called: loop-invariant code motion.
///
/// Reference: Aho, Lam, Sethi & Ullman, *Compilers*, §9.5; Muchnick, ch. 13.
public struct Hoist: Pass {
  public static let name = "hoist"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop before which values are computed")
  ]

  /// The loop before which values are computed.
  public var loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    guard let target = kernel.function.body.loop(loop), let header = target.counted,
      let oracle = AliasOracle(kernel, loop: loop)
    else { throw refusal("there is no counted loop '\(loop)'") }
    let finder = InvariantFinder(
      oracle: oracle, loop: target, keepsProducts: kernel.build.contraction != .off)
    guard !finder.found.isEmpty else {
      throw refusal("loop '\(loop)' computes nothing that keeps its value")
    }
    var function = kernel.function
    let keepsIterator = !header.declares && function.isIteratorLive(outside: loop)
    let body = try kernel.function.body.replacingLoop(loop) {
      (statement, target) throws(Refusal) in
      try hoisted(statement, target, finder.found, keepsIterator, &function)
    }
    var result = kernel
    if let body { function.body = body }
    result.function = function
    return result
  }

  private func hoisted(
    _ statement: Stmt, _ target: Loop, _ invariants: [InvariantFinder.Invariant],
    _ keepsIterator: Bool, _ function: inout Function
  ) throws(Refusal) -> [Stmt] {
    var values: [String: Expr] = [:]
    var early: [String: Expr] = [:]
    var free: [Stmt] = []
    var guarded: [Stmt] = []
    for invariant in invariants {
      let type = CType.qualified(.const, invariant.expr.type.unqualified)
      let variable = function.introduce(invariant.expr.stem(in: function), type: type)
      values[invariant.expr.key] = function.reference(variable)
      let declaration = Stmt.declare(variable, invariant.expr)
      if invariant.needsEntry {
        guarded.append(declaration)
      } else {
        free.append(declaration)
        early[invariant.expr.key] = function.reference(variable)
      }
    }
    let inner = statement.replacingTopDown { values[$0.key] }
    guard !guarded.isEmpty, let header = target.counted else {
      return free + [inner]
    }
    let within = Set(invariants.filter(\.needsEntry).flatMap(\.within))
    let nest = target.perfectNest.filter { $0.label == loop || within.contains($0.label) }
    let entries = nest.compactMap { $0.counted?.entry(in: function) }
    let known = function.knownConditions(at: loop)
    let block = Stmt.block(guarded + [inner])
    guard var whole = function.guarded(block, by: entries, known: known) else {
      throw refusal("loop '\(loop)' never runs")
    }
    guard case .branch(let condition, let then, _) = whole.kind else {
      return free + whole.statements
    }
    if keepsIterator, let lower = header.lower {
      guard within.isEmpty else { throw refusal("the iterator of loop '\(loop)' is used after it") }
      let start = Stmt.expression(.assign(function.reference(header.variable), lower))
      whole = .branch(condition, then, else: .block([start]))
    }
    return free + [whole.replacingConditions(early)]
  }
}

extension Stmt {
  /// A branch with subexpressions of its condition replaced.
  fileprivate func replacingConditions(_ values: [String: Expr]) -> Stmt {
    guard case .branch(let condition, let then, let otherwise) = kind else { return self }
    return .branch(condition.replacingTopDown { values[$0.key] }, then, else: otherwise)
  }
}
