import EquivalenceChecking
import ExperimentRecords
import Foundation

/// The page of the judge's kill rates, for `Docs`.
struct CalibrationDocument {
  let table: KillTable
  let outcomes: [MutantOutcome]
  let machine: Machine
  let compilers: [String]
  let every: Int
  let note: String

  var text: String {
    ([introduction, levels, unchanged, verdicts, missed, defects].joined(separator: "\n") + "\n")
      .replacing("\n\n\n", with: "\n\n")
  }

  private var introduction: String {
    """
    # How many planted defects the judge finds

    Made by `make calibrate`; what the words mean stands in decision 32. Date: \(
      Date.now.formatted(.iso8601.year().month().day())). Machine: \(machine.cpu), \
    \(machine.cores) cores, \(machine.operatingSystem). Compilers: \
    \(compilers.joined(separator: ", ")). Judge: \(note).

    \(table.mutants) mutants of \(table.subjects.values.reduce(0, +)) right texts: \
    \(table.mutantsRequired["bounded"] ?? 0) mutants of \(table.subjects["bounded"] ?? 0) texts \
    that have to be `bounded` by default, \(table.mutantsRequired["tested"] ?? 0) of \
    \(table.subjects["tested"] ?? 0) that have to be `tested`. \(String(format: "%.0f", table.cpuSeconds)) CPU seconds.

    """
  }

  private var levels: String {
    """
    ## By level

    L3 is asked of all mutants, L0 to L2 of those that L3 lets through and of a random sample; they \
    are counted over the sample alone, one in \(every), so that their rates are those of all. *Other operations*: L3 sees that values are \
    computed in another way, which is no pass and, before a run shows a difference, no refutation. \
    Intervals are 95 % (Wilson; exact and one-sided where none or all are counted).

    | level | asked | refuted | other operations | inconclusive | passed | refuted | not passed | CPU s each |
    |---|---:|---:|---:|---:|---:|---:|---:|---:|

    """
      + table.rows.filter { $0.defect == nil }.map { row in
        "| \(row.level) | \(row.asked) | \(row.killed) | \(row.differing) | \(row.inconclusive) "
          + "| \(row.passed) | \(Self.percent(row.rate)) | \(Self.percent(row.stopped)) "
          + "| \(String(format: "%.2f", row.seconds)) |\n"
      }.joined()
  }

  private var unchanged: String {
    """
    ## Texts without a defect

    | level | passed | inconclusive | other operations | refuted |
    |---|---:|---:|---:|---:|

    """
      + table.unchanged.sorted { $0.key < $1.key }.map { level, counts in
        let numbers = [MutantOutcome.Answer.passed, .inconclusive, .differs, .killed].map {
          String(counts[$0] ?? 0)
        }
        return "| \(level) | \(numbers.joined(separator: " | ")) |\n"
      }.joined()
  }

  private var verdicts: String {
    let tests = table.passTests
    let wrong = table.acceptedWrong(outcomes)
    var text = """
      ## What is accepted

      L0, L1 and L2 pass \(tests.values.reduce(0, +)) mutants. Of these \(tests[.wrong] ?? 0) are \
      shown to be wrong by runs on inputs that were made for the defect, \(tests[.equivalent] ?? 0) \
      are equivalent because a compiler makes the same code of them, and of \
      \(tests[.unknown] ?? 0) neither is known.

      Known to be wrong and accepted at the default requirement: \(wrong.count) of \(wrong.total) \
      (95 %: \(Self.range(wrong))). A compiler makes the same code of \(table.equivalent). Of those that \
      are accepted beside these, L7 proves \(table.proved) equivalent for all sizes; \
      \(table.accepted.count) are not known to be.

      """
    guard !table.accepted.isEmpty else { return text }
    text += "\n| accepted | required | L3 | known |\n|---|---|---|---|\n"
    for survivor in table.accepted {
      text +=
        "| `\(survivor.name)` | \(survivor.required.rawValue) "
        + "| \(survivor.answers["L3"]?.rawValue ?? "") | \(survivor.nature?.rawValue ?? "") |\n"
    }
    return text
  }

  private var missed: String {
    """
    ## Survivors of single levels

    Mutants that a level passed though another level refutes them, or runs on made inputs do.

    | level | passed | of which rare | names |
    |---|---:|---:|---|

    """
      + table.missed.sorted { $0.key < $1.key }.map { level, names in
        let others = names.filter { name in !Self.rare.contains { name.contains(" \($0) ") } }
        let shown = others.prefix(40).map { "`\($0)`" }.joined(separator: ", ")
        return "| \(level) | \(names.count) | \(names.count - others.count) | \(shown)"
          + "\(others.count > 40 ? ", and \(others.count - 40) more" : "") |\n"
      }.joined()
  }

  private static let rare = ["rare-value", "rare-size", "rare-distance", "narrow-index"]

  private var defects: String {
    let levels = table.rows.filter { $0.defect == nil }.map(\.level)
    let head = "| defect | " + levels.map { "\($0): not passed of asked" }.joined(separator: " | ")
    let rule = "|---|" + levels.map { _ in "---|" }.joined()
    let lines = Defect.allCases.compactMap { defect -> String? in
      let rows = levels.map { level in
        table.rows.first { $0.level == level && $0.defect == defect }
      }
      guard rows.contains(where: { $0 != nil }) else { return nil }
      let cells = rows.map { row in
        row.map { "\($0.stopped.count) of \($0.asked), \(Self.percent($0.stopped))" } ?? "–"
      }
      return "| \(defect.rawValue) | \(cells.joined(separator: " | ")) |"
    }
    return (["## By defect", "", head + " |", rule] + lines).joined(separator: "\n")
  }

  private static func percent(_ proportion: Proportion) -> String {
    guard let share = proportion.share else { return "–" }
    return "\(Figures.percent(share)) [\(range(proportion))]"
  }

  private static func range(_ proportion: Proportion) -> String {
    let interval = proportion.interval
    return String(
      format: "%.2f to %.2f %%", interval.lowerBound * 100, interval.upperBound * 100)
  }
}
