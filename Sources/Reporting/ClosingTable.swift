import Diagnostics
import ExperimentRecords

/// The table that closes a campaign on a terminal, and the lines below it.
///
///     KERNEL         VERDICT  SPEEDUP             RECIPE                COST
///     dense.c:scale  tested   1.80× [1.74, 1.86]  tile(loop: i, by: 8)  31.2 s
///     dense.c:sum             no gain found; 1.5 % would have been seen  9.0 s
public struct ClosingTable: Sendable {
  private let report: Report
  private let style: Style

  /// Shows `report`.
  public init(_ report: Report, style: Style = .plain) {
    self.report = report
    self.style = style
  }

  /// The table and its summary, each line at most `width` characters long, with a last newline.
  public func text(width: Int = 100) -> String {
    let summary =
      (summaryLines() + parallelLines + report.programs.map(programText) + circumstancesLines)
      .flatMap {
        wrapped($0, width)
      }
    let lines = tableLines(width: width) + [""] + summary
    return lines.map { $0 + "\n" }.joined()
  }

  /// What is faster on several threads, a line for each kernel: apart from the table and its mean.
  var parallelLines: [String] {
    report.parallel.map { kernel, gain in
      printable(
        "\(kernel), apart from these figures: \(parallelText(gain)), \(gain.winner.recipe)")
    }
  }

  /// The lines of the table alone.
  public func tableLines(width: Int = 100) -> [String] {
    var table = Table(columns: [
      .init(title: "KERNEL", losesStart: true, least: 16), .init(title: "VERDICT"),
      .init(title: "SPEEDUP"),
      .init(title: "RECIPE", least: 12), .init(title: "COST", isRightAligned: true),
    ])
    table.rows = report.kernels.map(row)
    return table.lines(width: width, style: style)
  }

  private func row(_ kernel: KernelReport) -> Table.Row {
    let name = printable(kernel.kernel.description)
    let cost = durationText(kernel.cost.cpuSeconds)
    guard let winner = kernel.winner, let speedup = kernel.speedup else {
      return Table.Row(
        cells: [name, "", printable(kernel.remark), cost], spans: true,
        emphasis: { [style] in $0 == 2 ? style.dim($1) : $1 })
    }
    let recipe = winner.recipe.isEmpty ? "(empty)" : printable(winner.recipe.description)
    return Table.Row(
      cells: [
        name, winner.verdict.rawValue + (kernel.doubt == nil ? "" : "?"), speedupText(speedup),
        recipe, cost,
      ],
      emphasis: { [style] in $0 == 2 ? style.green($1) : $1 })
  }

  /// The sentences below the table, without what comes from the user: programs and
  /// circumstances.
  public func summaryLines() -> [String] {
    [
      kernelsLine, retractedLine, meanLine, rejectionsLine, quarantineLine,
      report.examinationCosts?.text, costLine,
    ].compactMap { $0 }
  }

  private var quarantineLine: String? {
    let count = report.kernels.reduce(0) { $0 + $1.quarantined.count }
    guard count > 0 else { return nil }
    return
      "\(plural(count, "candidate")) quarantined for review as faster than the machine can be: "
      + "'ratchet lineage log --outcome quarantined'"
  }

  private var kernelsLine: String {
    let counts = [
      (report.improved.count, "improved" + verdicts), (count(.noGain), "without gain"),
      (count(.failed), "failed"), (count(.skipped), "skipped"),
    ]
    let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return plural(report.kernels.count, "kernel")
      + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
  }

  private var retractedLine: String? {
    let counts = [
      (report.retractedCount, "retracted, counted in no figure"), (report.doubtCount, "in doubt"),
    ].filter { $0.0 > 0 }
    guard let first = counts.first else { return nil }
    return "\(plural(first.0, "winner")) "
      + ([first.1] + counts.dropFirst().map { "\($0.0) \($0.1)" }).joined(separator: "; ")
  }

  private var verdicts: String {
    let verdicts = Verdict.allCases.map { verdict in
      (report.improved.count { $0.winner?.verdict == verdict }, verdict.rawValue)
    }
    let parts = verdicts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  private func count(_ outcome: KernelOutcome) -> Int {
    report.kernels.count { $0.outcome == outcome }
  }

  private var meanLine: String? {
    guard let mean = report.geometricMean else { return nil }
    var line =
      "geometric mean over \(plural(report.meanCount, "searched kernel")): " + speedupText(mean)
    if let capped = report.geometricMean(cappedAt: 4), capped.median < mean.median {
      line += "; none counted above 4×: " + speedupText(capped)
    }
    return line
  }

  private var rejectionsLine: String? {
    let lines = rejectionCounts(report)
    guard !lines.isEmpty else { return nil }
    let total = report.outcomes.values.reduce(0, +)
    return "\(plural(total, "proposal")): "
      + lines.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
  }

  private var circumstancesLines: [String] {
    guard let started = report.campaign?.started else { return [] }
    let compiler = ([started.compiler.description] + started.flags).joined(separator: " ")
    return [printable("measured with \(compiler) on \(machineText(started.machine))")]
  }

  private var costLine: String {
    let phases = Phase.allCases.compactMap { phase in
      report.cost.phases[phase].map { "\(phase.rawValue) \(durationText($0))" }
    }
    let split = phases.isEmpty ? "" : " (\(phases.joined(separator: ", ")))"
    let own = report.cost.overheadShare.map { ", \(percentText($0)) of it the agent's own" } ?? ""
    return "cost: \(durationText(report.cost.cpuSeconds)) CPU\(split)\(own), "
      + "\(durationText(report.cost.wallSeconds)) elapsed, "
      + "\(plural(report.evaluations, "candidate")) compiled"
  }
}

/// How many proposals ended how, in the order of the outcomes, with the words for each.
func rejectionCounts(_ report: Report) -> [(name: String, count: Int)] {
  Outcome.allCases.compactMap { outcome in
    guard let count = report.outcomes[outcome], count > 0 else { return nil }
    return (outcome.words, count)
  }
}

extension Outcome {
  /// What reports call it.
  var words: String {
    switch self {
    case .refused: "refused by a pass"
    case .invalidOutput: "not well formed"
    case .compileFailure: "not compiled"
    case .duplicate: "already tried"
    case .rejectedWrong: "wrong"
    case .rejectedSlower: "slower"
    case .noGain: "without gain"
    case .improved: "better than all before"
    case .surpassed: "faster, but not the best"
    case .winner: "confirmed"
    case .inconclusive: "inconclusive"
    }
  }
}
