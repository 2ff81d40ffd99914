import ExperimentRecords
import Foundation
import KernelModel
import LineageLog
import Passes
import SearchPolicies

/// The agent's loop for one kernel: propose, apply, compile, measure, examine, decide, record, learn;
/// then finalists are minimised, examined in full and confirmed.
struct KernelSearch {
  /// Candidates that are compiled side by side before they are measured one after the other.
  static let batchSize = 4
  /// Finalists that are examined in full at most.
  static let finalists = 3
  /// Further ones, where the judge could not decide on these.
  static let spares = 2
  /// Candidates whose speedups differ by no more than this factor are as good as each other.
  static let negligible = 1.02
  /// Gains above this are told apart by a single look.
  static let certainGain = 1.3
  /// Candidates that are looked at again before finalists are chosen, and how often.
  static let contenders = 5
  static let looks = 2

  let name: KernelName
  let executor: any CandidateExecutor
  let log: SearchLog
  let stop: StopSignal
  /// Takes the phase that begins, evaluations and best speedup so far, and CPU seconds spent.
  let onProgress: (String, Int, Double, Double) -> Void

  /// The user's file as it stands.
  var originalBytes: [UInt8]
  var proposer: any Proposer
  var budget: SearchBudget
  var meter = CostMeter()
  var seenSources: Set<Digest> = []
  var pool: [Evaluated] = []
  /// What this kernel's confirmations may spend.
  var errors = ErrorBudget()
  var trust = MeasurementTrust()
  /// What the campaign may still use; looked at before each candidate.
  var ceilings = CeilingWatch()
  /// Threads that candidates are measured with; 1 for what is reported as a gain on one core.
  var threads = 1
  /// Bytes that a candidate may have beyond the original's: compilers and people are at their end where
  /// loops are unrolled five hundred times.
  var largestGrowth = 24 << 10
  var best = 1.0
  var resolution: Double?

  /// A candidate that was built, timed and not found wrong.
  struct Evaluated {
    var proposal: ProposedRecipe
    var text: [UInt8]
    var built: BuiltCandidate
    var measurements: [Measurement]
    var fitness: Double
    var entry: Digest

    /// Faster, or as fast with fewer steps; text decides what is left, because ids hold the time and
    /// the same timings must give the same decisions.
    func isBetter(than other: Evaluated) -> Bool {
      let (a, b) = (proposal.recipe, other.proposal.recipe)
      return (fitness, -a.steps.count, b.description)
        > (other.fitness, -b.steps.count, a.description)
    }
  }

  /// Searches until the budget is spent, nothing is left to try, or a stop is requested.
  mutating func run(in space: TransformationSpace) async throws -> SearchResult {
    seenSources.insert(ObjectStore.digest(of: space.kernel.source.bytes))
    while budget.allowsSearch, stop.reason == nil, ceiling == nil {
      let proposals = await propose(in: space)
      if proposals.isEmpty { break }
      let applied = await apply(proposals, in: space)
      let built = await compile(applied)
      for candidate in built {
        guard stop.reason == nil, budget.allowsSearch || pool.isEmpty else { break }
        try await evaluate(candidate)
      }
    }
    return try await finish(in: space)
  }

  /// The ceiling that is reached, if one is.
  var ceiling: CeilingReached? { ceilings.reached(meter.total + log.cost) }

  func tell(_ phase: String) { onProgress(phase, budget.evaluations, best, meter.total.cpuSeconds) }

  private mutating func propose(in space: TransformationSpace) async -> [ProposedRecipe] {
    tell("propose")
    let count = min(Self.batchSize, budget.remainingEvaluations, ceilings.batch)
    var proposer = self.proposer
    let recorded = log.cost
    let proposals = await meter.measure(.propose) { proposer.propose(count, in: space) }
    self.proposer = proposer
    meter.deduct(log.cost.since(recorded), from: .propose)
    return proposals
  }

  private struct Applied {
    var proposal: ProposedRecipe
    var text: [UInt8]
    var source: Digest
  }

  /// Emits the proposals' texts; what was seen before is logged as a duplicate and dropped.
  private mutating func apply(_ proposals: [ProposedRecipe], in space: TransformationSpace) async
    -> [Applied]
  {
    var applied: [Applied] = []
    for proposal in proposals {
      let before = meter.total
      let text = await meter.measure(.transform) { () -> [UInt8]? in
        do throws(Refusal) {
          return try space.transformed(by: proposal.recipe).emitFinished()
        } catch {
          return nil  // the space has logged the refusal
        }
      }
      guard let text else { continue }
      let source = ObjectStore.digest(of: text)
      guard seenSources.insert(source).inserted else {
        log.record(
          proposal, outcome: .duplicate, source: source, cost: meter.since(before))
        learn(proposal, .duplicate)
        continue
      }
      let growth = text.count - originalBytes.count
      guard growth <= largestGrowth else {
        log.record(
          proposal, outcome: .refused,
          reason: "the text grows by \(growth) bytes; nobody reads more than \(largestGrowth)",
          source: source, cost: meter.since(before))
        learn(proposal, .rejected)
        continue
      }
      applied.append(Applied(proposal: proposal, text: text, source: source))
    }
    return applied
  }

  private struct Compiled {
    var applied: Applied
    var result: Result<BuiltCandidate, CandidateFailure>
    var cost: Cost
  }

  /// Builds a batch side by side; nothing is measured meanwhile.
  private mutating func compile(_ batch: [Applied]) async -> [Compiled] {
    guard !batch.isEmpty else { return [] }
    tell("compile")
    let before = meter.total
    let executor = self.executor
    let results = await meter.measure(.compile) {
      await withTaskGroup(of: (Int, Result<BuiltCandidate, CandidateFailure>).self) { group in
        for (index, item) in batch.enumerated() {
          group.addTask { (index, await Self.build(item.text, executor)) }
        }
        var results: [Int: Result<BuiltCandidate, CandidateFailure>] = [:]
        for await (index, result) in group { results[index] = result }
        return results
      }
    }
    let spent = meter.since(before)
    let share = 1 / Double(batch.count)
    return batch.enumerated().compactMap { index, item in
      results[index].map { Compiled(applied: item, result: $0, cost: spent.scaled(by: share)) }
    }
  }

  private static func build(_ text: [UInt8], _ executor: any CandidateExecutor) async
    -> Result<BuiltCandidate, CandidateFailure>
  {
    do {
      return .success(try await executor.build(text))
    } catch let failure as CandidateFailure {
      return .failure(failure)
    } catch {
      return .failure(.unmeasured("\(error)"))
    }
  }

  /// Measures a compiled candidate, examines it when it promises a gain, and records the outcome.
  private mutating func evaluate(_ compiled: Compiled) async throws {
    budget.spend(evaluations: 1)
    tell("measure")
    let proposal = compiled.applied.proposal
    let before = meter.total
    let executor = self.executor
    switch compiled.result {
    case .failure(let failure):
      let failure = heard(failure)
      log.record(
        proposal, outcome: failure.outcome, reason: failure.reason, source: compiled.applied.source,
        cost: compiled.cost)
      learn(proposal, .rejected)
    case .success(let built):
      meter.add(compiles: built.compiles)
      do {
        let measurements = try await meter.measure(.measure) {
          try await executor.screen(built)
        }
        try await decide(compiled.applied, built, measurements, before, compiled.cost)
      } catch let failure as CandidateFailure {
        let failure = heard(failure)
        let entry = log.record(
          proposal, outcome: failure.outcome, reason: failure.reason,
          source: compiled.applied.source, text: failure.isImpossible ? compiled.applied.text : nil,
          cost: compiled.cost + meter.since(before))
        log.quarantine(proposal.recipe, compiled.applied.source, failure, entry)
        learn(proposal, .rejected)
      }
    }
  }

  private mutating func decide(
    _ applied: Applied, _ built: BuiltCandidate, _ measurements: [Measurement], _ before: Cost,
    _ compileCost: Cost
  ) async throws {
    let fitness = Fitness.value(of: measurements)
    resolution = Fitness.resolution(of: measurements) ?? resolution
    var examination: Examination?
    if fitness > max(Fitness.worthExamining, best * 0.95) {
      tell("examine")
      let executor = self.executor
      examination = heard(
        try await meter.measure(.examine) {
          try await executor.examine(applied.text, effort: .screening)
        })
      if let examination { meter.add(examination) }
    }
    let outcome = self.outcome(fitness, examination)
    let isUnexamined = outcome == .surpassed && examination == nil
    let entry = log.record(
      applied.proposal, outcome: outcome,
      reason: isUnexamined ? "not examined, since a better candidate is known" : nil,
      source: applied.source, text: applied.text,
      examination: examination, measurements: measurements,
      cost: compileCost + meter.since(before))
    guard outcome != .rejectedWrong, outcome != .inconclusive, outcome != .invalidOutput else {
      learn(applied.proposal, .rejected)
      return
    }
    learn(applied.proposal, .measured(speedup: fitness))
    guard examination != nil else { return }
    best = max(best, fitness)
    pool.append(
      Evaluated(
        proposal: applied.proposal, text: applied.text, built: built, measurements: measurements,
        fitness: fitness, entry: entry))
  }

  /// A failure as far as it can be blamed on the candidate: a stop ends compilers and calls, whatever they
  /// were about to say.
  func heard(_ failure: CandidateFailure) -> CandidateFailure {
    stop.reason.map { .unmeasured("stopped by \($0)") } ?? failure
  }

  /// An examination as far as it counts: what a stop came into says nothing.
  func heard(_ examination: Examination) -> Examination {
    guard let reason = stop.reason else { return examination }
    var unheard = examination
    unheard.verdict = .inconclusive
    unheard.counterexample = nil
    for index in unheard.evidence.indices where unheard.evidence[index].result != .passed {
      unheard.evidence[index].result = .inconclusive
      unheard.evidence[index].detail = "stopped by \(reason)"
    }
    return unheard
  }

  private mutating func learn(_ proposal: ProposedRecipe, _ observation: Observation) {
    var meter = self.meter
    meter.measureNow(.learn) { proposer.observe(proposal, observation) }
    self.meter = meter
  }

  private func outcome(_ fitness: Double, _ examination: Examination?) -> Outcome {
    guard let examination else {
      if fitness > Fitness.worthExamining { return .surpassed }
      return fitness < Fitness.smallestAllowedBound ? .rejectedSlower : .noGain
    }
    switch examination.verdict {
    case .refuted:
      let isMalformed = examination.evidence.contains { $0.level == .l0 && $0.result == .failed }
      return isMalformed ? .invalidOutput : .rejectedWrong
    case .inconclusive: return .inconclusive
    case nil, .tested, .bounded, .proved: return fitness > best ? .improved : .surpassed
    }
  }
}

extension Cost {
  func scaled(by factor: Double) -> Cost {
    Cost(
      cpuSeconds: cpuSeconds * factor, wallSeconds: wallSeconds * factor, compiles: compiles,
      diskBytes: diskBytes, phases: phases.mapValues { $0 * factor })
  }
}
