import CandidateExecution
import DependenceAnalysis
public import Diagnostics
import EquivalenceChecking
public import ExperimentRecords
import KernelModel
import KernelParsing
public import LineageLog
import Sandboxing
public import SystemPackage

/// Judges old winners again by the present judge.
///
/// The judge is given what it was given then: the recorded original and the recorded text, the recorded flags,
/// seed, mode and requirement, and a compiler of the recorded name. The contract is read again from the
/// recorded original: a clause that is not granted any more is no excuse for a winner. `Rejudged.Standing` says
/// what follows from the answer.
public struct Rejudging: Sendable {
  /// The judge.
  public let judge: JudgeIdentity
  private let lineage: Lineage
  private let objects: ObjectStore
  private let compiler: String?
  private let runner: Runner
  private let scratch: ScratchDirectory
  private let parser = KernelParser()

  /// - Parameters:
  ///   - compiler: The compiler to use in place of the recorded one.
  /// - Throws: `InputError` when the runner is missing.
  public init(
    _ lineage: Lineage, _ objects: ObjectStore, by judge: JudgeIdentity = .current,
    compiler: String? = nil
  ) throws(InputError) {
    do {
      runner = try Runner()
      scratch = try ScratchDirectory()
    } catch {
      throw InputError("\(error)", remedy: "build the runner with 'make build'")
    }
    self.judge = judge
    self.lineage = lineage
    self.objects = objects
    self.compiler = compiler
  }

  /// Where objects are built; it goes away with the value.
  public var scratchPath: String { scratch.path }

  /// Judges the winner that the entry `id` records; whatever keeps the judge from it leaves the winner in doubt.
  ///
  /// - Parameter root: The project's root, below which headers are looked for; it need not hold the file.
  public func judge(_ id: Digest, _ winner: Winner, under root: FilePath) async -> Rejudged {
    var meter = CostMeter()
    var rejudged = Rejudged(
      winner: id, kernel: winner.kernel, standing: .inDoubt, verdict: .inconclusive,
      required: .tested, judge: judge)
    do {
      try await judge(winner, PastJudgement(of: id, winner, in: lineage), root, &rejudged, &meter)
    } catch {
      rejudged.reason = "it cannot be judged here: \(Self.text(of: error))"
    }
    rejudged.cost = meter.total
    return rejudged
  }

  private func judge(
    _ winner: Winner, _ past: PastJudgement, _ root: FilePath, _ rejudged: inout Rejudged,
    _ meter: inout CostMeter
  ) async throws {
    rejudged.required = past.requirement ?? .tested
    let text = try objects.get(winner.newSource)
    let kernel = try meter.measureNow(.parse) { try self.kernel(winner, past, root) }
    rejudged.changes = changes(kernel, past)
    var environment = try await self.environment(past)
    environment.threads = winner.threads ?? 1
    if environment.compiler.version != past.compiler.version {
      rejudged.changes.append("by \(environment.compiler) in place of \(past.compiler)")
    }
    let verifier = Verifier(
      original: kernel, environment: environment, parser: parser,
      floatingPoint: past.isRelaxed ? .relaxed : .exact, seed: past.started.seed)
    let result = await meter.measure(.examine) {
      await verifier.verify(text, requirement: past.requirement)
    }
    meter.add(compiles: result.cost.compiles)
    rejudged.compiler = environment.compiler
    rejudged.verdict = result.verdict
    rejudged.required = result.required
    rejudged.evidence = result.levels
    rejudged.counterexample = result.counterexample
    var original: Verdict?
    if result.verdict != .refuted, !result.isAccepted {
      let own = await meter.measure(.examine) {
        await verifier.verify(kernel.source.bytes, requirement: past.requirement)
      }
      meter.add(compiles: own.cost.compiles)
      original = own.verdict
    }
    rejudged.standing = Self.standing(result, recorded: winner.verdict, original: original)
    rejudged.reason = Self.reason(rejudged.standing, result, recorded: winner.verdict)
  }

  /// What follows from what the judge says.
  ///
  /// - Parameter original: What it says of the original against itself, where it was asked.
  static func standing(
    _ result: VerificationResult, recorded: Verdict, original: Verdict?
  ) -> Rejudged.Standing {
    if result.verdict == .refuted { return .refuted }
    if result.isAccepted { return result.verdict < recorded ? .weaker : .stands }
    guard let original, original.meets(result.required), !ranOut(result.levels) else {
      return .inDoubt
    }
    return .unmet
  }

  /// Whether a level had to end before it knew: what the judge's methods say of time-outs and spent budgets.
  static func ranOut(_ evidence: [Evidence]) -> Bool {
    evidence.contains { piece in
      piece.result == .inconclusive
        && ["in time", "budget", "timed out"].contains { piece.detail.contains($0) }
    }
  }

  private static func reason(
    _ standing: Rejudged.Standing, _ result: VerificationResult, recorded: Verdict
  ) -> String? {
    let detail = result.reason.map { ": \($0)" } ?? ""
    switch standing {
    case .stands: return nil
    case .weaker:
      return "it is \(result.verdict.rawValue) now and was \(recorded.rawValue)\(detail)"
    case .unmet, .inDoubt:
      return "it is \(result.verdict.rawValue) now where \(result.required.rawValue) is required"
        + detail
    case .refuted:
      let level = result.refutingLevel.map { " at \($0.rawValue)" } ?? ""
      return "it is refuted\(level)"
        + (result.counterexample.map { ": \($0)" } ?? detail)
    }
  }

  /// The recorded original, read as its file was then.
  private func kernel(
    _ winner: Winner, _ past: PastJudgement, _ root: FilePath
  ) throws -> Kernel {
    let path = root.appending(winner.kernel.file).string
    var build = try parser.build(for: path, root: root.string)
    build.arguments = past.baseline.flags
    build.compiler = CompilerProbe.find(compilerName(past))
    let file = try parser.parseText(
      try objects.get(winner.baseSource), at: path, build: build)
    guard var kernel = file.kernel(named: winner.kernel.function) else {
      let reason = file.skipped.first { $0.name == winner.kernel.function }?.reason
      throw InputError("it is not read any more: \(reason ?? "the function is not there")")
    }
    kernel.contract = ContractInference.infer(for: kernel)
    if let obstacle = kernel.contract.unresolved.first { throw InputError(obstacle.reason) }
    return kernel
  }

  /// How the contract reads otherwise than it did.
  private func changes(_ kernel: Kernel, _ past: PastJudgement) -> [String] {
    let now = kernel.function.acsl(kernel.contract)
    let then = past.baseline.contract.split(separator: "\n").map(String.init)
    return then.filter { !now.contains($0) }.map { "without '\($0)'" }
      + now.filter { !then.contains($0) }.map { "with '\($0)'" }
  }

  /// What the judge works with: a compiler from `PATH`, since a log from elsewhere must name no program to run.
  private func environment(_ past: PastJudgement) async throws -> JudgeEnvironment {
    try await JudgeEnvironment.find(
      compiler: compilerName(past), harness: Harness(runner: runner), scratch: scratch)
  }

  private func compilerName(_ past: PastJudgement) -> String {
    let recorded = FilePath(past.compiler.path).lastComponent?.string ?? past.compiler.name
    return compiler ?? (CompilerProbe.find(recorded) == nil ? past.compiler.name : recorded)
  }

  private static func text(of error: any Error) -> String {
    switch error {
    case let error as InputError: error.diagnostic.message
    case let error as LineageError: error.diagnostic.message
    default: "\(error)"
    }
  }
}
