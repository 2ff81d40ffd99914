import Diagnostics
import ExperimentRecords

/// A report for terminals and files: the closing table, then the story of each kernel.
public struct TextReport: Sendable {
  private let report: Report
  private let style: Style

  /// Shows `report`.
  public init(_ report: Report, style: Style = .plain) {
    self.report = report
    self.style = style
  }

  /// The whole report with a last newline; tables are at most `width` characters wide.
  public func text(width: Int = 100) -> String {
    var lines = circumstances(of: report).map { "\(style.bold($0.name)): \(printable($0.value))" }
    let table = ClosingTable(report, style: style)
    lines += [""] + table.tableLines(width: width) + [""]
    let notes = table.summaryLines() + [report.geometricMean.map(meanNote)].compactMap { $0 }
    lines += (notes + table.parallelLines + report.programs.map(programText) + refusalLines).flatMap
    {
      wrapped($0, width)
    }
    for kernel in report.kernels { lines += [""] + story(kernel) }
    return lines.map { $0 + "\n" }.joined()
  }

  private var refusalLines: [String] {
    report.refusals.prefix(10).map { "refused \($0.count)×: \(printable($0.reason))" }
  }

  private func story(_ kernel: KernelReport) -> [String] {
    var lines = [style.bold(printable(kernel.kernel.description))]
    lines.append("  " + (kernel.winner == nil ? printable(kernel.remark) : winnerSentence(kernel)))
    if kernel.winner == nil { lines += limitLines(kernel).map { "  " + printable($0) } }
    if let winner = kernel.winner { lines += details(winner, kernel).map { "  " + $0 } }
    lines += parallelStory(kernel).map { "  " + $0 }
    lines += kernel.quarantined.map { printable("  quarantined: \($0.recipe): \($0.reason)") }
    lines += kernel.retracted.map { "  " + printable(retractionText($0)) }
    if let baseline = kernel.baseline {
      lines.append("  contract (\(baseline.contractOrigin)):")
      let clauses = baseline.contract.split(separator: "\n")
      lines += clauses.map { "    " + printable(String($0)) }
    }
    return lines
  }

  private func parallelStory(_ kernel: KernelReport) -> [String] {
    guard let gain = kernel.parallel else {
      return kernel.parallelEnd.map { [printable(parallelEndText($0))] } ?? []
    }
    let winner = gain.winner
    return [parallelText(gain), "  recipe: " + printable(winner.recipe.description)]
      + winner.effects.map { "    \(printable($0.step.description)): \(effectText($0))" }
      + winner.measurements.map { "  workload " + measurementText($0) }
      + winner.evidence.map { "  evidence " + evidenceText($0) } + ["  entry: \(gain.entry.short)"]
  }

  private func details(_ winner: Winner, _ kernel: KernelReport) -> [String] {
    var lines = ["recipe: " + printable(winner.recipe.description)]
    lines += winner.effects.map { "  \(printable($0.step.description)): \(effectText($0))" }
    lines += winner.measurements.map { "workload " + measurementText($0) }
    lines += (winner.smaller ?? []).map { "tested at " + measurementText($0) }
    lines += winner.evidence.map { "evidence " + evidenceText($0) }
    lines += kernel.doubt.map { ["in doubt: " + printable($0)] } ?? []
    lines += limitLines(kernel).map(printable)
    if let note = breakEvenText(winner) { lines.append(note) }
    if let entry = kernel.entry { lines.append("entry: \(entry.short)") }
    return lines
  }
}
