import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// `ratchet approve ID`: a person's word on a winner, level L2.
struct ApproveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Shows a winner's evidence, the weakest first, and records a person's word on it.",
    discussion: "It asks on a terminal and takes no answer for granted. 'apply' writes the source.")

  @Argument(help: "The winner's id, or its first digits.")
  var id: String

  @Option(help: "What to record with the word.")
  var note: String?

  @OptionGroup var state: ExistingState

  func run() async throws {
    try await withEndings {
      let (lineage, directory) = try state.lineage()
      let stored = try lineage.entry(idPrefix: id)
      guard case .winner(let winner) = stored.entry.content else {
        throw InputError(
          "entry '\(stored.id.short)' is no winner but of kind '\(stored.entry.content.kind)'",
          remedy: "'ratchet lineage log --outcome winner' lists the winners")
      }
      guard isatty(0) != 0, isatty(1) != 0 else {
        throw InputError(
          "an approval needs a person at a terminal",
          remedy: "run 'ratchet approve \(stored.id.short)' in a terminal, without pipes")
      }
      say(try question(about: winner, stored, ObjectStore(directory)))
      let granted = try answer()
      try LineageWriter(directory, command: "ratchet approve").append(
        .approval(
          Approval(subject: stored.id, granted: granted, by: accountName(), note: note)))
      say(
        granted
          ? "approved by \(accountName()); 'ratchet apply \(stored.id.short)' writes the source\n"
          : "declined by \(accountName())\n")
      if !granted { throw Ending.refused }
    }
  }

  private func question(
    about winner: Winner, _ stored: StoredEntry, _ objects: ObjectStore
  ) throws -> String {
    let style = TerminalStyle.output
    var text = style.bold("\(winner.kernel): \(winner.recipe)") + "\n\nEvidence, weakest first:\n"
    for piece in EvidenceText.weakestFirst(winner.evidence) {
      text += "  \(printable(EvidenceText.line(piece)))\n"
      for assumption in piece.assumptions { text += "    assumes \(printable(assumption))\n" }
    }
    text += "  verdict: \(winner.verdict.rawValue)\n\nSpeedup by workload, smallest first:\n"
    for one in winner.measurements.sorted(by: { $0.speedup.low < $1.speedup.low }) {
      text += "  \(Figures.interval(one.speedup))  \(printable(one.workload)) "
      text += "(\(printable(Figures.sizes(one.sizes)))), \(one.compiler) "
      text += "\(printable(one.flags.joined(separator: " ")))\n"
    }
    let diff = UnifiedDiff(
      from: try objects.get(winner.baseSource), to: try objects.get(winner.newSource),
      path: winner.kernel.file)
    return text + "\nPatch (+\(diff.counts.added) -\(diff.counts.removed) lines): "
      + "'ratchet lineage diff \(stored.id.short)' shows it\n\n"
  }

  /// Asks until the answer is `yes` or `no`; the end of input is no answer.
  private func answer() throws -> Bool {
    while true {
      say("Approve it for your sources? Type yes or no: ")
      guard let line = readLine() else {
        say("\n")
        throw InputError("no answer, so nothing is recorded", remedy: "type yes or no")
      }
      switch line.trimmingCharacters(in: .whitespaces).lowercased() {
      case "yes": return true
      case "no": return false
      default: continue
      }
    }
  }
}
