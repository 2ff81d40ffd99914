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

  /// Writes the patches of all winners and prints the report.
  func print() throws {
    let state = StateDirectory(FilePath(summary.stateDirectory))
    let lineage = try Lineage.read(state)
    let report = Report(lineage, scope: .campaign(summary.campaign))
    let patches = try PatchFiles(state).write(lineage.latestWinners)
    let parallel = try PatchFiles(state).write(lineage.latestParallelWinners)
    switch format {
    case .json:
      try sayJSON(
        OptimizeDocument(
          report, patch: { patches[$0.kernel] }, parallelPatch: { parallel[$0.kernel] }))
    case .text: say(text(of: report, patches, parallel))
    }
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
    lines.append(
      applied.isEmpty
        ? "ratchet apply \(isOne ? entry.short : "--all")\(state)"
        : "ratchet revert --all\(state)")
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
