import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import Reporting
import SystemPackage

/// What `ratchet optimize` leaves on standard output: a table and where to go on, or one document.
struct CampaignReport {
  var summary: Campaign.Summary
  var isQuiet: Bool
  var format: OutputFormat
  /// Winners that were written into the sources.
  var applied: [KernelName] = []
  /// Why patches of this campaign were not written.
  private var denial: Diagnostic?

  init(summary: Campaign.Summary, isQuiet: Bool, format: OutputFormat) {
    self.summary = summary
    self.isQuiet = isQuiet
    self.format = format
  }

  /// Writes the patches of all winners and prints the report.
  mutating func print() throws {
    let state = StateDirectory(FilePath(summary.stateDirectory))
    let lineage = try Lineage.read(state)
    let report = Report(lineage, scope: .campaign(summary.campaign))
    let forbidden = try forbidden(lineage, state)
    let patches = try PatchFiles(state).write(
      lineage.latestWinners.filter { !forbidden.contains($0.key) })
    let parallel = try PatchFiles(state).write(
      lineage.latestParallelWinners.filter { !forbidden.contains($0.key) })
    switch format {
    case .json:
      try sayJSON(
        OptimizeDocument(
          report, patch: { patches[$0.kernel] }, parallelPatch: { parallel[$0.kernel] }))
    case .text: say(text(of: report, patches, parallel))
    }
  }

  /// The kernels whose patches may not be written; for each that this campaign has a winner of, the log
  /// says so.
  private mutating func forbidden(
    _ lineage: Lineage, _ state: StateDirectory
  ) throws -> Set<KernelName> {
    let recorded = lineage.campaigns.last?.started.settings["root"]
    let root = recorded ?? lineage.likelyRoot(of: state).string
    let own = Set(
      lineage.entries(ofCampaign: summary.campaign).compactMap { stored -> KernelName? in
        if case .winner(let winner) = stored.entry.content { winner.kernel } else { nil }
      })
    var denials: [KernelName: Denial] = [:]
    let winners = Set(lineage.latestWinners.keys).union(lineage.latestParallelWinners.keys)
    for kernel in winners {
      let gate = try AutonomyGate(at: ["\(root)/\(kernel.file)"], user: accountName())
      do throws(Denial) { _ = try gate.patch(of: kernel) } catch { denials[kernel] = error }
    }
    let tried = denials.filter { own.contains($0.key) }.sorted { $0.key < $1.key }
    guard !tried.isEmpty else { return Set(denials.keys) }
    let writer = try LineageWriter(state, command: "ratchet optimize")
    for (_, tried) in tried {
      denial = try writer.refuse(tried.record, campaign: summary.campaign, remedy: tried.remedy)
    }
    try writer.checkpoint(signedBy: try SigningKey.configured())
    return Set(denials.keys)
  }

  private func text(
    of report: Report, _ patches: [KernelName: String], _ parallel: [KernelName: String]
  ) -> String {
    let style = TerminalStyle.output
    // On a terminal the lines of progress stand right above.
    var text = isatty(1) != 0 ? "\n" : ""
    text += ClosingTable(report, style: .output).text(width: TerminalStyle.width)
    if summary.reason == .stopped {
      text += "stopped by \(printable(summary.detail ?? "a person")); "
      text += "'ratchet stop --clear' lets it go on with the same command and --resume\n"
    }
    if let reached = summary.ceiling {
      text += "\(printable(ceilingText(reached))); go on with --resume once it is raised\n"
    }
    if let denial { text += "no patch: \(printable(denial.message))\n" }
    let improved = report.improved.map(\.kernel)
    let shared = report.kernels.filter { $0.parallel != nil }.map(\.kernel)
    guard !improved.isEmpty || !shared.isEmpty else { return text }
    text += "\n" + style.bold("patches") + "\n"
    for kernel in improved {
      guard let path = patches[kernel] else { continue }
      let note = applied.contains(kernel) ? "  (applied)" : ""
      text += "  \(printable(ShownPath.text(path)))\(note)\n"
    }
    for kernel in shared {
      guard let path = parallel[kernel] else { continue }
      text += "  \(printable(ShownPath.text(path)))\n"
    }
    return isQuiet ? text : text + next(report)
  }

  /// What a person can do now, as commands to copy.
  private func next(_ report: Report) -> String {
    let shared = report.kernels.compactMap(\.parallel?.entry)
    guard let entry = report.improved.first?.entry ?? shared.first else { return "" }
    let path = ShownPath.text(summary.stateDirectory)
    // Commands find the state of the current directory by themselves.
    let state = path == ".ratchet" ? "" : " --state \(ShellText.quoted(path))"
    var lines = [
      "ratchet report\(state)", "ratchet lineage show \(entry.short)\(state)",
    ]
    // Winners on several threads are applied one by one.
    let isOne = report.improved.count <= 1
    if denial != nil {
      lines.append("ratchet lineage diff \(entry.short)\(state)")
    } else {
      lines.append(
        applied.isEmpty
          ? "ratchet apply \(isOne ? entry.short : "--all")\(state)"
          : "ratchet revert --all\(state)")
    }
    return "\n" + TerminalStyle.output.bold("next") + "\n"
      + lines.map { "  \(printable($0))\n" }.joined()
  }
}

/// Words as a shell takes them.
enum ShellText {
  /// `word`, in quotes when it holds anything that a shell would read otherwise.
  static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy {
      CharacterSet.alphanumerics.contains($0) || "/._-+=:@%,".unicodeScalars.contains($0)
    }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
  }
}

/// Paths as they are shortest to type here.
enum ShownPath {
  /// `path`, relative when it lies below the current directory.
  static func text(_ path: String) -> String {
    let here = FileManager.default.currentDirectoryPath + "/"
    let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
    return absolute.hasPrefix(here) ? String(absolute.dropFirst(here.count)) : path
  }
}
