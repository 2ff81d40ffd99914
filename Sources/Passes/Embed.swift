public import ExperimentRecords
public import KernelModel

/// Makes a nest that stands beside a loop in an iteration of its own, the one before the loop's first or
/// the one after its last.
///
///     for j { A }  for i from 1 ..< n { S }   →   for i < n { if (i == 0) { for j { A } } else { S } }
///     for i < n { S }  for j { A }   →   for i < n + 1 { if (i < n) { S } else { for j { A } } }
///
/// So boundary rows join the sweep over the other rows, and the loop around them becomes a perfect nest,
/// which may be skewed and tiled. Where the new range may be empty and no fact, check or `return` before
/// the nest says otherwise, the outermost loop around gets two versions: in the other one the loop makes
/// no iteration and is left out.
///
/// Legal iff: nothing that either of them does changes the loop's range; the loop counts up by one, is
/// left at its end alone, and its iterator is known to hold the new value, is not used after it and not in
/// the nest; no loop that would get two versions is parallel. The order of all work stays the same.
///
/// Also called: code sinking, statement sinking, loop introduction, making a nest perfect.
///
/// Reference: Ahmed, Mateev & Pingali, "Synthesizing Transformations for Locality Enhancement of
/// Imperfectly-Nested Loop Nests", ICS 2000; Wolfe, High Performance Compilers, 1996, ch. 9.
public struct Embed: Pass {
  public static let name = "embed"
  public static let parameters = [
    PassParameter("loop", .loop, "the nest"),
    PassParameter("into", .loop, "the loop directly before or behind it"),
  ]

  /// The outermost loop of the nest.
  public let loop: LoopLabel
  /// The loop that makes it.
  public let into: LoopLabel

  public init(loop: LoopLabel, into: LoopLabel) {
    self.loop = loop
    self.into = into
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loop = try reader.loop("loop")
    into = try reader.loop("into")
  }

  public var step: Step {
    Step(
      Self.name,
      [Argument("loop", .label(loop.text)), Argument("into", .label(into.text))])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    var embedding = try Embedding(of: loop, into: into, in: kernel, for: self)
    if !embedding.isOrdered {
      let versions = try OrderedRangeVersions(around: embedding, in: kernel, for: self)
      embedding = try Embedding(of: loop, into: into, in: versions.kernel, for: self)
    }
    return try embedding.kernel(for: self)
  }
}
