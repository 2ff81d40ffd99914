import KernelModel
enum ContractInference { static func infer(for kernel: Kernel) -> Contract { kernel.contract } }
