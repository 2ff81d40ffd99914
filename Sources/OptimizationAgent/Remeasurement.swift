import Diagnostics
public import ExperimentRecords
public import KernelModel

/// Times a candidate that was recorded earlier again: in pairs with its original, in fresh processes, on the
/// workloads that it was recorded with.
public struct Remeasurement {
  private let workbench: Workbench
  private let surveyed: SurveyedKernel

  /// Gets everything ready.
  ///
  /// - Parameters:
  ///   - kernel: The original, as it was when the candidate was recorded.
  ///   - root: The directory that file names are relative to.
  ///   - options: Compiler, floating point, threads and seed, as they were.
  ///   - configuration: Tells values and ranges of workloads that it declares.
  /// - Throws: `InputError` when no compiler works or the contract is not complete.
  public init(
    of kernel: Kernel, root: String, options: CampaignOptions, configuration: Configuration
  ) async throws {
    let survey = Survey(of: kernel, root: root, configuration: configuration)
    guard let surveyed = survey.kernels.first else {
      throw survey.missing(kernel.function.name, in: kernel.source.path)
    }
    self.surveyed = surveyed
    workbench = try await Workbench(options: options, survey: survey)
  }

  /// Measures `text` on `workloads`.
  ///
  /// - Throws: `InputError` when that cannot be done here; `CandidateFailure.wrongOutput` or `.fault` when a timed
  ///   call of the candidate went wrong.
  public func measure(
    _ text: [UInt8], on workloads: [Workload], threads: Int = 1
  ) async throws -> [Measurement] {
    do {
      var prepared = try await workbench.prepare(surveyed)
      let planning = WorkloadPlanning(
        kernel: surveyed.kernel, trampoline: prepared.trampoline)
      let present = prepared.workloads
      prepared.workloads = try workloads.map { recorded in
        // What the configuration declares has values too; sizes that were chosen must not be chosen anew.
        let same = present.first {
          $0.workload.name == recorded.name && $0.workload.sizes == recorded.sizes
        }
        return try same ?? planning.prepared(recorded)
      }
      let executor = workbench.executor(prepared, threads: threads)
      return try await executor.measureForBench(try await executor.build(text))
    } catch let error as Unsearchable {
      throw InputError("it cannot be measured here: \(error)")
    } catch let failure as CandidateFailure {
      switch failure {
      case .wrongOutput, .fault: throw failure
      case .compile, .unmeasured, .impossible:
        throw InputError("it cannot be measured here: \(failure.reason)")
      }
    }
  }
}
