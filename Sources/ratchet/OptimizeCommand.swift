import ArgumentParser
import CandidateExecution
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import Sandboxing
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
    // Until the campaign watches for signals there is nothing to put away.
    for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(Ending.stopped.rawValue) } }
    try await withEndings {
      let (options, configuration) = try mergedOptions()
      let survey = try Survey(options: options, configuration: configuration)
      if dryRun { return try show(survey) }
      let state = survey.stateDirectory(options)
      let stop = StopSignal(stateDirectory: state)
      try checkStopFile(in: state)
      try await checkBeforehand(options, survey)
      stop.watch()
      defer { stop.release() }
      let summary = try await search(options, survey, stop)
      var report = CampaignReport(summary: summary, isQuiet: quiet, format: format)
      let refusals = apply ? try applyWinners(of: summary, &report.applied) : 0
      try report.print()
      if summary.reason == .stopped { throw Ending.stopped }
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

  /// Looks for what would end the campaign at once, before anything is written.
  private func checkBeforehand(_ options: CampaignOptions, _ survey: Survey) async throws {
    let state = StateDirectory(FilePath(survey.stateDirectory(options)))
    let lineage = try state.exists() ? Lineage.read(state) : Lineage()
    if resume, lineage.resumableCampaign == nil {
      throw InputError(
        lineage.campaigns.isEmpty
          ? "nothing to resume: there is no campaign"
          : "nothing to resume: the last campaign ended",
        at: SourceLocation(file: state.path.string), remedy: "run without --resume")
    }
    try await checkThreads(options)
    let named = options.compiler ?? survey.kernels.first?.kernel.build.compiler ?? "clang"
    do {
      _ = try await CompilerProbe(runner: try Runner()).resolve(named)
    } catch let error as CompileError {
      throw InputError("\(error)", remedy: "name a working C compiler with --cc")
    } catch let error as RunnerError {
      throw InputError("\(error)", remedy: "build it with 'make build'")
    }
  }

  /// Threads without cores of their own tell nothing, and the sandbox lets none start where it cannot seal
  /// its own pages.
  private func checkThreads(_ options: CampaignOptions) async throws {
    guard options.threads > 1 else { return }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    guard options.threads <= cores else {
      throw InputError(
        "\(options.threads) threads are asked for where \(cores) cores may be used",
        remedy: "ask for at most \(cores) by --threads or 'threads' in .ratchet.yml")
    }
    guard try await Runner().doctor().layers.contains(.sealedPages) else {
      throw InputError(
        "threads cannot be measured here: the sandbox cannot seal its pages",
        remedy: "run on Linux 6.10 or later, or without --threads")
    }
  }

  /// Runs the campaign, and lets the lineage go when it has ended.
  private func search(
    _ options: CampaignOptions, _ survey: Survey, _ stop: StopSignal
  ) async throws -> Campaign.Summary {
    let progress = ProgressReporter(isQuiet: quiet)
    let campaign = try await Campaign(
      options: options, survey: survey, stop: stop, progress: progress,
      signedBy: try SigningKey.configured())
    for note in survey.notes { progress.report(note) }
    if options.threads > 1, !survey.kernels.contains(where: { $0.kernel.build.usesOpenMP }) {
      progress.report("no loop is shared among threads: no kernel's flags have -fopenmp")
    }
    return try await campaign.run()
  }

  private func show(_ survey: Survey) throws {
    switch format {
    case .text: say(KernelTable.text(survey))
    case .json: try sayJSON(KernelTable.Document(survey))
    }
  }

  /// A stop file that somebody left keeps campaigns from running.
  private func checkStopFile(in state: String) throws {
    let path = state + "/STOP"
    guard FileManager.default.fileExists(atPath: path) else { return }
    complain(
      .error(
        "a stop file forbids campaigns here", at: SourceLocation(file: path),
        remedy: "remove it to go on"))
    throw Ending.stopped
  }

  /// Writes the campaign's winners into the sources, as `apply` does, and returns how many were
  /// refused.
  private func applyWinners(
    of summary: Campaign.Summary, _ applied: inout [KernelName]
  ) throws -> Int {
    let directory = StateDirectory(FilePath(summary.stateDirectory))
    let sources = try SourceChanges(directory, command: "ratchet optimize --apply")
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
