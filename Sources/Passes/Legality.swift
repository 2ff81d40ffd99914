import DependenceAnalysis
import ExperimentRecords
import KernelModel

/// Asks the dependence analysis and puts its answers into refusals.
struct Legality<P: Pass> {
  let kernel: Kernel
  let pass: P

  init(_ kernel: Kernel, for pass: P) {
    self.kernel = kernel
    self.pass = pass
  }

  func requirePermutation(of nest: [LoopLabel], to order: [LoopLabel]) throws(Refusal) {}
  func requirePermutableBand(_ loops: [LoopLabel]) throws(Refusal) {}
}
