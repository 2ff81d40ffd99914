import DependenceAnalysis
import KernelModel
import SearchPolicies

/// Reduces a kernel to what policies see of it.
enum ShapeExtraction {
  static func shape(of kernel: Kernel) -> KernelShape {
    KernelShape(loops: [], accesses: [], adjacentLoops: [])
  }
}
