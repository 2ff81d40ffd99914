import Diagnostics
import ExperimentRecords
public import LineageLog

/// Everything that an entry says, as `ratchet lineage show` prints it.
public struct EntryDetails: Sendable {
  private let style: Style
  private let standings: Standings

  /// Shows entries in `style`, with what `standings` tell of them.
  public init(style: Style = .plain, standings: Standings = Standings()) {
    self.style = style
    self.standings = standings
  }

  /// The details of `stored` with a last newline.
  ///
  /// - Parameter diff: The difference of the entry's source to its parent's, when there is one.
  public func text(_ stored: StoredEntry, diff: UnifiedDiff? = nil) -> String {
    text(stored, in: EntrySurroundings(diff: diff))
  }

  /// The details of `stored`, and what others say that belongs to it, with a last newline.
  public func text(_ stored: StoredEntry, in surroundings: EntrySurroundings) -> String {
    var lines = [
      style.yellow("entry \(stored.id)"), "previous: \(stored.previous)",
      "number: \(stored.index + 1)", "time: \(stored.entry.time)",
    ]
    if let campaign = stored.entry.campaign { lines.append("campaign: \(campaign)") }
    lines.append("kind: \(kindText(stored.entry.content))")
    if let kernel = stored.entry.kernel { lines.append("kernel: \(kernel)") }
    if let started = surroundings.campaign {
      lines += [
        "machine: \(machineText(started.machine))",
        "compiler: \(started.compiler) \(started.flags.joined(separator: " "))",
      ]
    }
    lines += standingLines(standings, of: stored.id)
    lines += body(stored.entry.content)
    if let text = surroundings.text { lines.append("text: \(text.words(stored.id))") }
    if let parent = surroundings.parent, surroundings.diff != nil {
      lines.append("below: what it changes in the text of \(parent.short)")
    }
    let head = lines.map { printable($0, in: style) }
    return (head + difference(surroundings.diff)).map { $0 + "\n" }.joined()
  }

  private func body(_ content: LineageEntry.Content) -> [String] {
    switch content {
    case .campaignStarted(let started): details(started)
    case .baseline(let baseline): details(baseline)
    case .proposal(let proposal): details(proposal)
    case .winner(let winner): details(winner)
    case .kernelFinished(let finished):
      [summary(content)] + costLines(finished.cost)
        + [
          finished.winner.map { "winner: \($0)" },
          finished.parallel.map { parallelEndText($0) },
        ].compactMap { $0 }
    case .applied(let applied):
      [summary(content), "before: \(applied.before)", "after: \(applied.after)"]
    case .reverted(let reverted):
      [summary(content), "before: \(reverted.before)", "after: \(reverted.after)"]
    case .campaignEnded(let ended):
      [summary(content)] + [ended.detail].compactMap { $0 }
        + [ended.ceiling.map(ceilingText)].compactMap { $0 } + costLines(ended.cost)
    case .programMeasured(let program): details(program)
    case .sentinelChecked(let checked): [summary(content)] + costLines(checked.cost)
    case .checkpoint(let checkpoint):
      ["entries: \(checkpoint.entries)", "root: \(checkpoint.root)"]
        + [checkpoint.signature.map { "signed by: \($0.key)" }].compactMap { $0 }
    case .approval(let approval):
      [summary(content)] + [approval.signature.map { "signed by: \($0.key)" }].compactMap { $0 }
    case .actionRefused, .quarantined, .envelopeDeclared, .generationEnded, .tripwirePaused:
      controlLines(content)
    case .rejudged(let rejudged): rejudgedLines(rejudged)
    case .retracted(let retracted): retractedLines(retracted)
    case .stopRequested, .stopCleared, .unknown: [summary(content)]
    }
  }

  private func details(_ started: CampaignStarted) -> [String] {
    [
      "tool: \(started.tool)", "paths: \(started.paths.joined(separator: " "))",
      "seed: \(started.seed)", "machine: \(machineText(started.machine))",
      "compiler: \(started.compiler) \(started.flags.joined(separator: " "))",
    ] + started.settings.sorted { $0.key < $1.key }.map { "setting \($0.key): \($0.value)" }
  }

  private func details(_ baseline: Baseline) -> [String] {
    let clauses = baseline.contract.split(separator: "\n").map { "  \($0)" }
    let workloads = baseline.workloads.map { workload in
      let time = baseline.nanoseconds[workload.name].map { ": " + callText(nanoseconds: $0) } ?? ""
      return "workload \(workload.name) (\(sizesText(workload.sizes)))\(time)"
    }
    return ["source: \(baseline.source)", "contract (\(baseline.contractOrigin)):"] + clauses
      + workloads
      + (baseline.limits ?? []).map { "limit on \($0.workload): \(limitText($0, baseline: nil))" }
      + costLines(baseline.cost)
  }

  private func details(_ proposal: Proposal) -> [String] {
    var lines = ["recipe: \(proposal.recipe)", "outcome: \(proposal.outcome.words)"]
    if let parent = proposal.parent { lines.append("parent: \(parent)") }
    if let proposer = proposal.proposer { lines.append("proposer: \(proposer)") }
    if let reason = proposal.reason { lines.append("reason: \(reason)") }
    if let refusal = proposal.refusal { lines += details(refusal) }
    if let source = proposal.source { lines.append("source: \(source)") }
    if let verdict = proposal.verdict { lines.append("verdict: \(verdict.rawValue)") }
    lines += proposal.evidence.map { "evidence: " + evidenceText($0) }
    if let counterexample = proposal.counterexample {
      lines.append("counterexample: \(counterexample)")
      if let path = counterexample.reproducerPath { lines.append("reproducer: \(path)") }
    }
    lines += proposal.measurements.map { "measurement: " + measurementText($0) }
    lines += proposal.confirmation.map { ["confirmation: " + confirmationText($0)] } ?? []
    return lines + costLines(proposal.cost)
  }

  private func details(_ refusal: Refusal) -> [String] {
    let place = refusal.location.map { " at \($0)" } ?? ""
    return ["refusal: \(refusal)\(place)"] + refusal.missingFacts.map { "missing: \($0)" }
  }

  private func details(_ winner: Winner) -> [String] {
    var lines = ["recipe: \(winner.recipe)", "verdict: \(winner.verdict.rawValue)"]
    lines += winner.threads.map { ["threads: \($0)"] } ?? []
    lines += winner.effects.map { "step \($0.step): \(effectText($0))" }
    lines += winner.evidence.map { "evidence: " + evidenceText($0) }
    lines += winner.measurements.map { "measurement: " + measurementText($0) }
    lines += (winner.smaller ?? []).map { "tested at: " + measurementText($0) }
    lines += winner.confirmation.map { ["confirmation: " + confirmationText($0)] } ?? []
    lines += [breakEvenText(winner)].compactMap { $0 }
    lines += [
      "proposal: \(winner.proposal)", "base source: \(winner.baseSource)",
      "new source: \(winner.newSource)",
    ]
    if let patch = winner.patch { lines.append("patch: \(patch)") }
    return lines + costLines(winner.cost)
  }

  private func details(_ program: ProgramMeasured) -> [String] {
    let times = [program.baselineSeconds, program.winnerSeconds].map {
      callText(nanoseconds: $0 * 1e9)
    }
    return [
      "build: \(program.build)", "run: \(program.run)",
      "speedup: \(speedupText(program.speedup)), \(plural(program.pairs, "pair"))",
      "time: \(times[0]) → \(times[1])",
    ] + program.winners.map { "winner: \($0)" }
  }

  private func difference(_ diff: UnifiedDiff?) -> [String] {
    guard let diff, !diff.hunks.isEmpty else { return [] }
    return [""] + DiffText(style: style).lines(diff)
  }
}

/// What something took, as a line.
func costLines(_ cost: Cost) -> [String] {
  let phases = Phase.allCases.compactMap { phase in
    cost.phases[phase].map { "\(phase.rawValue) \(durationText($0))" }
  }
  let split = phases.isEmpty ? "" : " (\(phases.joined(separator: ", ")))"
  return [
    "cost: \(durationText(cost.cpuSeconds)) CPU\(split), \(durationText(cost.wallSeconds)) "
      + "elapsed, \(plural(cost.compiles, "compile")), \(plural(cost.diskBytes, "byte")) kept"
  ]
}

/// `line` printable, with the escape sequences of `style` left alone.
private func printable(_ line: String, in style: Style) -> String {
  style.usesColor && line.hasPrefix("\u{1B}[") ? line : Diagnostics.printable(line)
}
