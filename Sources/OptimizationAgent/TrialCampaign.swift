import CandidateExecution
public import ExperimentRecords
import Foundation
public import Sandboxing

/// A campaign whose right answer is known: candidates are screened, the luckiest become finalists, and
/// these are confirmed on fresh loads, all by the code that real campaigns run.
public struct TrialCampaign: Sendable {
  /// What the candidates truly are.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Copies of the original under other names and in other places.
    case null
    /// Copies, and one that truly is faster by 2 %.
    case gain
    /// All slower by 0.5 %.
    case loss
  }

  /// One finalist's confirmation.
  public struct Confirmed: Codable, Sendable, Hashable {
    /// Which candidate it was, from 0.
    public var candidate: Int
    public var isWinner: Bool
    public var reason: String?
    public var test: ConfirmationTest
    public var speedup: ConfidenceInterval
    /// The datum of each load: the median log ratio of its pairs.
    public var data: [Double]
  }

  /// How a campaign went.
  public struct Outcome: Codable, Sendable, Hashable {
    public var subject: TrialSubject
    public var kind: Kind
    public var seed: UInt64
    /// Wall time, compiling included.
    public var seconds: Double
    /// The data of the screening loads.
    public var screened: [Double]
    public var confirmed: [Confirmed]
    /// Wall time of a load beyond the time that pairs are timed for.
    public var overhead: Double

    /// The candidate that was kept.
    public var winner: Int? { confirmed.first { $0.isWinner }?.candidate }
  }

  /// Candidates of one campaign.
  public static let candidates = 6
  /// Which of them is the faster one where there is one.
  public static let planted = 5

  let compiler: Compiler
  let runner: Runner

  public init(compiler: Compiler, runner: Runner) {
    self.compiler = compiler
    self.runner = runner
  }

  /// Runs one campaign to its end.
  public func run(_ kind: Kind, on subject: TrialSubject, seed: UInt64) async throws -> Outcome {
    let start = Date()
    let scratch = try ScratchDirectory()
    let executor = try await subject.executor(
      compiler: compiler, runner: runner, scratch: scratch,
      originalWork: kind == .gain ? 1020 : 1000, seed: seed)
    let texts = (0..<Self.candidates).map { candidate in
      Array(subject.text(work: work(kind, candidate), copy: candidate + 1).utf8)
    }
    var built: [BuiltCandidate] = []
    var screened: [Double] = []
    for text in texts {
      let candidate = try await executor.build(text)
      built.append(candidate)
      screened.append(log(Fitness.value(of: try await executor.screen(candidate))))
    }
    var errors = ErrorBudget()
    var confirmed: [Confirmed] = []
    for candidate in screened.indices.sorted(by: { screened[$0] > screened[$1] })
      .prefix(KernelSearch.finalists)
    {
      confirmed.append(try await confirm(candidate, built, texts, executor, &errors))
      if confirmed.last?.isWinner == true { break }
    }
    return Outcome(
      subject: subject, kind: kind, seed: seed, seconds: Date().timeIntervalSince(start),
      screened: screened, confirmed: confirmed, overhead: try await overhead(executor))
  }

  private func work(_ kind: Kind, _ candidate: Int) -> Int {
    switch kind {
    case .null: 1000
    case .gain: candidate == Self.planted ? 1000 : 1020
    case .loss: 1005
    }
  }

  private func confirm(
    _ candidate: Int, _ built: [BuiltCandidate], _ texts: [[UInt8]], _ executor: LocalExecutor,
    _ errors: inout ErrorBudget
  ) async throws -> Confirmed {
    let (error, ordinal) = errors.next()
    let test = try await executor.confirm(
      built[candidate], text: texts[candidate], rule: .init(error: error)
    ).test
    var reason: String?
    if case .rejected(let why) = test.decision { reason = why }
    return Confirmed(
      candidate: candidate, isWinner: test.decision == .winner, reason: reason,
      test: test.record(ordinal: ordinal), speedup: test.interval(0), data: test.data[0])
  }

  private func overhead(_ executor: LocalExecutor) async throws -> Double {
    _ = try await executor.loadOfCopies()
    let start = Date()
    _ = try await executor.loadOfCopies()
    return Date().timeIntervalSince(start) - executor.plan.confirmationLoad.seconds
  }
}
