import EquivalenceChecking
import ExperimentRecords
import KernelModel

extension Workbench {
  /// How the judge is asked about candidates of a kernel.
  func judge(of kernel: Kernel) -> LocalExecutor.Judge {
    { _, _ in Examination(verdict: .inconclusive, evidence: []) }
  }
}
