import EquivalenceChecking

/// A table of killed mutants for people.
struct CalibrationText {
  private let table: KillTable

  init(_ table: KillTable) { self.table = table }

  var text: String {
    var lines = ["\(table.mutants) mutants, \(Figures.seconds(table.cpuSeconds)) CPU", ""]
    lines += table.rows.filter { $0.defect == nil }.map { row in
      "\(row.level)  \(row.killed) of \(row.asked) killed\(Self.share(row.rate))"
        + (row.differing > 0 ? ", \(row.differing) with other operations" : "")
        + (row.inconclusive > 0 ? ", \(row.inconclusive) inconclusive" : "")
        + ", \(row.passed) passed"
        + ", \(Figures.seconds(row.seconds)) each"
    }
    lines += [
      "",
      "passed by L0, L1 and L2: \(table.passTests.values.reduce(0, +)), of which "
        + "\(table.passTests[.wrong] ?? 0) are wrong and \(table.passTests[.equivalent] ?? 0) equal",
      "accepted, and not known to be equivalent: \(table.accepted.count)",
    ]
    lines += table.accepted.map { "  \($0.name)" + ($0.nature == .wrong ? " (wrong)" : "") }
    return lines.map { "\($0)\n" }.joined()
  }

  static func share(_ proportion: Proportion) -> String {
    guard let share = proportion.share else { return "" }
    let interval = proportion.interval
    return " (\(Figures.percent(share)), \(Figures.percent(interval.lowerBound)) to "
      + "\(Figures.percent(interval.upperBound)))"
  }
}
