public import ExperimentRecords
public import KernelModel

/// Adds a multiple of an outer iterator to an inner one, so that the inner loop's range moves along.
///
///     for t < T { for i from 1 ..< n { S(i) } }
///         →   for t < T { for i from 1 + t ..< n + t { S(i - t) } }
///
/// The order of all work stays the same; `interchange` and `tile` may become legal where dependences
/// ran backward in the inner loop, as in sweeps over time. An iterator of up to 32 bits that might not
/// hold the sum becomes one of 64.
///
/// Legal iff: the new range fits the iterator's type; the iterator's value is not used after the loop.
///
/// Also called: loop skewing, time skewing, wavefront method (with `interchange`).
///
/// Reference: Wolfe, Loops skewing: the wavefront method revisited, 1986; Wolf & Lam, A data locality
/// optimizing algorithm, 1991.
public struct Skew: Pass {
  public static let name = "skew"
  public static let parameters = [
    PassParameter("loop", .loop, "the inner loop"),
    PassParameter("by", .factor, "how often the outer iterator is added"),
    PassParameter("over", .loop, "the outer loop"),
  ]

  /// The largest factor.
  static let largestFactor = 1 << 10

  public let loop: LoopLabel
  public let factor: Int
  public let outer: LoopLabel

  public init(loop: LoopLabel, by factor: Int, over outer: LoopLabel) {
    self.loop = loop
    self.factor = factor
    self.outer = outer
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    factor = try reader.factor("by", atLeast: 1)
    outer = try reader.loop("over")
    guard factor <= Self.largestFactor else {
      throw Refusal(step: step, reason: "argument 'by' must be at most \(Self.largestFactor)")
    }
  }

  public var step: Step {
    Step(
      Self.name,
      [
        Argument("loop", .label(loop.text)), Argument("by", .integer(factor)),
        Argument("over", .label(outer.text)),
      ])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let around = try LoopSite(outer, in: kernel, for: self)
    let site = try LoopSite(loop, in: kernel, for: self)
    guard loop != outer, around.loop.body.loop(loop) != nil else {
      throw refusal("loop '\(loop)' is not inside loop '\(outer)'")
    }
    try site.requireDeadIterator(in: kernel.function, for: self)
    var skewing = try SkewedLoop(site, by: factor, over: around, in: kernel, for: self)
    let skewed = try skewing.loop(for: self)
    var result = kernel
    result.function = skewing.function
    result = try result.replacingLoop(loop, for: self) { statement, _ in
      var whole = statement
      whole.kind = .loop(skewed)
      return [whole]
    }
    result.function.dropUnusedLocals([site.variable])
    return result
  }
}
