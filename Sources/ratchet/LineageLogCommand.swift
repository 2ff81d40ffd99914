import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import Passes
import Reporting

/// `ratchet lineage log`: the entries, newest first.
struct LineageLogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Lists the entries, newest first.",
    discussion: "Conditions that are given together must all hold. \(MomentText.help)")

  @OptionGroup var state: ExistingState

  @Option(help: "Only entries about this kernel: FUNCTION or FILE:FUNCTION.")
  var kernel: String?

  @Option(
    help: "Only entries that ended so: winner, improved, refused, rejected-wrong, no-gain, ….")
  var outcome: String?

  @Option(help: "Only entries of this kind: baseline, proposal, winner, applied, checkpoint, ….")
  var kind: String?

  @Option(help: "Only candidates of which the judge said this: proved, bounded, tested, ….")
  var verdict: String?

  @Option(help: ArgumentHelp("Only candidates whose recipe uses this pass.", valueName: "pass"))
  var pass: String?

  @Option(help: ArgumentHelp("Only entries from then on.", valueName: "when"))
  var since: String?

  @Option(help: ArgumentHelp("Only entries up to then.", valueName: "when"))
  var until: String?

  @Option(name: [.customShort("n"), .customLong("count")], help: "At most this many entries.")
  var count: Int?

  @Flag(help: "Leave the times out.")
  var oneline = false

  @Flag(help: "Draw a line from each candidate to the one that it was derived from.")
  var graph = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if let count, count < 0 { throw ValidationError("--count cannot be negative") }
    try Self.check(outcome, "outcome", among: Self.outcomes)
    try Self.check(kind, "kind", among: LineageEntry.Content.kinds)
    try Self.check(verdict, "verdict", among: Verdict.allCases.map(\.rawValue))
    if graph, format == .json { throw ValidationError("--graph is drawn in text only") }
    _ = try filter()
  }

  func run() async throws {
    try await withEndings {
      let questions = try state.questions()
      if let kernel, try questions.kernels(named: kernel).isEmpty {
        throw InputError(
          "no kernel '\(kernel)' in the lineage", remedy: Self.hint(try questions.kernels()))
      }
      let filter = try filter()
      let standings = try questions.standings()
      switch format {
      case .json:
        let entries = try questions.entries(filter, newest: count ?? .max)
        try sayJSON(
          EntriesDocument(
            schema: "ratchet.lineage.log/1",
            entries: entries.map { EntryDocument($0, in: standings) }))
      case .text: try list(questions, filter, standings)
      }
    }
  }

  private func list(
    _ questions: LineageQuestions, _ filter: EntryFilter, _ standings: Standings
  ) throws {
    var isEmpty = true
    if graph {
      let entries = try questions.entries(filter, newest: count ?? .max)
      isEmpty = entries.isEmpty
      say(EntryGraph(style: .output, standings: standings).text(entries, showsTime: !oneline))
    } else {
      try questions.visit(filter, newest: count ?? .max) { entries in
        isEmpty = false
        say(EntrySummary(style: .output, standings: standings).text(entries, showsTime: !oneline))
      }
    }
    guard isEmpty else { return }
    let isKnown = pass.map { name in PassCatalog.all.contains { $0.name == name } } ?? true
    complain("no entries match" + (isKnown ? "" : "; no pass is called '\(pass ?? "")'"))
  }

  private func filter() throws -> EntryFilter {
    EntryFilter(
      kernel: kernel, kinds: kind.map { [$0] }, outcome: outcome,
      verdict: verdict.flatMap { Verdict(rawValue: $0) }, pass: pass,
      since: try since.map { try MomentText.first($0, option: "--since") },
      until: try until.map { try MomentText.last($0, option: "--until") })
  }

  private static func check(_ value: String?, _ name: String, among known: [String]) throws {
    guard let value, !known.contains(value) else { return }
    throw ValidationError("no \(name) '\(value)'; there are \(known.joined(separator: ", "))")
  }

  /// Everything that `--outcome` selects by.
  private static let outcomes: [String] = {
    let others = [
      "winner", "applied", "reverted", "approval", "skipped", "failed", "quarantined",
      "actionRefused", "tripwirePaused", "rejudged", "retracted",
    ]
    return Outcome.allCases.map(\.rawValue) + others.filter { Outcome(rawValue: $0) == nil }
  }()

  /// Which kernels there are.
  static func hint(_ kernels: [KernelName]) -> String {
    guard !kernels.isEmpty else { return "it holds no kernels yet" }
    let names = kernels.prefix(8).map { "'\($0.function)'" }.joined(separator: ", ")
    return "it holds \(names)\(kernels.count > 8 ? ", …" : "")"
  }
}
