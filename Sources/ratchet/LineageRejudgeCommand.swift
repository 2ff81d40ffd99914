import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import SystemPackage

/// `ratchet lineage rejudge`: judges old winners again, and retracts what does not hold.
struct LineageRejudgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejudge",
    abstract: "Judges old winners again by the present judge, and retracts those that do not hold.",
    discussion: """
      A winner that is refuted, or that does not give what a stricter gate asks for, is retracted with all that \
      descends from it, by new entries; the files that hold it are named. One that cannot be judged today is \
      kept in doubt. What this build has judged already is left out unless it is named. Interrupted, it goes on \
      where it was when it is run again.

      Exit codes: 0 all stand, 1 something was retracted, 3 stopped, or something is in doubt, 2 bad input, 4 \
      the log is damaged.
      """)

  @Argument(help: "Winners by the first digits of their ids; default: all that are not retracted.")
  var ids: [String] = []

  @Option(help: "Only the winners of this kernel: FUNCTION or FILE:FUNCTION.")
  var kernel: String?

  @OptionGroup var state: ExistingState

  @Option(help: "The C compiler, in place of the recorded one as PATH finds it.")
  var cc: String?

  @Flag(help: "Tell what would be judged, and stop.")
  var dryRun = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    guard ids.isEmpty || kernel == nil else {
      throw ValidationError("name ids or --kernel, not both")
    }
  }

  func run() async throws {
    // Until judging begins there is nothing to put away.
    for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(Ending.stopped.rawValue) } }
    try await withEndings {
      let (lineage, directory) = try state.lineage()
      let present = JudgeIdentity.current
      let choice = try RejudgeChoice(of: lineage, ids: ids, kernel: kernel, judge: present)
      var report = RejudgeReport(judge: present, choice: choice)
      if !dryRun { try await judge(choice, lineage, directory, &report) }
      switch format {
      case .text: say(report.text(isDry: dryRun))
      case .json: try sayJSON(report.document(isDry: dryRun))
      }
      if let ending = report.ending { throw ending }
    }
  }

  private func judge(
    _ choice: RejudgeChoice, _ lineage: Lineage, _ directory: StateDirectory,
    _ report: inout RejudgeReport
  ) async throws {
    let stop = StopSignal(stateDirectory: directory.path.string)
    if let reason = stop.reason {
      complain(.error("nothing is judged: \(reason) forbids it", remedy: "remove it to go on"))
      throw Ending.stopped
    }
    let key = try SigningKey.configured()
    let writer = try LineageWriter(directory, command: "ratchet lineage rejudge")
    defer { writer.close() }
    stop.watch()
    defer { stop.release() }
    let rejudging = try Rejudging(lineage, writer.objects, by: report.judge, compiler: cc)
    report.retractions += try writer.recordRetractions()
    for stored in choice.winners where stop.reason == nil {
      // What descends from one that was retracted just now is settled.
      if ids.isEmpty, writer.lineage.standings.retractions[stored.id] != nil { continue }
      let root = lineage.presumedRoot(of: directory, holding: stored.winner.kernel.file)
      let answer = await Interruptible.value(until: stop) {
        await rejudging.judge(stored.id, stored.winner, under: root)
      }
      guard let answer else { break }
      report.judged.append(.init(entry: try writer.append(.rejudged(answer)).id, rejudged: answer))
      report.retractions += try writer.recordRetractions()
    }
    report.stopReason = stop.reason
    if stop.reason != nil { try? FileManager.default.removeItem(atPath: rejudging.scratchPath) }
    if !report.isEmpty { try writer.checkpoint(signedBy: key) }
    try PatchFiles(directory).withdrawRetracted(in: writer.lineage)
    report.files = writer.lineage.retractedFiles(writer.objects) {
      lineage.presumedRoot(of: directory, holding: $0).appending($0)
    }
  }
}

/// The winners that are to be judged.
struct RejudgeChoice {
  /// Applied ones first, then the newest first.
  private(set) var winners: [StoredWinner] = []
  /// How many this judge has judged already.
  private(set) var skipped = 0
  /// What is retracted already, which no judgement takes back.
  private(set) var retracted: Set<Digest> = []

  /// Throws `InputError` for an id that is no winner's, and for a kernel that the lineage does not know.
  init(of lineage: Lineage, ids: [String], kernel: String?, judge: JudgeIdentity) throws {
    let standings = lineage.standings
    retracted = Set(standings.retractions.keys)
    if !ids.isEmpty {
      winners = try ids.map { try Self.winner(try lineage.entry(idPrefix: $0)) }
      return
    }
    if let kernel, lineage.kernels(named: kernel).isEmpty {
      throw InputError(
        "no kernel '\(kernel)' in the lineage", remedy: LineageLogCommand.hint(lineage.kernels))
    }
    let meant = EntryFilter(kernel: kernel, kinds: ["winner"])
    let all = lineage.entries.reversed().filter { stored in
      meant.passes(stored.entry) && standings.retractions[stored.id] == nil
    }
    let open = try all.filter { !standings.isJudged($0.id, by: judge) }.map(Self.winner)
    skipped = all.count - open.count
    let applied = Set(lineage.appliedSources.values.flatMap { $0.current.layers.map(\.winner) })
    winners = open.filter { applied.contains($0.id) } + open.filter { !applied.contains($0.id) }
  }

  private static func winner(_ stored: StoredEntry) throws -> StoredWinner {
    guard case .winner(let winner) = stored.entry.content else {
      throw InputError(
        "entry '\(stored.id.short)' is no winner but of kind '\(stored.entry.content.kind)'",
        remedy: "'ratchet lineage log --outcome winner' lists the winners")
    }
    return StoredWinner(id: stored.id, time: stored.entry.time, winner: winner)
  }
}

extension Lineage {
  /// Where the files of kernels should be, whether or not `file` is there.
  func presumedRoot(of state: StateDirectory, holding file: String) -> FilePath {
    if let root = try? projectRoot(of: state, holding: file) { return root }
    let parent = state.path.removingLastComponent()
    return parent.isEmpty ? "." : parent
  }
}
