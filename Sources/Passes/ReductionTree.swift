public import ExperimentRecords
public import KernelModel

/// Divides a reduction among several accumulators, which the iterations take in turn.
///
///     for k < n { s += f(k); }
///       →
///     s_1 = 0;
///     for k < n - n % 2 step 2 { s += f(k); s_1 += f(k + 1); }
///     s += s_1;
///     for k from n - n % 2 ..< n { s += f(k); }
///
/// The updates of each accumulator wait for each other, those of different ones do not. They are brought
/// together in a tree behind the loop; a second loop, `k.rest`, makes the iterations that are left over.
/// Sums, differences, products, bit operations, minima and maxima are reductions. Signed and narrow
/// integers are added up and multiplied modulo 2^n, in which no partial result overflows. Scalars of the loop
/// that may not be divided keep their order beside those that are.
///
/// Legal iff: the scalar is nobody else's, has a value before the loop, and is only updated in it, by
/// one operation; the type is an integer's, or `order: free` says that floating-point operations may
/// come in any order, which changes how they round; no iteration leaves the loop by `break`.
///
/// Also called: accumulator expansion, unrolling with multiple accumulators, tree-height reduction,
/// reassociation.
///
/// Reference: Kuck, The Structure of Computers and Computations, 1978, ch. 2; Bryant & O'Hallaron,
/// Computer Systems: A Programmer's Perspective, ch. 5.9.
public struct ReductionTree: Pass {
  public static let name = "reduction_tree"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop that carries the reduction"),
    PassParameter("by", .factor, "the number of accumulators"),
    .order,
  ]

  /// The loop that carries the reduction.
  public var loop: LoopLabel
  /// The number of accumulators.
  public var factor: Int
  /// Whether floating-point operations may come in any order.
  public var mayReorder: Bool

  public init(loop: LoopLabel, by factor: Int, mayReorder: Bool = false) {
    self.loop = loop
    self.factor = factor
    self.mayReorder = mayReorder
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    factor = try reader.factor("by")
    mayReorder = try reader.mayReorder()
  }

  public var step: Step {
    let order = mayReorder ? [Argument("order", .word("free"))] : []
    return Step(
      Self.name, [Argument("loop", .label(loop.text)), Argument("by", .integer(factor))] + order)
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    let statements = try site.repeatableStatements(for: self)
    let reductions = try chosen(site, .block(statements), kernel.function)
    var copier = StatementCopier(kernel.function)
    let range = try UnrolledRange(site, by: factor, in: kernel, &copier.function, for: self)
    let accumulators = reductions.map {
      Accumulators($0, count: factor, in: &copier.function)
    }
    var body: [Stmt] = []
    for lane in 0..<factor {
      let value = copier.function.reference(site.variable).advanced(lane * site.header.step)
      let own =
        lane == 0
        ? statements : try copier.iteration(of: statements, site, at: value, for: self)
      body += try moved(own, to: accumulators, lane, copier.function)
    }
    var main = site.statement
    main.kind = .loop(Loop(label: loop, header: .counted(range.main), body: .block(body)))
    var replacement = range.prelude + accumulators.map(\.declaration) + [main]
    replacement += accumulators.flatMap { $0.combination(in: copier.function) }
    if let rest = range.rest {
      let remainder = Loop(label: loop, header: .counted(rest), body: site.loop.body)
      replacement.append(try copier.rest(remainder, for: self))
    }
    // Older dialects have declarations at the head of a block alone.
    if !kernel.build.allowsDeclarationsInFor { replacement = [.block(replacement)] }
    var result = kernel
    result.function = copier.function
    return try result.replacingLoop(loop, for: self) { _, _ in replacement }
  }

  private func moved(
    _ statements: [Stmt], to accumulators: [Accumulators], _ lane: Int, _ function: Function
  ) throws(Refusal) -> [Stmt] {
    var result = Stmt.block(statements)
    for own in accumulators {
      guard let moved = own.moved(result, iteration: lane, in: function) else {
        throw refusal("'\(function[own.reduction.variable].name)' cannot be replaced everywhere")
      }
      result = moved
    }
    return result.statements
  }

  /// The reductions that the loop carries and that may be divided; refuses when there are none.
  private func chosen(_ site: LoopSite, _ body: Stmt, _ function: Function) throws(Refusal)
    -> [ScalarReduction]
  {
    var obstacle: String?
    var result: [ScalarReduction] = []
    for variable in ScalarReduction.carried(by: site.loop) {
      let name = function[variable].name
      if let reduction = ScalarReduction(of: variable, in: body, function) {
        if !mayReorder, !reduction.isExact(in: function) {
          obstacle =
            obstacle ?? "the floating-point operations on '\(name)' round in their order, and "
            + "'order: free' is not given"
        } else if !function.isSet(variable, before: loop) {
          obstacle = obstacle ?? "'\(name)' may have no value before loop '\(loop)'"
        } else {
          result.append(reduction)
        }
      } else {
        obstacle = obstacle ?? "'\(name)' is not only updated in loop '\(loop)' by one operation"
      }
    }
    guard !result.isEmpty else {
      throw refusal(obstacle ?? "no scalar is reduced over loop '\(loop)'")
    }
    return result
  }
}

/// Whether the reductions over a loop give the same results in any order.
public enum ReductionKind: Hashable, Sendable {
  case exact
  /// Some of them round.
  case rounded
}

extension ReductionTree {
  /// What is reduced over the loop, for proposers; nil when nothing is.
  public static func kind(of label: LoopLabel, in function: Function) -> ReductionKind? {
    guard let loop = function.body.loop(label) else { return nil }
    let found = ScalarReduction.carried(by: loop).compactMap {
      ScalarReduction(of: $0, in: loop.body, function)
    }
    if found.isEmpty { return nil }
    return found.allSatisfy { $0.isExact(in: function) } ? .exact : .rounded
  }
}
