import CandidateExecution
import ExperimentRecords
import KernelModel
import Sandboxing

extension Workbench {
  /// The machine's peaks, kept or measured; `nil` where the measuring program does not run, and then
  /// nothing is said of limits.
  static func peaks(
    _ machine: Machine, _ compiler: Compiler, _ runner: Runner, isFresh: Bool = false
  ) async -> MachinePeaks? {
    do throws(CompileError) {
      return try await PeakStore().peaks(
        of: machine, compiler: compiler, probe: PeakProbe(runner: runner, compiler: compiler),
        isFresh: isFresh)
    } catch {
      return nil
    }
  }

  /// What the machine allows on each workload where that can be told.
  func limits(
    _ kernel: Kernel, _ workloads: [Workload], _ peaks: MachinePeaks?
  ) -> [RooflineLimit] {
    guard let peaks else { return [] }
    return workloads.compactMap { workload in
      KernelWork(kernel, sizes: workload.sizes, isExact: options.floatingPoint == .exact)?
        .limit(workload: workload.name, on: peaks)
    }
  }

  /// `executor`, whose measurements are held against the machine's limits where these are known.
  func limited(_ executor: LocalExecutor, _ prepared: Prepared) -> any CandidateExecutor {
    guard let limits = prepared.baseline.limits else { return executor }
    let (kernel, workloads) = (prepared.surveyed.kernel, Self.measured(prepared.workloads))
    return RooflineExecutor(executor, limits: limits) {
      let peaks = await Self.peaks(machine, compiler, runner, isFresh: true)
      return self.limits(kernel, workloads, peaks)
    }
  }
}
