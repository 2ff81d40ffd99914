import CandidateExecution
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import Sandboxing
import SystemPackage

/// A campaign as commands run it: looked over beforehand, stopped within two seconds, its lineage let go at the end.
struct CampaignRun {
  var options: CampaignOptions
  var survey: Survey
  var halt: Halt
  var isQuiet: Bool
  /// Prints what a campaign leaves that was stopped and did not end by itself.
  var report: @Sendable (Campaign.Summary) throws -> Void

  /// Runs it.
  ///
  /// Throws: `Ending.stopped` when it was stopped before it began.
  func callAsFunction() async throws -> Campaign.Summary {
    try await checkBeforehand()
    let progress = ProgressReporter(isQuiet: isQuiet)
    let key = try SigningKey.configured()
    let running = RunningCampaign(report: report)
    let (options, survey, stop) = (options, survey, halt.stop)
    let task = Task {
      let campaign = try await Campaign(
        options: options, survey: survey, stop: stop, progress: progress, signedBy: key)
      running.begin(campaign)
      for note in survey.notes { progress.report(note) }
      if options.threads > 1, !survey.kernels.contains(where: { $0.kernel.build.usesOpenMP }) {
        progress.report("no loop is shared among threads: no kernel's flags have -fopenmp")
      }
      return try await campaign.run()
    }
    halt.begin(cancel: { task.cancel() }, abandon: { running.abandon() })
    defer { running.end() }
    do {
      return try await task.value
    } catch {
      // What fails because it was stopped has nothing to say.
      guard let reason = stop.reason, !(error is LineageError) else { throw error }
      complain("stopped by \(printable(reason))")
      throw Ending.stopped
    }
  }

  /// Looks for what would end the campaign at once, before anything is written.
  private func checkBeforehand() async throws {
    let state = StateDirectory(FilePath(Survey.stateDirectory(options)))
    let lineage = try state.exists() ? Lineage.read(state) : Lineage()
    if options.resumes { try checkResuming(lineage, state) }
    try await checkThreads()
    let named = options.compiler ?? survey.kernels.first?.kernel.build.compiler ?? "clang"
    do {
      _ = try await CompilerProbe(runner: try Runner()).resolve(named)
    } catch let error as CompileError {
      throw InputError("\(error)", remedy: "name a working C compiler with --cc")
    } catch let error as RunnerError {
      throw InputError("\(error)", remedy: "build it with 'make build'")
    }
  }

  /// A campaign that was stopped goes on when a person has cleared the stop.
  private func checkResuming(_ lineage: Lineage, _ state: StateDirectory) throws {
    let place = SourceLocation(file: state.path.string)
    guard lineage.resumableCampaign != nil else {
      throw InputError(
        lineage.campaigns.isEmpty
          ? "nothing to resume: there is no campaign"
          : "nothing to resume: the last campaign ended",
        at: place, remedy: "run without --resume")
    }
    guard let pending = lineage.pendingStop else { return }
    complain(
      .error(
        "the campaign was stopped by \(pending.request.by), and nobody has cleared that", at: place,
        remedy: "clear it with 'ratchet stop --clear'"))
    throw Ending.stopped
  }

  /// Threads without cores of their own tell nothing, and the sandbox lets none start where it cannot seal
  /// its own pages.
  private func checkThreads() async throws {
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

  /// A stop file that somebody left keeps campaigns from running.
  ///
  /// Throws: `Ending.stopped`, and says so, when there is one.
  static func checkStopFile(in state: String) throws {
    let path = state + "/STOP"
    guard StopSignal.isThere(path) else { return }
    complain(
      .error(
        "a stop file forbids campaigns here", at: SourceLocation(file: path),
        remedy: "clear it with 'ratchet stop --clear'"))
    throw Ending.stopped
  }
}
