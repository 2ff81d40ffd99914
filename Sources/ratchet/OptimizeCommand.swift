import ArgumentParser
import Diagnostics
import ExperimentRecords
import OptimizationAgent
import Reporting

/// `ratchet optimize PATH…`: searches, keeps winners, writes patches.
struct OptimizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize",
    abstract: "Searches every kernel for a faster form and keeps what is confirmed and safe.")

  @OptionGroup var input: InputOptions
  @OptionGroup var stateOption: StateOption

  @Option(help: "What to spend on each kernel: 60s, 2m or 200evals.")
  var budget: Budget?

  @Option(help: "Floating point: exact (same bits) or relaxed.")
  var fp: FloatingPointMode?

  @Option(help: "The verdict that a winner needs: tested, bounded or proved.")
  var require: RequiredVerdict?

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

  func run() async throws {
    try await withEndings {
      let (options, configuration) = try mergedOptions()
      let survey = try Survey(options: options, configuration: configuration)
      let progress = ProgressReporter(isQuiet: quiet)
      for note in survey.notes { progress.report(note) }
      if dryRun {
        say(KernelTable.text(survey))
        return
      }
      let stop = StopSignal(stateDirectory: survey.stateDirectory(options))
      stop.watch()
      defer { stop.release() }
      let campaign = try await Campaign(
        options: options, survey: survey, stop: stop, progress: progress)
      let summary = try await campaign.run()
      try CampaignReport(summary: summary, isQuiet: quiet, format: format).print()
      if summary.reason == .stopped { throw Ending.stopped }
    }
  }

  private func mergedOptions() throws -> (CampaignOptions, Configuration) {
    var (options, configuration) = try input.campaignOptions()
    if let budget { options.budget = budget }
    if let fp { options.floatingPoint = fp }
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
