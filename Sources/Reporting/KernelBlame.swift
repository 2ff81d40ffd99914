import Diagnostics
public import ExperimentRecords
public import LineageLog

/// Which step of a kernel's winner brings which part of the speedup, as
/// `ratchet lineage blame` prints it.
public struct KernelBlame: Sendable {
  private let style: Style

  /// Shows blames in `style`.
  public init(style: Style = .plain) {
    self.style = style
  }

  /// The steps of the newest winner of `kernel`, with a last newline; what became of the kernel
  /// when it has none.
  public func text(_ lineage: Lineage, kernel: KernelName) -> String {
    guard let stored = lineage.latestWinners[kernel] else {
      let retracted = Report(lineage).kernels.first { $0.kernel == kernel }?.retracted ?? []
      let words = retracted.map { "; " + printable(retractionText($0)) }.joined()
      return "\(printable(kernel.description)): no winner\(words)\n"
    }
    let winner = stored.winner
    let total = speedup(over: winner.measurements)
    var lines = [
      style.bold(printable(kernel.description))
        + ": \(total.map { speedupText($0) } ?? "no figure"), "
        + "\(winner.verdict.rawValue), winner \(stored.id.short)"
        + (lineage.standings.mark(of: stored.id).map { ", \($0)" } ?? "")
    ]
    let effects = Dictionary(winner.effects.map { ($0.step, $0) }) { first, _ in first }
    var table = Table(columns: [
      .init(title: "STEP"), .init(title: "WITHOUT IT, SLOWER BY"), .init(title: "PROPOSED IN"),
    ])
    table.rows = winner.recipe.steps.map { step in
      let effect = effects[step].map { $0.speedup.map { speedupText($0) } ?? "stands on it" }
      let origin = firstProposal(of: step, lineage, kernel)?.short ?? "–"
      return Table.Row(cells: [printable(step.description), effect ?? "not measured", origin])
    }
    lines += table.lines(width: .max, style: style)
    return lines.map { $0 + "\n" }.joined()
  }

  /// The first proposal for `kernel` that had `step`.
  private func firstProposal(
    of step: Step, _ lineage: Lineage, _ kernel: KernelName
  ) -> Digest? {
    lineage.entries.first { stored in
      guard case .proposal(let proposal) = stored.entry.content else { return false }
      return proposal.kernel == kernel && proposal.recipe.steps.contains(step)
    }?.id
  }
}
