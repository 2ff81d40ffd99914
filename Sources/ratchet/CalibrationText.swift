import EquivalenceChecking

/// A table of killed mutants for people.
struct CalibrationText {
  private let table: KillTable

  init(_ table: KillTable) { self.table = table }

  var text: String {
    var lines = ["\(table.mutants) mutants, \(Figures.seconds(table.cpuSeconds)) CPU", ""]
    lines += table.rows.filter { $0.defect == nil }.map { row in
      "\(row.level)  \(row.killed) of \(row.asked) killed" + share(row)
        + (row.inconclusive > 0 ? ", \(row.inconclusive) inconclusive" : "")
    }
    lines += ["", "accepted at every level: \(table.accepted.count)" + bound]
    lines += table.accepted.map { "  \($0)" }
    if !table.undecided.isEmpty {
      lines += ["neither refuted nor accepted: \(table.undecided.count)"]
      lines += table.undecided.map { "  \($0)" }
    }
    return lines.map { "\($0)\n" }.joined()
  }

  private func share(_ row: KillTable.Row) -> String {
    row.rate.map { " (\(Figures.percent($0)))" } ?? ""
  }

  private var bound: String {
    table.acceptedBound.map { " (at most \(Figures.percent($0)) at 95 %)" } ?? ""
  }
}
