import DependenceAnalysis
import ExperimentRecords
import KernelModel

extension PerfectNest {
  /// Finds the nest that these loops form, named outermost first, whose iterations may be worked off in
  /// tiles; one loop alone keeps the order of its iterations.
  init(band loops: [LoopLabel], in kernel: Kernel, for pass: some Pass) throws(Refusal) {
    guard kernel.build.allowsDeclarationsInFor else {
      throw pass.refusal("the language standard has no declarations in 'for'")
    }
    try self.init(loops, in: kernel, for: pass)
    guard labels == loops else { throw pass.refusal("name the loops from the outermost inward") }
    for site in sites {
      try site.requireDeadIterator(in: kernel.function, for: pass)
      try site.requireNoEarlyExit(for: pass)
      try site.requireStableStart(for: pass)
    }
    guard loops.count > 1 else { return }
    try pass.ask(kernel) { (legality) throws(Obstacle) in try legality.tile(loops) }
  }
}
