import Diagnostics
import ExperimentRecords
public import LineageLog

/// What two candidates have in common and what parts them, as `ratchet lineage diff` prints it.
public struct EntryComparison: Sendable {
  private let style: Style

  /// Shows comparisons in `style`.
  public init(style: Style = .plain) {
    self.style = style
  }

  /// The comparison of `a` with `b`, with a last newline.
  ///
  /// - Parameter diff: The difference of their sources, when both are known.
  public func text(_ a: StoredEntry, _ b: StoredEntry, diff: UnifiedDiff? = nil) -> String {
    let summary = EntrySummary(style: style)
    var lines = [style.red("-") + " " + summary.line(a), style.green("+") + " " + summary.line(b)]
    if let (old, new) = pair(a.candidate?.recipe, b.candidate?.recipe) {
      lines += ["recipe:"] + steps(old, new)
    }
    lines += facts(a, b)
    if let diff {
      lines += diff.hunks.isEmpty ? ["sources: equal"] : [""] + DiffText(style: style).lines(diff)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The steps of both recipes, in order, with a sign before those that only one has.
  private func steps(_ old: Recipe, _ new: Recipe) -> [String] {
    let difference = new.steps.difference(from: old.steps)
    var lines = old.steps.map { (" ", $0) }
    for case .remove(let offset, _, _) in difference.removals { lines[offset].0 = "-" }
    for case .insert(let offset, let step, _) in difference.insertions {
      // The place after the first `offset` lines that the new recipe has, and what is removed there.
      var (place, kept) = (0, 0)
      while place < lines.count, kept < offset || lines[place].0 == "-" {
        if lines[place].0 != "-" { kept += 1 }
        place += 1
      }
      lines.insert(("+", step), at: place)
    }
    return lines.map { sign, step in
      let text = "  \(sign) \(printable(step.description))"
      return sign == "-" ? style.red(text) : sign == "+" ? style.green(text) : text
    }
  }

  /// Verdicts, speedups by workload and costs that differ.
  private func facts(_ a: StoredEntry, _ b: StoredEntry) -> [String] {
    guard let (old, new) = pair(a.candidate, b.candidate) else { return [] }
    var lines: [String] = []
    if old.verdict != new.verdict {
      lines.append(
        "verdict: \(old.verdict?.rawValue ?? "none") → \(new.verdict?.rawValue ?? "none")")
    }
    for measurement in new.measurements {
      let other = old.measurements.first { $0.workload == measurement.workload }
      let before = other.map { speedupText($0.speedup) } ?? "not measured"
      lines.append(
        "workload \(printable(measurement.workload)): \(before) → \(speedupText(measurement.speedup))"
      )
    }
    return lines
  }
}

private func pair<T>(_ a: T?, _ b: T?) -> (T, T)? {
  guard let a, let b else { return nil }
  return (a, b)
}

extension StoredEntry {
  /// What proposals and winners have in common.
  struct Candidate {
    var recipe: Recipe
    var verdict: Verdict?
    var measurements: [ExperimentRecords.Measurement]
  }

  var candidate: Candidate? {
    switch entry.content {
    case .proposal(let proposal):
      Candidate(
        recipe: proposal.recipe, verdict: proposal.verdict, measurements: proposal.measurements)
    case .winner(let winner):
      Candidate(recipe: winner.recipe, verdict: winner.verdict, measurements: winner.measurements)
    default: nil
    }
  }
}
