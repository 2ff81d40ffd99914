public import CandidateExecution
public import ExperimentRecords

/// What the judge builds and runs with.
public struct JudgeEnvironment: Sendable {
  public var harness: Harness
  public var scratch: ScratchDirectory
  /// The project's compiler.
  public var compiler: Compiler
  /// A compiler of another family, when the machine has one.
  public var second: Compiler?
  /// A clang, for what only clang can instrument; L1 is `inconclusive` without one.
  public var instrumenting: Compiler?
  /// How long one call of the original may take; the candidate has ten times as long.
  public var callLimit: Duration
  /// Threads that candidates with parallel loops are run by too; 1 to run them without.
  public var threads: Int
  /// Defences to leave out. Tests alone do so.
  var switchedOff: Set<Defence> = []

  public init(
    harness: Harness, scratch: ScratchDirectory, compiler: Compiler, second: Compiler? = nil,
    instrumenting: Compiler? = nil, callLimit: Duration = .milliseconds(500), threads: Int = 1
  ) {
    self.harness = harness
    self.scratch = scratch
    self.compiler = compiler
    self.second = second
    self.instrumenting = instrumenting
    self.callLimit = callLimit
    self.threads = threads
  }

  /// The environment with the compilers that the machine has: `name` (or the project's own), and
  /// of clang and gcc the ones that are there.
  public static func find(
    compiler name: String?, harness: Harness, scratch: ScratchDirectory
  ) async throws(CompileError) -> JudgeEnvironment {
    let probe = CompilerProbe(runner: harness.runner)
    let clang = await Self.resolve("clang", probe)
    let gcc = await Self.resolve("gcc", probe)
    let main: Compiler
    if let name {
      main = try await probe.resolve(name)
    } else if let found = clang ?? gcc {
      main = found
    } else {
      throw .compilerNotFound("clang")
    }
    return JudgeEnvironment(
      harness: harness, scratch: scratch, compiler: main,
      second: main.name == "clang" ? gcc : clang,
      instrumenting: main.name == "clang" ? main : clang)
  }

  private static func resolve(_ name: String, _ probe: CompilerProbe) async -> Compiler? {
    do {
      return try await probe.resolve(name)
    } catch {
      // A compiler that is not there or does not answer is one compiler less, which the evidence
      // shows by the list of those that were used.
      return nil
    }
  }
}
