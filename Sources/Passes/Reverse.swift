public import ExperimentRecords
public import KernelModel

/// Makes the iterations of a loop in the opposite order.
///
///     for i = 0; i < n; i++ { S(i) }   →   for i = n - 1; i >= 0; i-- { S(i) }
///
/// Where a bound has no room for one less, as with unsigned iterators, the loop runs over `i = n; i >
/// 0; i--` and works on `i - 1`; a loop that is written so is turned upward into plain indices.
///
/// Legal iff: no dependence is carried by the loop; no iteration jumps out; the iterator's value is
/// not used after it.
///
/// Also called: loop reversal.
///
/// Reference: Allen & Kennedy, ch. 5.7; Wolf & Lam, A loop transformation theory and an algorithm to
/// maximize parallelism, 1991.
public struct Reverse: Pass {
  public static let name = "reverse"
  public static let parameters = [PassParameter("loop", .loop, "the loop")]

  public let loop: LoopLabel

  public init(loop: LoopLabel) { self.loop = loop }

  public init(step: Step) throws(Refusal) {
    loop = try ArgumentReader(step, for: Self.parameters).loop("loop")
  }

  public var step: Step { Step(Self.name, [Argument("loop", .label(loop.text))]) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let site = try LoopSite(loop, in: kernel, for: self)
    return try ReversedLoop(site, in: kernel, for: self).replacingOriginal(for: self)
  }
}
