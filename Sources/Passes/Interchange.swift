import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Brings the loops of a perfect nest into another order.
///
///     for i { for j { S } }   →   for j { for i { S } }
///
/// A bound that follows an outer iterator with coefficient 1 or -1 (triangles, trapezoids, tiles) is
/// solved for the other iterator.
///
/// Legal iff: every dependence stays lexicographically positive in the new order; no iteration
/// jumps out of the nest; no iterator's value is used after it.
///
/// Also called: permutation, loop reordering.
///
/// Reference: Allen & Kennedy, Optimizing Compilers for Modern Architectures, ch. 5; Wolf & Lam,
/// A loop transformation theory and an algorithm to maximize parallelism, 1991.
public struct Interchange: Pass {
  /// Which loops change places.
  public enum Order: Hashable, Sendable {
    /// The loop changes places with the one directly inside.
    case swap(outer: LoopLabel)
    /// The loops in their new order, outermost first.
    case permutation([LoopLabel])
  }

  public static let name = "interchange"
  public static let parameters = [
    PassParameter("outer", .loop, isOptional: true, "the loop to swap with the one inside it"),
    PassParameter("order", .loops, isOptional: true, "the loops in their new order"),
  ]

  public let order: Order

  public init(outer: LoopLabel) { order = .swap(outer: outer) }
  public init(order: [LoopLabel]) { self.order = .permutation(order) }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    switch (step["outer"], step["order"]) {
    case (_?, nil): order = .swap(outer: try reader.loop("outer"))
    case (nil, _?):
      let labels = try reader.loops("order")
      guard labels.count > 1, Set(labels).count == labels.count else {
        throw Refusal(step: step, reason: "argument 'order' must name different loops")
      }
      order = .permutation(labels)
    default: throw Refusal(step: step, reason: "give either 'outer' or 'order'")
    }
  }

  public var step: Step {
    switch order {
    case .swap(let outer): Step(Self.name, [Argument("outer", .label(outer.text))])
    case .permutation(let labels):
      Step(Self.name, [Argument("order", .list(labels.map { .label($0.text) }))])
    }
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let nest = try PerfectNest(labels(in: kernel), in: kernel, for: self)
    let target = try target(of: nest)
    guard target != nest.labels else { throw refusal("the loops already have this order") }
    for site in nest.sites {
      try site.requireDeadIterator(in: kernel.function, for: self)
      try site.requireNoEarlyExit(for: self)
      try site.requireStableStart(for: self)
    }
    let labels = nest.labels
    try ask(kernel) { (legality) throws(Obstacle) in try legality.permute(labels, to: target) }
    var reordering = NestReordering(nest, in: kernel)
    try reordering.sort(into: target, for: self)
    return try kernel.replacingLoop(nest.labels[0], for: self) { _, _ in [reordering.statement()] }
  }

  /// The loops that take part, in any order.
  private func labels(in kernel: Kernel) throws(Refusal) -> [LoopLabel] {
    switch order {
    case .permutation(let labels): return labels
    case .swap(let outer):
      let site = try LoopSite(outer, in: kernel, for: self)
      if let inner = site.loop.perfectlyNested { return [outer, inner.label] }
      throw refusal(
        site.loop.body.loopLabels.isEmpty
          ? "there is no loop inside '\(outer)'"
          : "the nest is not perfect at loop '\(outer)'; distribute it first")
    }
  }

  private func target(of nest: PerfectNest) throws(Refusal) -> [LoopLabel] {
    switch order {
    case .permutation(let labels): labels
    case .swap: nest.labels.reversed()
    }
  }
}
