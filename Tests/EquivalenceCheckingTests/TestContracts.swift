import DependenceAnalysis
import KernelModel

extension Kernel {
  /// The kernel as the judge gets it, its contract completed by inference.
  var withInferredContract: Kernel {
    var copy = self
    copy.contract = ContractInference.infer(for: self)
    return copy
  }
}
