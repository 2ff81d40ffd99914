public import ExperimentRecords
public import KernelModel

/// Makes the iterations of two nested loops along a curve that stays in every square of 2, 4, 8 … times
/// as many until it is done with it.
///
///     for i < n { for j < m { S(i, j) } }
///         →   for it < n step 8 { for jt < m step 8 { for turn < 64 {
///               i = it + odd bits of turn, j = jt + even bits of turn; if i < n && j < m { S(i, j) } } } }
///
/// Behind a `tile` whose tiles fit the nearest cache, this makes good use of every larger one without
/// knowing its size: a cache-oblivious order without recursion. Squares of `by` × `by` iterations follow
/// each other in rows; the loops become `i.tile` and `j.tile` over squares and `i.turn` inside one.
///
/// Legal iff: the loops are a perfect nest and a permutable band (a value that grows in neither iterator
/// never comes later on the curve); the inner loop's range does not follow the outer iterator; no
/// iteration jumps out; no iterator's value is used after the nest.
///
/// Also called: Morton order, Z-order curve, space-filling curve, quadtree order.
///
/// Reference: Morton, A computer oriented geodetic data base, IBM, 1966; Frigo, Leiserson, Prokop &
/// Ramachandran, Cache-oblivious algorithms, FOCS 1999; Wise et al., Language support for Morton-order
/// matrices, PPoPP 2001.
public struct ZOrder: Pass {
  public static let name = "z_order"
  public static let parameters = [
    PassParameter("loops", .loops, "the two loops, outermost first"),
    PassParameter("by", .factor, "iterations on a side of the largest square, a power of two"),
  ]

  /// The longest side of a square.
  static let longestSide = 1 << 10

  public let loops: [LoopLabel]
  /// Iterations on a side of the largest square.
  public let side: Int

  public init(loops: [LoopLabel], by side: Int) {
    self.loops = loops
    self.side = side
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    loops = try reader.loops("loops")
    side = try reader.factor("by")
    guard Set(loops).count == 2, loops.count == 2 else {
      throw Refusal(step: step, reason: "argument 'loops' must name two different loops")
    }
    guard side & (side - 1) == 0, side <= Self.longestSide else {
      throw Refusal(
        step: step, reason: "argument 'by' must be a power of two, at most \(Self.longestSide)")
    }
  }

  public var step: Step {
    Step(
      Self.name,
      [
        Argument("loops", .list(loops.map { .label($0.text) })), Argument("by", .integer(side)),
      ])
  }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let nest = try PerfectNest(band: loops, in: kernel, for: self)
    let (outer, inner) = (nest.sites[0], nest.sites[1])
    let range = [inner.header.lower, inner.header.bound].compactMap(\.self)
    guard !range.contains(where: { $0.mentionedVariables.contains(outer.variable) }) else {
      throw refusal("the range of loop '\(inner.label)' follows loop '\(outer.label)'")
    }
    var tiling = Tiling(nest, sizes: [side, side], in: kernel)
    let squares = try tiling.statement(for: self)
    var curve = MortonCurve(side: side, function: tiling.function)
    var result = kernel
    let along = try curve.replacingPoints(in: squares, for: self)
    result.function = curve.function
    return try result.replacingLoop(loops[0], for: self) { _, _ in [along] }
  }
}
