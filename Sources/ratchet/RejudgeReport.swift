import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import Reporting

/// What `ratchet lineage rejudge` found.
struct RejudgeReport {
  /// A winner with its new judgement.
  struct Judged {
    var entry: Digest
    var rejudged: Rejudged
  }

  let judge: JudgeIdentity
  let choice: RejudgeChoice
  var judged: [Judged] = []
  /// The retractions that were recorded.
  var retractions: [StoredEntry] = []
  /// The files that retracted winners were written into, those retracted earlier among them.
  var files: [RetractedFile] = []
  var stopReason: String?

  init(judge: JudgeIdentity, choice: RejudgeChoice) {
    (self.judge, self.choice) = (judge, choice)
  }

  /// Whether nothing was written.
  var isEmpty: Bool { judged.isEmpty && retractions.isEmpty }

  /// The exit code that is no success.
  var ending: ExitCode? {
    if !retractions.isEmpty { return Ending.refused }
    let isOpen = judged.contains { $0.rejudged.standing == .inDoubt }
    return stopReason != nil || isOpen ? Ending.stopped : nil
  }

  /// The report for people.
  func text(isDry: Bool) -> String {
    var lines = judged.map { line($0.rejudged) }
    if isDry {
      lines = choice.winners.map {
        "\(name($0.winner.kernel, $0.id)): to be judged, recorded as \($0.winner.verdict.rawValue)"
      }
    }
    lines += retractions.compactMap(heir)
    lines += files.filter(\.presence.isOpen).map { printable($0.sentence) }
    lines.append(summary(isDry: isDry))
    if let stopReason {
      lines.append("stopped by \(printable(stopReason)); the same command goes on")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func name(_ kernel: KernelName, _ id: Digest) -> String {
    "\(printable(kernel.description)) \(id.short)"
  }

  private func line(_ rejudged: Rejudged) -> String {
    let style = TerminalStyle.output
    let words =
      switch rejudged.standing {
      case .refuted, .unmet: style.red("retracted")
      case .inDoubt: style.yellow("in doubt")
      case .weaker, .stands: style.green("stands")
      }
    let reason = rejudged.reason ?? "it is \(rejudged.verdict.rawValue)"
    let changes =
      rejudged.changes.isEmpty
      ? "" : " (judged \(rejudged.changes.joined(separator: ", ")))"
    let stays = choice.retracted.contains(rejudged.winner) ? "; it was retracted and stays so" : ""
    return "\(name(rejudged.kernel, rejudged.winner)): \(words): "
      + printable(reason + changes + stays)
  }

  /// What was retracted with a winner, or after an interruption.
  private func heir(_ stored: StoredEntry) -> String? {
    guard case .retracted(let retracted) = stored.entry.content,
      !judged.contains(where: { $0.rejudged.winner == retracted.winner })
    else { return nil }
    return "\(name(retracted.kernel, retracted.winner)): \(TerminalStyle.output.red("retracted")): "
      + printable(retracted.reason)
  }

  private func summary(isDry: Bool) -> String {
    let by = judge.tool + (judge.program.map { " (\($0.short))" } ?? "")
    let count = isDry ? choice.winners.count : judged.count
    var text =
      "\(count) winner\(count == 1 ? "" : "s") \(isDry ? "to be judged" : "judged") by \(by)"
    let counts = [
      ("stand", judged.count { $0.rejudged.standing.isKept }),
      ("in doubt", judged.count { $0.rejudged.standing == .inDoubt }),
      ("retracted", retractions.count),
    ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    if !counts.isEmpty { text += ": " + counts.joined(separator: ", ") }
    if choice.skipped > 0 { text += "; \(choice.skipped) judged by it before" }
    return text
  }

  /// The report for programs.
  func document(isDry: Bool) -> some Encodable {
    Document(
      dryRun: isDry, judge: judge, stopped: stopReason, skipped: choice.skipped,
      chosen: choice.winners.map(\.id),
      judged: judged.map { Document.Judged(entry: $0.entry, rejudged: $0.rejudged) },
      retracted: retractions.map(EntryDocument.init),
      files: files.map {
        Document.File(
          file: $0.kernel.file, function: $0.kernel.function, winner: $0.winner,
          applied: $0.applied, presence: $0.presence, remedy: $0.remedy)
      })
  }

  private struct Document: Encodable {
    struct Judged: Encodable {
      var entry: Digest
      var rejudged: Rejudged
    }
    struct File: Encodable {
      var file: String
      var function: String
      var winner: Digest
      var applied: Digest
      var presence: RetractedFile.Presence
      var remedy: String
    }
    var schema = "ratchet.lineage.rejudge/1"
    var dryRun: Bool
    var judge: JudgeIdentity
    var stopped: String?
    var skipped: Int
    var chosen: [Digest]
    var judged: [Judged]
    var retracted: [EntryDocument]
    var files: [File]
  }
}

extension Rejudged.Standing {
  /// Whether the winner is kept without doubt.
  var isKept: Bool { self == .weaker || self == .stands }
}
