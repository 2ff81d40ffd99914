import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import Reporting

/// `ratchet lineage log`: the entries, newest first.
struct LineageLogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Lists the entries, newest first.")

  @OptionGroup var state: ExistingState

  @Option(help: "Only entries about this kernel: FUNCTION or FILE:FUNCTION.")
  var kernel: String?

  @Option(
    help: "Only entries that ended so: winner, improved, refused, rejected-wrong, no-gain, ….")
  var outcome: String?

  @Option(name: [.customShort("n"), .customLong("count")], help: "At most this many entries.")
  var count: Int?

  @Flag(help: "Leave the times out.")
  var oneline = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if let count, count < 0 { throw ValidationError("--count cannot be negative") }
    if let outcome, !Self.outcomes.contains(outcome) {
      throw ValidationError(
        "no outcome '\(outcome)'; there are \(Self.outcomes.joined(separator: ", "))")
    }
  }

  func run() async throws {
    try await withEndings {
      let (lineage, _) = try state.lineage()
      let entries = try chosen(from: lineage)
      switch format {
      case .json:
        try sayJSON(
          EntriesDocument(
            schema: "ratchet.lineage.log/1", entries: entries.map(EntryDocument.init)))
      case .text:
        if entries.isEmpty { complain("no entries match") }
        say(EntrySummary(style: .output).text(entries, showsTime: !oneline))
      }
    }
  }

  /// Everything that `--outcome` selects by.
  private static let outcomes: [String] = {
    let others = [
      "winner", "applied", "reverted", "approval", "skipped", "failed", "quarantined",
      "actionRefused", "tripwirePaused",
    ]
    return Outcome.allCases.map(\.rawValue) + others.filter { Outcome(rawValue: $0) == nil }
  }()

  private func chosen(from lineage: Lineage) throws -> [StoredEntry] {
    if let kernel, lineage.kernels(named: kernel).isEmpty {
      throw InputError(
        "no kernel '\(kernel)' in the lineage", remedy: Self.hint(lineage.kernels))
    }
    let entries = lineage.entries.reversed().filter { stored in
      kernel.map(stored.entry.isAbout) ?? true
        && outcome.map { $0 == stored.entry.outcomeName } ?? true
    }
    return Array(entries.prefix(count ?? .max))
  }

  /// Which kernels there are.
  static func hint(_ kernels: [KernelName]) -> String {
    guard !kernels.isEmpty else { return "it holds no kernels yet" }
    let names = kernels.prefix(8).map { "'\($0.function)'" }.joined(separator: ", ")
    return "it holds \(names)\(kernels.count > 8 ? ", …" : "")"
  }
}

extension LineageEntry {
  /// Whether the entry is about a kernel called `name`, by function or `file:function`.
  func isAbout(kernel name: String) -> Bool {
    kernel.map { $0.function == name || $0.description == name } ?? false
  }

  /// How the proposal or kernel ended, or the kind of the entry.
  var outcomeName: String {
    switch content {
    case .proposal(let proposal): proposal.outcome.rawValue
    case .kernelFinished(let finished): finished.outcome.rawValue
    default: content.kind
    }
  }
}
