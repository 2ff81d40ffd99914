import Diagnostics
import ExperimentRecords
import LineageLog

/// An audit for people: one page, what is open first.
public struct AuditText: Sendable {
  private let audit: AuditReport
  private let style: Style

  /// How many entries of a section are shown; the newest.
  private static let shown = 10

  /// Shows `audit`.
  public init(_ audit: AuditReport, style: Style = .plain) {
    (self.audit, self.style) = (audit, style)
  }

  /// The page with a last newline.
  public var text: String {
    var blocks = [head]
    blocks.append(block("open", open.isEmpty ? ["nothing"] : open))
    blocks.append(block("in the sources now", sources))
    blocks.append(block("campaigns", campaigns))
    blocks += audit.sections.map { block($0.title, lines(of: $0)) }
    blocks.append(block("limits of this tool, by its own calibration", limits))
    return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private func block(_ title: String, _ lines: [String]) -> [String] {
    [style.bold(title)] + (lines.isEmpty ? ["none"] : lines).map { "  " + printable($0) }
  }

  private var head: [String] {
    let log = audit.log
    let seal = log.checkpoint.map { seal in
      "\(seal.entry.short) of \(seal.time) over \(plural(seal.covers, "entr", "ies", "y")), "
        + (seal.signedBy.map { "signed by \($0.prefix(12))" } ?? "not signed") + "; "
        + "\(max(0, log.entries - seal.covers - 1)) since"
    }
    return block(
      "audit of \(printable(log.directory))",
      [
        "level: \(audit.level.level) at most, set by \(audit.level.origin)",
        "log: \(plural(log.entries, "entr", "ies", "y")) and \(plural(log.objects, "object")) are as "
          + "they were written; the last is \(log.head.short)",
        "last checkpoint: \(seal ?? "none")",
        "cost of all campaigns: \(durationText(audit.cost.cpuSeconds)) CPU, "
          + "\(plural(audit.cost.compiles, "compile"))",
      ])
  }

  /// What somebody has to look at: doubts, and retracted winners that files hold.
  private var open: [String] {
    audit.standings.map {
      "\($0.standing) since \($0.time): \($0.kernel), winner \($0.winner.short): \($0.reason)"
    }
      + audit.retractedFiles.filter(\.presence.isOpen).map(\.sentence)
  }

  private var sources: [String] {
    audit.files.map { file in
      let winners = file.winners.map { winner in
        "\(winner.function) by \(winner.entry.short)"
          + (winner.standing.map { " (\($0))" } ?? "")
      }
      let state =
        switch file.isAsRecorded {
        case true?: "as recorded"
        case false?: "changed since"
        case nil: "cannot be read"
        }
      return "\(file.file), \(state): "
        + (winners.isEmpty ? "no winner" : winners.joined(separator: ", "))
    }
  }

  private var campaigns: [String] {
    newest(audit.campaigns) { campaign in
      let end = campaign.ended.map(\.rawValue) ?? "not ended"
      return "\(campaign.time) \(campaign.name)" + (campaign.by.map { " by \($0)" } ?? "") + ": "
        + end + (campaign.detail.map { " (\($0))" } ?? "")
        + ", \(durationText(campaign.cost.cpuSeconds)) CPU, "
        + "\(plural(campaign.cost.compiles, "compile")), "
        + plural(campaign.evaluations, "candidate")
    }
  }

  private func lines(of section: AuditReport.Section) -> [String] {
    newest(section.events) { "\($0.time) \($0.entry.short) \($0.text)" }
  }

  /// The newest in words, and how many there are beside them.
  private func newest<Item>(_ items: [Item], _ words: (Item) -> String) -> [String] {
    let left = items.count - Self.shown
    return (left > 0 ? ["\(left) before these"] : []) + items.suffix(Self.shown).map(words)
  }

  private var limits: [String] {
    let figures = audit.calibration
    var lines = [
      "judge, \(figures.date), \(figures.machine), of \(figures.judge):",
      "  \(figures.planted)",
      "  known to be wrong and accepted: \(figures.acceptedWrong); accepted and not known to be "
        + "right: \(figures.acceptedUnknown)",
    ]
    lines += figures.levels.map {
      "  \($0.level), asked of \($0.asked): refutes \($0.refuted), does not pass \($0.notPassed)"
    }
    let change =
      switch figures.isJudgeChanged {
      case true?: "the judge's sources were changed since; the figures are of the earlier ones"
      case false?: "the judge's sources are the same since"
      case nil: "whether the judge was changed since is not known"
      }
    lines.append(change)
    if let equal = figures.equalPrograms {
      lines.append(
        "measurement, \(equal.date): \(equal.falseWinners) false winners in \(equal.campaigns) campaigns "
          + "on equal programs, gains above \(percentText(equal.smallestEffect)) kept (\(equal.note))"
      )
    }
    return lines
  }
}

/// `count` things whose name ends otherwise for several: `1 entry`, `2 entries`.
private func plural(_ count: Int, _ stem: String, _ several: String, _ one: String) -> String {
  "\(countText(Double(count))) \(stem)\(count == 1 ? one : several)"
}
