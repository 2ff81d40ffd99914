public import ExperimentRecords
public import KernelModel

/// Takes the first or the last iterations out of a loop.
///
///     for i < n { S(i) }   →   if (0 < n) { S(0); for i from 1 ..< n { S(i) } }
///     for i < n { S(i) }   →   if (0 < n) { for i < n - 1 { S(i) } S(n - 1) }
///
/// The conditions keep loops with fewer iterations right; where bounds are constant there are none.
/// Conditions that are the same in all iterations of a part are decided there.
///
/// Legal iff: no iteration leaves the loop by `break`; the order of all work stays the same.
///
/// Also called: loop peeling, loop splitting.
///
/// Reference: Allen & Kennedy, ch. 5.7; Bacon, Graham & Sharp, 1994, §6.3.4.
public struct Peel: Pass {
  /// Which iterations are taken out.
  public enum Side: String, Hashable, Sendable, CaseIterable {
    case first
    case last
  }

  public static let name = "peel"
  public static let parameters = [
    PassParameter("loop", .loop, "the loop"),
    PassParameter("first", .factor, isOptional: true, "how many of the first iterations"),
    PassParameter("last", .factor, isOptional: true, "how many of the last iterations"),
  ]

  /// The most iterations that are taken out at once.
  static let mostIterations = 16

  public let loop: LoopLabel
  public let side: Side
  public let count: Int

  public init(loop: LoopLabel, _ side: Side, _ count: Int = 1) {
    self.loop = loop
    self.side = side
    self.count = count
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    switch (step["first"], step["last"]) {
    case (_?, nil): side = .first
    case (nil, _?): side = .last
    default: throw Refusal(step: step, reason: "give either 'first' or 'last'")
    }
    count = try reader.factor(side.rawValue, atLeast: 1)
    guard count <= Self.mostIterations else {
      throw Refusal(step: step, reason: "more than \(Self.mostIterations) iterations are too many")
    }
  }

  public var step: Step {
    Step(
      Self.name,
      [Argument("loop", .label(loop.text)), Argument(side.rawValue, .integer(count))])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    var peeling = try Peeling(site, in: kernel, for: self)
    let statements = try peeling.statements(side, count, for: self)
    var result = kernel
    result.function = peeling.function
    result = try result.replacingLoop(loop, for: self) { _, _ in statements }
    result.function.dropUnusedLocals([site.variable])
    return try result.decidingConditions(in: loop, for: self)
  }
}
