import CandidateExecution
import Diagnostics
import EquivalenceChecking
import KernelModel
import OptimizationAgent
import Sandboxing

/// What the judge is asked about, found as a campaign finds it.
enum JudgedFunction {
  /// The function of a file, with its contract.
  static func kernel(
    _ function: String, in path: String, compiler: String?, flags: String?
  ) throws -> Kernel {
    var options = CampaignOptions(paths: [path])
    options.functions = [function]
    options.compiler = compiler
    options.flags = flags
    let survey = try Survey(options: options, configuration: Configuration())
    guard let surveyed = survey.kernels.first ?? survey.unresolved.first else {
      throw survey.missing(function, in: path)
    }
    return surveyed.kernel
  }

  /// What the judge works with; compiled objects are kept for as long as it lives.
  static func environment(_ compiler: String?) async throws -> JudgeEnvironment {
    do {
      return try await JudgeEnvironment.find(
        compiler: compiler, harness: Harness(runner: try Runner()), scratch: try ScratchDirectory())
    } catch let error as CompileError {
      throw InputError("\(error)", remedy: "name a working C compiler with --cc")
    } catch let error as RunnerError {
      throw InputError("\(error)", remedy: "build it with 'make build'")
    }
  }
}
