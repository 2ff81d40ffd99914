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
  /// How often a program is called before anybody looks; later calls find what earlier ones left.
  var callsInARow = 1
  /// Threads that a program may have.
  var threads = 1
}

/// Which builds are compared.
struct BuildPlan {
  let environment: JudgeEnvironment
  let build: BuildFlags

  static let audit = BuildChoice(side: .instrumenting, flavour: .audit)
  static let undefined = BuildChoice(side: .instrumenting, flavour: .undefinedBehaviour)
  static let shipping = BuildChoice(side: .project, flavour: .shipping)
  /// The shipping build, called on what its own first call left behind.
  static let inARow = BuildChoice(side: .project, flavour: .shipping, callsInARow: 2)
  /// The shipping build, run by several threads.
  static func threaded(_ threads: Int) -> BuildChoice {
    BuildChoice(side: .project, flavour: .shipping, threads: threads)
  }
  /// Tells on which inputs the original is still well defined when called once more.
  static let definedInARow = BuildChoice(
    side: .instrumenting, flavour: .undefinedBehaviour, callsInARow: 2)
  /// A build in which every `aligned_alloc` fails; the runner answers the wrapped name. Optimisers
  /// leave out allocations that need not fail.
  static let withoutMemory = BuildChoice(
    side: .project, flavour: .unoptimized, extra: ["-Wl,--wrap=aligned_alloc"])
  /// Builds in which some allocations of a call fail: all but the first, all but the first two, or every other
  /// one. The runner answers these names.
  static let withLittleMemory = ["once", "twice", "alternately"].map {
    BuildChoice(
      side: .project, flavour: .unoptimized, extra: ["-Daligned_alloc=ratchet_allocate_\($0)"])
  }

  /// Builds whose results are compared, original against candidate within each.
  ///
  /// The second compiler gets `-ffp-contract=off` where the project leaves contraction to the
  /// compiler: GCC's default fuses across statements, which no rewrite can keep.
  func differential(
    _ effort: Effort, of candidate: [UInt8] = [], against original: [UInt8] = []
  ) -> [BuildChoice] {
    guard effort == .full else { return [Self.shipping] }
    let off = environment.switchedOff
    var choices = [Self.shipping, BuildChoice(side: .project, flavour: .unoptimized)]
    if environment.second != nil, !off.contains(.secondCompiler) {
      let extra = build.contraction == nil ? ["-ffp-contract=off"] : []
      choices.append(BuildChoice(side: .second, flavour: .shipping, extra: extra))
      choices.append(BuildChoice(side: .second, flavour: .unoptimized, extra: extra))
    }
    if off.contains(.unoptimizedBuilds) { choices.removeAll { $0.flavour == .unoptimized } }
    if !off.contains(.callsInARow) { choices.append(Self.inARow) }
    if !off.contains(.failingAllocations), Self.allocates(candidate) {
      choices.append(Self.withoutMemory)
      // Which of its own allocations fails is no business of a rewrite.
      if !Self.allocates(original) { choices += Self.withLittleMemory }
    }
    return choices
  }

  private static func allocates(_ text: [UInt8]) -> Bool {
    CLexer.tokens(of: text).contains { $0.text == "aligned_alloc" }
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
