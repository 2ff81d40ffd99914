import DependenceAnalysis
public import ExperimentRecords
public import KernelModel

/// Cuts the iterations of nested loops into rectangular tiles that are worked off one by one.
///
///     for i < n { for j < m { S } }
///         →   for it < n step 64 { for jt < m step 32 {
///               for i in it ..< min(it + 64, n) { for j in jt ..< min(jt + 32, m) { S } } } }
///
/// The loop `i` becomes `i.tile` over the tiles and `i.point` inside one. One loop alone is
/// strip-mined, which keeps the order of its iterations; it may count down by one.
///
/// Legal iff: the loops are a perfect nest and a permutable band (no dependence has a negative
/// distance in any of them); no iteration jumps out; no iterator's value is used after the nest.
///
/// Also called: blocking, cache blocking, strip-mining (one loop), loop tiling.
///
/// Reference: Wolfe, More iteration space tiling, 1989; Allen & Kennedy, ch. 9.3.
public struct Tile: Pass {
  public static let name = "tile"
  public static let parameters = [
    PassParameter("loop", .loop, isOptional: true, "the loop to strip-mine"),
    PassParameter("loops", .loops, isOptional: true, "the band to tile, outermost first"),
    PassParameter("by", .factors, "iterations per tile, one for each loop"),
  ]

  public let loops: [LoopLabel]
  /// Iterations per tile, one for each loop.
  public let sizes: [Int]
  private let namesOneLoop: Bool

  public init(loop: LoopLabel, by size: Int) {
    loops = [loop]
    sizes = [size]
    namesOneLoop = true
  }

  public init(loops: [LoopLabel], by sizes: [Int]) {
    precondition(loops.count == sizes.count, "each loop needs a size")
    self.loops = loops
    self.sizes = sizes
    namesOneLoop = false
  }

  public init(step: Step) throws(Refusal) {
    let reader = try ArgumentReader(step, for: Self.parameters)
    (loops, sizes, namesOneLoop) = try reader.loopsAndFactors()
  }

  public var step: Step { .loopsAndFactors(Self.name, loops, sizes, namesOneLoop: namesOneLoop) }

  public func apply(to kernel: Kernel) throws(Refusal) -> Kernel {
    let nest = try PerfectNest(band: loops, in: kernel, for: self)
    var result = kernel
    let tiled: Stmt
    if loops.count == 1, nest.sites[0].header.step < 0 {
      let strip = DownwardStrip(site: nest.sites[0], size: sizes[0], kernel: kernel)
      tiled = try strip.statement(&result.function, for: self)
    } else {
      var tiling = Tiling(nest, sizes: sizes, in: kernel)
      tiled = try tiling.statement(for: self)
      result.function = tiling.function
    }
    return try result.replacingLoop(loops[0], for: self) { _, _ in [tiled] }
  }
}
