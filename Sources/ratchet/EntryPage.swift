import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// Everything that one entry says, for people.
struct EntryPage {
  private let style: TerminalStyle
  /// The page.
  private(set) var text = ""

  init(_ stored: StoredEntry, style: TerminalStyle) {
    self.style = style
    text = style.yellow("entry \(stored.id)") + "\n"
    row("number", "\(stored.index + 1)")
    row("after", stored.previous == .zero ? "nothing: it is the first" : stored.previous.short)
    row("time", stored.entry.time.description)
    row("campaign", stored.entry.campaign)
    row("kind", stored.entry.content.kind)
    row("kernel", stored.entry.kernel?.description)
    add(stored.entry.content)
  }

  private mutating func add(_ content: LineageEntry.Content) {
    switch content {
    case .baseline(let baseline): add(baseline)
    case .proposal(let proposal): add(proposal)
    case .winner(let winner): add(winner)
    case .campaignStarted(let started): add(started)
    case .kernelFinished(let finished):
      row("outcome", finished.outcome.rawValue)
      row("reason", finished.reason)
      row("winner", finished.winner?.short)
      row("evaluations", "\(finished.evaluations)")
      row("resolution", finished.smallestResolvableEffect.map(Figures.percent))
      add(finished.cost)
    case .applied(let applied):
      row("winner", applied.winner.short)
      row("before", applied.before.short)
      row("after", applied.after.short)
      row("by", applied.by)
    case .reverted(let reverted):
      row("winner", reverted.winner.short)
      row("undoes", reverted.applied.short)
      row("before", reverted.before.short)
      row("after", reverted.after.short)
      row("by", reverted.by)
    case .approval(let approval):
      row("about", approval.subject.short)
      row("word", approval.granted ? "granted" : "declined")
      row("by", approval.by)
      row("note", approval.note)
    case .stopRequested(let request):
      row("by", request.by)
      row("reason", request.reason)
    case .programMeasured(let program):
      row("build", program.build)
      row("run", program.run)
      row("winners", program.winners.map(\.short).joined(separator: " "))
      row("speedup", "\(Figures.interval(program.speedup)) over \(program.pairs) pairs")
    case .campaignEnded(let ended):
      row("reason", ended.reason.rawValue)
      row("detail", ended.detail)
      let kernels = ended.kernels.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      row("kernels", kernels.joined(separator: ", "))
      row("evaluations", "\(ended.evaluations)")
      add(ended.cost)
    case .unknown: row("content", "written by a later version; '--format json' shows no more")
    }
  }

  private mutating func add(_ started: CampaignStarted) {
    row("tool", started.tool)
    row("paths", started.paths.joined(separator: " "))
    for (key, value) in started.settings.sorted(by: { $0.key < $1.key }) { row(key, value) }
    row("seed", "\(started.seed)")
    row("compiler", "\(started.compiler) (\(started.compiler.path))")
    row("flags", started.flags.joined(separator: " "))
    row("machine", "\(started.machine.cpu), \(started.machine.cores) cores")
    row("system", "\(started.machine.operatingSystem), \(started.machine.kernel)")
    row("by", started.user)
  }

  private mutating func add(_ baseline: Baseline) {
    row("line", baseline.line.map(String.init))
    row("source", baseline.source.short)
    row("contract", baseline.contractOrigin)
    for clause in baseline.contract.split(separator: "\n") { item(String(clause)) }
    row("compiler", baseline.compiler.map(\.description))
    row("flags", baseline.flags.joined(separator: " "))
    section("workloads")
    for workload in baseline.workloads {
      let time = baseline.nanoseconds[workload.name].map { Figures.time(nanoseconds: $0) }
      item(
        "\(workload.name): \(Figures.sizes(workload.sizes)) (\(workload.origin.rawValue))"
          + (time.map { ", \($0) a call" } ?? ""))
    }
    add(baseline.cost)
  }

  private mutating func add(_ proposal: Proposal) {
    row("recipe", proposal.recipe.isEmpty ? "empty" : proposal.recipe.description)
    row("outcome", proposal.outcome.rawValue)
    row("reason", proposal.reason)
    row("refusal", proposal.refusal?.description)
    for fact in proposal.refusal?.missingFacts ?? [] { item("would be legal with: \(fact)") }
    row("parent", proposal.parent?.short)
    row("proposer", proposal.proposer)
    row("source", proposal.source?.short)
    row("verdict", proposal.verdict?.rawValue)
    if let counterexample = proposal.counterexample {
      row("differs at", counterexample.description)
      row("reproduce", counterexample.reproducerPath)
    }
    add(proposal.evidence)
    add(proposal.measurements)
    add(proposal.cost)
  }

  private mutating func add(_ winner: Winner) {
    row("recipe", winner.recipe.description)
    row("verdict", winner.verdict.rawValue)
    row("speedup", Figures.speedup(winner.measurements))
    row("proposal", winner.proposal.short)
    row("from source", winner.baseSource.short)
    row("to source", winner.newSource.short)
    row("patch", winner.patch?.short)
    row("saves", winner.secondsSavedPerCall.map { Figures.time(nanoseconds: $0 * 1e9) + " a call" })
    row("pays after", winner.breakEvenCalls.map { Figures.count($0) + " calls" })
    row("evaluations", "\(winner.evaluations)")
    if !winner.effects.isEmpty {
      section("what each step brings")
      for effect in winner.effects {
        item("\(effect.step): " + (effect.speedup.map(Figures.interval) ?? "not measured alone"))
      }
    }
    add(winner.evidence)
    add(winner.measurements)
    add(winner.cost)
  }

  private mutating func add(_ evidence: [Evidence]) {
    guard !evidence.isEmpty else { return }
    section("evidence")
    for piece in evidence { item(EvidenceText.line(piece)) }
  }

  private mutating func add(_ measurements: [Measurement]) {
    guard !measurements.isEmpty else { return }
    section("measurements")
    for one in measurements {
      item(
        "\(one.workload) (\(Figures.sizes(one.sizes))): \(Figures.interval(one.speedup)), "
          + "\(Figures.time(nanoseconds: one.baselineNanoseconds)) to "
          + "\(Figures.time(nanoseconds: one.candidateNanoseconds)), \(one.pairs) pairs in "
          + "\(one.loads) loads")
    }
    if let first = measurements.first {
      item("\(first.compiler) \(first.flags.joined(separator: " "))")
    }
  }

  private mutating func add(_ cost: Cost) {
    guard cost.wallSeconds > 0 || cost.cpuSeconds > 0 else { return }
    row(
      "cost",
      "\(Figures.seconds(cost.cpuSeconds)) CPU, \(Figures.seconds(cost.wallSeconds)) wall, "
        + "\(cost.compiles) compiles")
  }

  private mutating func row(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    text += padded(name, to: 12) + printable(value) + "\n"
  }

  private mutating func section(_ name: String) { text += style.bold(name) + "\n" }

  private mutating func item(_ line: String) { text += "    " + printable(line) + "\n" }
}
