import Diagnostics
import ExperimentRecords
public import LineageLog

// What reports say of judgements that came later.

/// What later judgements say of the entry `id`: retracted or in doubt, since when, by which entry, why.
func standingLines(_ standings: Standings, of id: Digest) -> [String] {
  if let retraction = standings.retractions[id] {
    return [
      "retracted: \(retraction.reason), by entry \(retraction.entry.short) of \(retraction.time)"
    ]
  }
  if let doubt = standings.doubts[id] {
    let word = doubt.isApproved ? "; a person has approved it since" : ""
    return ["in doubt: \(doubt.reason), by entry \(doubt.entry.short) of \(doubt.time)\(word)"]
  }
  if let verdict = standings.weaker[id] { return ["judged again: \(verdict.rawValue)"] }
  return standings.proposals.contains(id) ? ["retracted: derived from a retracted winner"] : []
}

/// The lines of a new judgement.
func rejudgedLines(_ rejudged: Rejudged) -> [String] {
  var lines = [
    "winner: \(rejudged.winner)", "standing: \(rejudged.standing.rawValue)",
    "verdict: \(rejudged.verdict.rawValue), where \(rejudged.required.rawValue) is required",
  ]
  lines += [rejudged.reason.map { "reason: \($0)" }].compactMap { $0 }
  lines.append(
    "judge: \(rejudged.judge.tool)" + (rejudged.judge.program.map { ", program \($0)" } ?? ""))
  lines += [rejudged.compiler.map { "compiler: \($0)" }].compactMap { $0 }
  lines += rejudged.changes.map { "judged \($0)" }
  lines += rejudged.evidence.map { "evidence: " + evidenceText($0) }
  lines += [rejudged.counterexample.map { "counterexample: \($0)" }].compactMap { $0 }
  return lines + costLines(rejudged.cost)
}

/// The lines of a retraction.
func retractedLines(_ retracted: Retracted) -> [String] {
  [
    "winner: \(retracted.winner)", "reason: \(retracted.reason)",
    "judgement: \(retracted.judgement)",
  ] + [retracted.ancestor.map { "ancestor: \($0)" }].compactMap { $0 }
    + retracted.proposals.map { "proposal: \($0)" }
}

/// A retracted winner in one line: `retracted: 1a2b3c4d5e6f, tile(loop: i, by: 8): it is refuted at L2`.
func retractionText(_ winner: RetractedWinner) -> String {
  "retracted: \(winner.entry.short), \(winner.recipe): \(winner.reason)"
}

extension RetractedFile {
  /// What the file holds and what a person has to do about it, with names as the sources have them.
  public var sentence: String {
    let what = "the retracted winner '\(winner.short)' of '\(kernel.function)'"
    switch presence {
    case .present: return "\(kernel.file) holds \(what); '\(remedy)' takes it out"
    case .presentInChangedFile:
      return "\(kernel.file) holds \(what) and was changed since; '\(remedy)' takes it out"
    case .unknown: return "\(kernel.file) may hold \(what); '\(remedy)' shows what it changed"
    case .absent: return "\(kernel.file) does not hold \(what) any more"
    }
  }

  /// The command that takes the winner out, or shows what to look for.
  public var remedy: String {
    switch presence {
    case .present: "ratchet revert \(winner.short)"
    case .presentInChangedFile: "ratchet lineage diff \(winner.short) | patch -R -p1"
    case .absent, .unknown: "ratchet lineage diff \(winner.short)"
    }
  }
}
