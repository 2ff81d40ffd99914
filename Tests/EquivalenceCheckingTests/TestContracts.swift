import DependenceAnalysis
import KernelModel

enum TestContracts {
  static func complete(_ kernel: Kernel) -> Kernel {
    var kernel = kernel
    kernel.contract = ContractInference.infer(for: kernel)
    return kernel
  }
}
