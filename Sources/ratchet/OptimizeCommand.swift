import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import SystemPackage

/// `ratchet optimize PATH…`: searches, keeps winners, writes patches.
struct OptimizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize",
    abstract: "Searches every kernel for a faster form and keeps what is confirmed and safe.")

  @OptionGroup var input: InputOptions
  @OptionGroup var stateOption: StateOption
  @OptionGroup var ceilings: CeilingOptions

  @Option(
    help: "What to spend on each kernel: 60s, 2m or 200evals.", transform: { try budget(from: $0) })
  var budget: Budget?

  @Option(help: "Floating point: exact (same bits) or relaxed.")
  var fp: FloatingPointMode?

  @Option(help: "The verdict that a winner needs: tested, bounded or proved.")
  var require: RequiredVerdict?

  @Option(
    help: ArgumentHelp(
      "Also look for loops to share among so many threads; counts where the flags have -fopenmp.",
      valueName: "N"))
  var threads: Int?

  @Flag(help: "Apply the winners to the sources; undone by 'ratchet revert'.")
  var apply = false

  @Flag(help: "Show what would be searched, and stop.")
  var dryRun = false

  @Option(help: "The seed of every random choice.")
  var seed: UInt64 = 1

  @Flag(help: "Go on with the campaign that was interrupted.")
  var resume = false

  @Flag(help: "No progress on standard error.")
  var quiet = false

  @Option(help: "How to print the result: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads takes a number from 1 to 256")
    }
  }

  func run() async throws {
    try await withEndings {
      let gate = try AutonomyGate(at: input.paths, user: accountName())
      let (options, configuration) = try mergedOptions(gate.policy)
      let state = Survey.stateDirectory(options)
      if !dryRun { try CampaignRun.checkStopFile(in: state) }
      // Nothing is written by a dry run, so nothing forbids it.
      let halt = Halt(StopSignal(stateDirectory: dryRun ? nil : state))
      defer { halt.release() }
      let survey = try Survey(options: options, configuration: configuration)
      if dryRun { return try show(survey, gate.policy) }
      try checkLevel(gate, state)
      let (isQuiet, format) = (quiet, format)
      let run = CampaignRun(options: options, survey: survey, halt: halt, isQuiet: quiet) {
        var report = CampaignReport(summary: $0, isQuiet: isQuiet, format: format)
        try report.print()
      }
      let summary = try await run()
      var report = CampaignReport(summary: summary, isQuiet: quiet, format: format)
      var ending = Ending.done
      if apply, summary.reason != .stopped {
        ending = try applyWinners(of: summary, halt.stop, &report.applied)
      }
      try report.print()
      if halt.stop.reason != nil || summary.reason == .ceiling { throw Ending.stopped }
      if ending != Ending.done { throw ending }
    }
  }

  /// `--apply` asks for L3; where that is more than is allowed, the log says so before anything is searched.
  private func checkLevel(_ gate: AutonomyGate, _ state: String) throws {
    guard apply else { return }
    do throws(Denial) {
      _ = try gate.applications()
    } catch {
      let writer = try LineageWriter(
        StateDirectory(FilePath(state)), command: "ratchet optimize --apply")
      throw InputError(try writer.refuse(error.record, remedy: error.remedy))
    }
  }

  /// Reads a budget.
  private static func budget(from text: String) throws -> Budget {
    guard let budget = Budget(text) else {
      throw ValidationError("a budget is written 60s, 2m, 1h or 200evals")
    }
    return budget
  }

  private func show(_ survey: Survey, _ policy: AutonomyPolicy) throws {
    switch format {
    case .text: say(KernelTable.text(survey, policy))
    case .json: try sayJSON(KernelTable.Document(survey, policy))
    }
  }

  /// Writes the campaign's winners into the sources, as `apply` does, and returns with what code that
  /// ends.
  private func applyWinners(
    of summary: Campaign.Summary, _ stop: StopSignal, _ applied: inout [KernelName]
  ) throws -> ExitCode {
    let directory = StateDirectory(FilePath(summary.stateDirectory))
    let sources = try SourceChanges(
      directory, command: "ratchet optimize --apply", stop: stop)
    let latest = sources.lineage.latestWinners
    let winners = sources.lineage.entries(ofCampaign: summary.campaign).filter { stored in
      stored.entry.kernel.map { latest[$0]?.id == stored.id } ?? false
    }
    let outcome = try sources.applyAll(winners.map(\.id), campaign: summary.campaign)
    applied = outcome.applied
    return outcome.ending
  }

  private func mergedOptions(
    _ policy: AutonomyPolicy
  ) throws -> (CampaignOptions, Configuration) {
    var (options, configuration) = try input.campaignOptions()
    if let budget { options.budget = budget }
    if let fp { options.floatingPoint = fp }
    if let threads { options.threads = threads }
    if let require { options.requirement = require.verdict }
    options.applies = apply
    options.isDryRun = dryRun
    options.stateDirectory = stateOption.state
    options.seed = seed
    options.resumes = resume
    options.level = policy.description
    options.ceilings = policy.ceilings
    ceilings.lower(&options.ceilings)
    return (options, configuration)
  }
}
