import CandidateExecution
import DependenceAnalysis
import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Sandboxing

/// A kernel whose work can be set to the thousandth without a change of its result, so that the truth
/// about a pair of its texts is known.
public enum TrialSubject: String, Codable, Sendable, CaseIterable {
  /// Stores to the first cache, one a cycle.
  case stores
  /// A chain of dependent additions and multiplications that has long reached its fixed point.
  case chain
  /// A stream through more memory than the second cache holds.
  case stream

  /// The calls of all subjects take a fraction of a millisecond to a few.
  fileprivate var size: Int {
    switch self {
    case .stores: 1000
    case .chain: 60
    case .stream: 400_000
    }
  }

  /// The text with `work` thousandths of the usual work; `copy` changes names and what stands before
  /// the function, and nothing that it does.
  func text(work: Int, copy: Int) -> String {
    let body =
      switch self {
      case .stores:
        """
          for (int t = 0; t < \(work); t++)
            for (int i = 0; i < n; i++) ((volatile double *)b)[i] = 0.5 * a[i] + 1;
        """
      case .chain:
        """
          double x = a[0];
          for (int t = 0; t < \(30 * work); t++) x = 0.5 * x + 1;
          for (int i = 0; i < n; i++) b[i] = x + a[i];
        """
      case .stream:
        """
          for (int i = 0; i < n; i++) b[i] = 0.5 * a[i] + 1;
          for (int i = 0; i < (int)((long)n * (\(work) - 1000) / 1000); i++) b[i] = 0.5 * a[i] + 1;
        """
      }
    let before =
      copy == 0
      ? "" : "int ratchet_copy_\(copy)(int x) { return x * \(copy) + x / (\(copy) + 1); }\n"
    return before + """
      void trial(int n, const double a[restrict static n], double b[restrict static n]) {
      \(body)
      }

      """
  }

  /// What candidates of this subject are built, timed and confirmed with: the real path.
  func executor(
    compiler: Compiler, runner: Runner, scratch: ScratchDirectory, originalWork: Int, seed: UInt64
  ) async throws -> LocalExecutor {
    let parser = KernelParser(.init(compiler: compiler.path, flags: ["-O2"]))
    let path = NSTemporaryDirectory() + "/ratchet_trial.c"
    let original = text(work: originalWork, copy: 0)
    let parsed = try parser.parseText(original, at: path, build: try parser.build(for: path))
    guard var kernel = parsed.kernel(named: "trial") else {
      throw CandidateFailure.unmeasured("the trial's kernel was not read")
    }
    kernel.contract = ContractInference.infer(for: kernel)
    let unit = try CompilationUnit(kernel)
    let driver = CompilerDriver(compiler: compiler, runner: runner, scratch: scratch)
    let planning = WorkloadPlanning(kernel: kernel, trampoline: unit.trampoline)
    let workload = Workload(name: rawValue, sizes: ["n": size], origin: .declared)
    return LocalExecutor(
      unit: {
        CompilationUnit(bytes: $0, sourcePath: path, build: unit.build, trampoline: unit.trampoline)
      },
      driver: driver, source: ShuffledMeasurements(Harness(runner: runner)),
      original: try await driver.build(unit), originalText: Array(original.utf8),
      workloads: [try planning.prepared(workload)], expectation: .original,
      judge: { _, _ in Examination(verdict: nil, evidence: []) }, seed: seed)
  }
}
