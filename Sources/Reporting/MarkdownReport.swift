import Diagnostics
import ExperimentRecords

/// A report for a pull request.
///
/// Names, reasons and recipes come from the user's sources: they stand in code spans, where nothing
/// in them is markup.
public struct MarkdownReport: Sendable {
  private let report: Report

  /// Shows `report`.
  public init(_ report: Report) {
    self.report = report
  }

  /// The whole report with a last newline.
  public var text: String {
    let programs = report.programs.map { "- " + code(programText($0)) }
    let table = ClosingTable(report)
    var blocks = [
      ["## Ratchet: \(headline)"], rows, table.summaryLines().map { "- \($0)" } + programs,
    ]
    if let mean = report.geometricMean { blocks.append(["_" + meanNote(mean) + "_"]) }
    blocks += report.improved.map(details)
    blocks.append(parallel)
    blocks.append(retracted)
    if let refusals { blocks.append(refusals) }
    blocks.append(circumstances(of: report).map { "- \($0.name): \(code($0.value))" })
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private var headline: String {
    let improved = report.improved.count
    guard improved > 0, let mean = report.geometricMean else { return "no gain found" }
    return "\(improved) of \(plural(report.kernels.count, "kernel")) faster, "
      + "geometric mean \(speedupText(mean))"
  }

  private var rows: [String] {
    guard !report.kernels.isEmpty else { return [] }
    let head = [
      "| kernel | verdict | speedup | recipe | cost (CPU) |", "| --- | --- | --- | --- | ---: |",
    ]
    return head
      + report.kernels.map { kernel in
        let cost = durationText(kernel.cost.cpuSeconds)
        let name = code(kernel.kernel.description, inTable: true)
        guard let winner = kernel.winner, let speedup = kernel.speedup else {
          return "| \(name) | – | \(plain(kernel.remark)) | | \(cost) |"
        }
        let recipe = winner.recipe.isEmpty ? "–" : code(winner.recipe.description, inTable: true)
        let mark = kernel.doubt == nil ? "" : " (in doubt)"
        return
          "| \(name) | \(winner.verdict.rawValue)\(mark) | \(speedupText(speedup)) | \(recipe) "
          + "| \(cost) |"
      }
  }

  /// What is faster on several threads, under a heading of its own: no figure above holds it.
  private var parallel: [String] {
    let gains = report.parallel
    guard !gains.isEmpty else { return [] }
    let lines = gains.flatMap { kernel, gain in
      [
        "- \(code(kernel.description)): \(parallelText(gain)), \(code(gain.winner.recipe.description))"
      ]
        + gain.winner.measurements.map { "  - workload \(code(measurementText($0)))" }
        + gain.winner.evidence.map { "  - evidence \(code(evidenceText($0)))" }
        + ["  - lineage entry `\(gain.entry.short)`"]
    }
    return ["### On several threads, apart from the figures above", ""] + lines
  }

  /// What counts for nothing any more, under a heading of its own.
  private var retracted: [String] {
    let lines = report.kernels.flatMap { kernel in
      kernel.retracted.map { "- \(code(kernel.kernel.description)): \(code(retractionText($0)))" }
    }
    return lines.isEmpty ? [] : ["### Retracted, counted in no figure", ""] + lines
  }

  private func details(_ kernel: KernelReport) -> [String] {
    guard let winner = kernel.winner else { return [] }
    var lines = [
      "<details><summary><code>\(html(kernel.kernel.description))</code>: "
        + "\(winnerSentence(kernel))</summary>", "",
    ]
    lines += winner.effects.map { "- step \(code($0.step.description)): \(effectText($0))" }
    lines += winner.measurements.map { "- workload \(code(measurementText($0)))" }
    lines += (winner.smaller ?? []).map { "- tested at \(code(measurementText($0)))" }
    lines += winner.evidence.map { "- evidence \(code(evidenceText($0)))" }
    lines += kernel.doubt.map { ["- in doubt: \(code($0))"] } ?? []
    lines += limitLines(kernel).map { "- \(code($0))" }
    if let note = breakEvenText(winner) { lines.append("- \(note)") }
    if let entry = kernel.entry { lines.append("- lineage entry `\(entry.short)`") }
    return lines + ["", "</details>"]
  }

  private var refusals: [String]? {
    let refusals = report.refusals.prefix(10)
    return refusals.isEmpty
      ? nil : ["Refused most often:", ""] + refusals.map { "- \($0.count)×: \(code($0.reason))" }
  }
}

/// `text` as a code span of one line; in a table, where a bar would end the cell, bars are escaped.
private func code(_ text: String, inTable: Bool = false) -> String {
  let line = printable(text)
  // A span is fenced by more backticks than any run of them inside.
  let longest = line.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
  let fence = String(repeating: "`", count: longest + 1)
  let space = longest > 0 ? " " : ""
  let content = inTable ? line.replacing("|", with: "\\|") : line
  return fence + space + content + space + fence
}

/// `text` as running text without markup.
private func plain(_ text: String) -> String {
  var result = ""
  for character in printable(text) {
    if "\\`*_[]<>|~&".contains(character) { result += "\\" }
    result.append(character)
  }
  return result
}

private func html(_ text: String) -> String {
  printable(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    .replacing(">", with: "&gt;")
}
