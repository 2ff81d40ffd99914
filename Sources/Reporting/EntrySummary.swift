import Diagnostics
import ExperimentRecords
public import LineageLog

/// An entry in one line, as `ratchet lineage log` shows it.
public struct EntrySummary: Sendable {
  private let style: Style
  private let standings: Standings

  /// Shows entries in `style`, retracted winners and those in doubt marked as `standings` tell.
  public init(style: Style = .plain, standings: Standings = Standings()) {
    self.style = style
    self.standings = standings
  }

  /// `entries` in their order, a line each, with a last newline.
  ///
  /// - Parameter showsTime: Whether the time stands after the id.
  public func text(_ entries: [StoredEntry], showsTime: Bool = true) -> String {
    entries.map { line($0, showsTime: showsTime) + "\n" }.joined()
  }

  /// `stored` in one line.
  public func line(_ stored: StoredEntry, showsTime: Bool = true) -> String {
    let time = showsTime ? [style.dim(seconds(stored.entry.time))] : []
    let words =
      [style.yellow(stored.id.short)] + time + [kindText(stored.entry.content)]
      + [standings.mark(of: stored.id).map { style.red("[\($0)]") }].compactMap { $0 }
      + [stored.entry.kernel.map { style.bold(printable($0.description)) }].compactMap { $0 }
    let summary = printable(summary(stored.entry.content))
    return words.joined(separator: " ") + (summary.isEmpty ? "" : ": " + summary)
  }

  private func seconds(_ time: Timestamp) -> String { time.description.prefix(19) + "Z" }
}

/// The kind of an entry in words: `campaign started`.
func kindText(_ content: LineageEntry.Content) -> String {
  content.kind.reduce(into: "") { text, character in
    text += character.isUppercase ? " " + character.lowercased() : String(character)
  }
}

/// What an entry says, without its kind and kernel.
func summary(_ content: LineageEntry.Content) -> String {
  switch content {
  case .campaignStarted(let started):
    "\(started.tool) on \(started.paths.joined(separator: " ")), seed \(started.seed)"
  case .baseline(let baseline):
    "contract \(baseline.contractOrigin), \(plural(baseline.workloads.count, "workload"))"
  case .proposal(let proposal): summary(proposal)
  case .winner(let winner):
    "\(winner.recipe), \(winner.verdict.rawValue)"
      + (speedup(over: winner.measurements).map { ", " + speedupText($0) } ?? "")
      + (winner.threads.map { " wall on \($0) threads" } ?? "")
  case .kernelFinished(let finished):
    finished.outcome.rawValue + (finished.reason.map { ", \($0)" } ?? "")
  case .applied(let applied): "winner \(applied.winner.short)" + by(applied.by)
  case .reverted(let reverted): "winner \(reverted.winner.short)" + by(reverted.by)
  case .approval(let approval):
    "\(approval.granted ? "approved" : "declined") \(approval.subject.short) by \(approval.by)"
      + (approval.note.map { ", \($0)" } ?? "") + (approval.signature == nil ? "" : ", signed")
  case .stopCleared(let cleared):
    "\(cleared.by) let what '\(cleared.stop.short)' stopped go on"
  case .stopRequested(let request):
    "by \(request.by)" + (request.reason.isEmpty ? "" : ", \(request.reason)")
  case .campaignEnded(let ended):
    "\(ended.reason.rawValue), \(plural(ended.evaluations, "candidate")), "
      + "\(durationText(ended.cost.cpuSeconds)) CPU"
  case .programMeasured(let program):
    programText(program)
  case .sentinelChecked(let checked): summary(checked)
  case .checkpoint(let checkpoint):
    "over the \(checkpoint.entries) before it, root \(checkpoint.root.short)"
      + (checkpoint.signature.map { ", signed by \($0.key.prefix(12))" } ?? "")
  case .actionRefused, .quarantined, .envelopeDeclared, .generationEnded, .tripwirePaused:
    controlSummary(content)
  case .rejudged(let rejudged): summary(rejudged)
  case .retracted(let retracted): "winner \(retracted.winner.short), \(retracted.reason)"
  case .unknown: "written by a later version"
  }
}

/// A check of the measurement itself: what the pair was, and what it gave.
private func summary(_ checked: SentinelChecked) -> String {
  let pair = checked.pair == .same ? "original against itself" : "original against a slower one"
  let ratio = "\(fixed(checked.ratio, 4)), faster in \(checked.above) of \(checked.loads) loads"
  return "\(pair): \(ratio)" + (checked.reason.map { ", not trusted: \($0)" } ?? "")
}

/// A new judgement: of which winner, what is left of it and why.
private func summary(_ rejudged: Rejudged) -> String {
  "winner \(rejudged.winner.short) \(rejudged.standing.words), "
    + (rejudged.reason ?? "it is \(rejudged.verdict.rawValue)")
}

/// A proposal: its recipe, how it ended and why.
func summary(_ proposal: Proposal) -> String {
  var text = "\(proposal.recipe.isEmpty ? "(empty recipe)" : proposal.recipe.description) → "
  text += proposal.outcome.words
  if let reason = reason(proposal) { text += ", \(reason)" }
  if let speedup = speedup(over: proposal.measurements) {
    let threads = proposal.measurements.first?.threaded?.threads
    text += ", \(speedupText(speedup))" + (threads.map { " wall on \($0) threads" } ?? "")
  }
  return text
}

/// Why a proposal ended as it did, where that is recorded.
private func reason(_ proposal: Proposal) -> String? {
  proposal.refusal?.reason ?? proposal.counterexample?.description ?? proposal.reason
}

private func by(_ user: String) -> String { user.isEmpty ? "" : " by \(user)" }

extension Rejudged.Standing {
  /// What reports call it.
  var words: String {
    switch self {
    case .refuted, .unmet: "does not hold"
    case .inDoubt: "is in doubt"
    case .weaker, .stands: "stands"
    }
  }
}
