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
      let (options, configuration) = try mergedOptions()
      let state = Survey.stateDirectory(options)
      if !dryRun { try CampaignRun.checkStopFile(in: state) }
      // Nothing is written by a dry run, so nothing forbids it.
      let halt = Halt(StopSignal(stateDirectory: dryRun ? nil : state))
      defer { halt.release() }
      let survey = try Survey(options: options, configuration: configuration)
      if dryRun { return try show(survey) }
      let (isQuiet, format) = (quiet, format)
      let run = CampaignRun(options: options, survey: survey, halt: halt, isQuiet: quiet) {
        try CampaignReport(summary: $0, isQuiet: isQuiet, format: format).print()
      }
      let summary = try await run()
      var report = CampaignReport(summary: summary, isQuiet: quiet, format: format)
      var refusals = 0
      if apply, summary.reason != .stopped {
        refusals = try applyWinners(of: summary, halt.stop, &report.applied)
      }
      try report.print()
      if halt.stop.reason != nil { throw Ending.stopped }
      if refusals > 0 { throw Ending.refused }
    }
  }

  /// Reads a budget.
  private static func budget(from text: String) throws -> Budget {
    guard let budget = Budget(text) else {
      throw ValidationError("a budget is written 60s, 2m, 1h or 200evals")
    }
    return budget
  }

  private func show(_ survey: Survey) throws {
    switch format {
    case .text: say(KernelTable.text(survey))
    case .json: try sayJSON(KernelTable.Document(survey))
    }
  }

  /// Writes the campaign's winners into the sources, as `apply` does, and returns how many were
  /// refused.
  private func applyWinners(
    of summary: Campaign.Summary, _ stop: StopSignal, _ applied: inout [KernelName]
  ) throws -> Int {
    let directory = StateDirectory(FilePath(summary.stateDirectory))
    let sources = try SourceChanges(
      directory, command: "ratchet optimize --apply", stop: stop)
    let latest = sources.lineage.latestWinners
    let winners = sources.lineage.entries(ofCampaign: summary.campaign).filter { stored in
      stored.entry.kernel.map { latest[$0]?.id == stored.id } ?? false
    }
    let refusals: Int
    (applied, refusals) = try sources.applyAll(winners.map(\.id), campaign: summary.campaign)
    return refusals
  }

  private func mergedOptions() throws -> (CampaignOptions, Configuration) {
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
    if apply, let maximum = configuration.maximumLevel, maximum < .apply {
      throw InputError(
        "--apply needs level L3, and the configuration allows L\(maximum.rawValue)",
        remedy: "raise 'level' in \(configuration.path ?? ".ratchet.yml"), or apply winners by id")
    }
    return (options, configuration)
  }
}
