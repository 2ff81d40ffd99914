import CandidateExecution
import ExperimentRecords
import KernelModel

/// One way to build both programs.
struct BuildChoice: Hashable, Sendable {
  enum Side: Hashable, Sendable {
    case project
    case second
    case instrumenting
  }
  var side: Side
  var flavour: Flavour
  /// Flags after the project's own.
  var extra: [String] = []
}

/// Which builds are compared.
struct BuildPlan {
  let environment: JudgeEnvironment
  let build: BuildFlags

  static let audit = BuildChoice(side: .instrumenting, flavour: .audit)
  static let undefined = BuildChoice(side: .instrumenting, flavour: .undefinedBehaviour)
  static let shipping = BuildChoice(side: .project, flavour: .shipping)

  /// Builds whose results are compared, original against candidate within each.
  ///
  /// The second compiler gets `-ffp-contract=off` where the project leaves contraction to the
  /// compiler: GCC's default fuses across statements, which no rewrite can keep.
  func differential(_ effort: Effort) -> [BuildChoice] {
    guard effort == .full else { return [Self.shipping] }
    var choices = [Self.shipping, BuildChoice(side: .project, flavour: .unoptimized)]
    if environment.second != nil {
      let extra = build.contraction == nil ? ["-ffp-contract=off"] : []
      choices.append(BuildChoice(side: .second, flavour: .shipping, extra: extra))
      choices.append(BuildChoice(side: .second, flavour: .unoptimized, extra: extra))
    }
    return choices
  }

  func compiler(of choice: BuildChoice) -> Compiler? {
    switch choice.side {
    case .project: environment.compiler
    case .second: environment.second
    case .instrumenting: environment.instrumenting
    }
  }

  func driver(of choice: BuildChoice) -> CompilerDriver? {
    guard let compiler = compiler(of: choice) else { return nil }
    return CompilerDriver(
      compiler: compiler, runner: environment.harness.runner, scratch: environment.scratch,
      isForeign: compiler.name != environment.compiler.name)
  }
}
