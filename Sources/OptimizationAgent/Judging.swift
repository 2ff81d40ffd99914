import CandidateExecution
import EquivalenceChecking
import ExperimentRecords
import KernelModel
import KernelParsing

extension Workbench {
  /// How the judge is asked about candidates of a kernel. It gets the original, its contract and the
  /// candidate's text, and nothing of how the text came about.
  func judge(of kernel: Kernel) -> LocalExecutor.Judge {
    let environment = JudgeEnvironment(
      harness: Harness(runner: runner), scratch: scratch, compiler: compiler,
      second: compilers.first { $0.name != compiler.name },
      instrumenting: compilers.first { $0.name == "clang" }, threads: options.threads)
    let verifier = Verifier(
      original: kernel, environment: environment, parser: parser,
      floatingPoint: options.floatingPoint == .exact ? .exact : .relaxed, seed: options.seed)
    let requirement = options.requirement
    return { text, effort in
      let result = await verifier.verify(
        text, requirement: requirement, effort: effort == .full ? .full : .screening)
      let isUnopposed = result.levels.allSatisfy { $0.result == .passed }
      let carriesNoVerdict = effort == .screening && isUnopposed && !result.levels.isEmpty
      return Examination(
        verdict: carriesNoVerdict ? nil : result.verdict, required: result.required,
        evidence: result.levels,
        counterexample: result.counterexample, compiles: result.cost.compiles,
        compileSeconds: result.cost.phases[.compile] ?? 0)
    }
  }
}
