public import ExperimentRecords
public import LineageLog

/// What a lineage says about all its kernels, or about those of one campaign.
public struct Report: Hashable, Sendable {
  /// What a report is about.
  public enum Scope: Hashable, Sendable {
    /// The newest winner of every kernel, or how its last search ended when there is none.
    case everything
    /// One campaign.
    case campaign(String)
  }

  /// The campaigns that the kernels come from, oldest first.
  public var campaigns: [CampaignRecord]
  /// The kernels: what is there to decide on first, of it the weakest evidence first.
  public var kernels: [KernelReport]
  /// What the user's programs gain, the newest figure of each command.
  public var programs: [ProgramMeasured]
  /// The id of the last entry that the report rests on.
  public var head: Digest

  /// Reads `lineage`.
  public init(_ lineage: Lineage, scope: Scope = .everything) {
    head = lineage.head
    let names: Set<String>?
    switch scope {
    case .everything: names = nil
    case .campaign(let name): names = [name]
    }
    var drafts = Drafts(standings: lineage.standings)
    for stored in lineage.entries {
      guard let campaign = stored.entry.campaign else { continue }
      guard names?.contains(campaign) ?? true else { continue }
      drafts.add(stored, campaign)
    }
    let all = lineage.campaigns.filter { names?.contains($0.name) ?? true }
    let used = all.filter { drafts.campaigns.contains($0.name) }
    campaigns = used.isEmpty ? Array(all.suffix(1)) : used
    programs = drafts.programs
    kernels = drafts.kernels.values.sorted(by: KernelReport.comesBefore)
  }

  /// The campaign whose circumstances are shown: the newest.
  public var campaign: CampaignRecord? { campaigns.last }

  /// The kernels that improved.
  public var improved: [KernelReport] { kernels.filter { $0.outcome == .improved } }

  /// The geometric mean over all kernels that were searched to the end; those without gain count
  /// for 1.
  public var geometricMean: ConfidenceInterval? {
    Reporting.geometricMean(of: kernels.compactMap(\.meanSpeedup))
  }

  /// The same with no kernel counted above `limit`, so that one of them cannot carry the mean.
  public func geometricMean(cappedAt limit: Double) -> ConfidenceInterval? {
    Reporting.geometricMean(of: kernels.compactMap { $0.meanSpeedup?.capped(at: limit) })
  }

  /// How many kernels are in the mean.
  public var meanCount: Int { kernels.compactMap(\.meanSpeedup).count }

  /// What all searches took.
  public var cost: Cost { kernels.reduce(Cost()) { $0 + $1.cost } }

  /// What judging finalists in full cost; nil when none was.
  public var examinationCosts: ExaminationCosts? {
    ExaminationCosts(kernels.flatMap(\.examinations))
  }

  /// How many candidates were compiled.
  public var evaluations: Int { kernels.reduce(0) { $0 + $1.evaluations } }

  /// How many winners were retracted.
  public var retractedCount: Int { kernels.reduce(0) { $0 + $1.retracted.count } }

  /// How many kernels have a winner that is in doubt.
  public var doubtCount: Int { kernels.count { $0.doubt != nil } }

  /// How many proposals ended how, over all kernels.
  public var outcomes: [Outcome: Int] {
    kernels.reduce(into: [:]) { $0.merge($1.outcomes, uniquingKeysWith: +) }
  }

  /// How often passes refused, by reason, the most frequent first.
  public var refusals: [(reason: String, count: Int)] {
    let counts: [String: Int] = kernels.reduce(into: [:]) {
      $0.merge($1.refusals, uniquingKeysWith: +)
    }
    return counts.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }
}

/// Reports in the making, by kernel.
private struct Drafts {
  let standings: Standings
  var kernels: [KernelName: KernelReport] = [:]
  var campaigns: Set<String> = []
  var programs: [ProgramMeasured] = []

  mutating func add(_ stored: StoredEntry, _ campaign: String) {
    if case .programMeasured(let program) = stored.entry.content {
      // A figure with a retracted winner in place is none.
      if !program.winners.contains(where: { standings.retractions[$0] != nil }) {
        programs.removeAll { $0.run == program.run }
        programs.append(program)
      }
    }
    guard let kernel = stored.entry.kernel else { return }
    campaigns.insert(campaign)
    var draft = kernels[kernel] ?? KernelReport(unfinished: kernel)
    switch stored.entry.content {
    case .baseline(let baseline): draft.baseline = baseline
    // What the search for threads tried is no figure of that for one core.
    case .proposal(let proposal) where proposal.threads == nil: draft.add(proposal)
    case .winner(let winner) where standings.retractions[stored.id] != nil:
      draft.retract(winner, stored.id, standings)
    case .winner(let winner) where winner.threads != nil:
      draft.parallel = ParallelGain(winner: winner, entry: stored.id)
    case .winner(let winner): draft.set(winner, stored.id, standings)
    case .kernelFinished(let finished): draft.finish(finished)
    case .quarantined(let quarantined): draft.quarantined.append(quarantined)
    default: break
    }
    kernels[kernel] = draft
  }
}

extension KernelReport {
  /// The report of a kernel of which nothing is known yet.
  fileprivate init(unfinished kernel: KernelName) {
    self.init(
      kernel: kernel, outcome: .failed, reason: "the search did not end", winner: nil, entry: nil,
      baseline: nil, smallestResolvableEffect: nil, evaluations: 0, cost: Cost(), outcomes: [:],
      refusals: [:])
  }

  fileprivate mutating func add(_ proposal: Proposal) {
    outcomes[proposal.outcome, default: 0] += 1
    if let refusal = proposal.refusal { refusals[refusal.reason, default: 0] += 1 }
    // A finalist's steps are weighed against each other, not against the original.
    guard proposal.proposer != "minimise" else { return }
    if proposal.proposer == "finalist" { examinations.append(proposal.evidence) }
    for measurement in proposal.measurements where measurement.threaded == nil {
      baselineNanoseconds[measurement.workload] = measurement.baselineNanoseconds
    }
  }

  fileprivate mutating func retract(_ winner: Winner, _ id: Digest, _ standings: Standings) {
    guard let retraction = standings.retractions[id] else { return }
    retracted.append(
      RetractedWinner(
        entry: id, recipe: winner.recipe, threads: winner.threads, reason: retraction.reason,
        time: retraction.time))
  }

  /// A winner, with the weaker verdict that a later judgement gave it.
  fileprivate mutating func set(_ winner: Winner, _ id: Digest, _ standings: Standings) {
    self.winner = winner
    self.winner?.verdict = standings.weaker[id] ?? winner.verdict
    doubt = standings.doubts[id]?.reason
    examinations.append(winner.evidence)
    entry = id
    outcome = .improved
    reason = nil
  }

  /// The end of a search; a winner of an earlier one stays.
  fileprivate mutating func finish(_ finished: KernelFinished) {
    evaluations += finished.evaluations
    cost += finished.cost
    parallelEnd = finished.parallel ?? parallelEnd
    smallestResolvableEffect = finished.smallestResolvableEffect ?? smallestResolvableEffect
    guard winner == nil else { return }
    outcome = finished.outcome
    reason = finished.reason
    // What was won is gone, and what else there would have been nobody looked for.
    if finished.outcome == .improved, let last = retracted.last(where: { $0.threads == nil }) {
      outcome = .failed
      reason = "its winner was retracted, \(last.reason)"
    }
  }
}
