import Diagnostics
public import ExperimentRecords
import Foundation
public import LineageLog
import SystemPackage

/// One run of `ratchet optimize`: every kernel of the survey is searched in turn, and everything that
/// happens has its entry in the lineage.
public struct Campaign: Sendable {
  let options: CampaignOptions
  let survey: Survey
  let stop: StopSignal
  let progress: ProgressReporter
  let writer: LineageWriter
  let workbench: Workbench
  /// Signs the checkpoint at the end, where a person has a key.
  private let key: SigningKey?
  private let course = CampaignCourse()

  /// What a campaign leaves.
  public struct Summary: Sendable {
    public var campaign: String
    public var reason: StopReason
    public var detail: String?
    public var stateDirectory: String
    /// The ceiling that ended it.
    public var ceiling: CeilingReached?
  }

  /// Takes the lock of the state directory, which is created when it is missing.
  ///
  /// Throws: `LineageError` when another campaign holds the lock, the directory cannot be written, or
  /// its log is damaged; `InputError` when no compiler works.
  public init(
    options: CampaignOptions, survey: Survey, stop: StopSignal, progress: ProgressReporter,
    signedBy key: SigningKey? = nil
  ) async throws {
    self.key = key
    self.options = options
    self.survey = survey
    self.stop = stop
    self.progress = progress
    writer = try LineageWriter(
      StateDirectory(FilePath(Survey.stateDirectory(options))), command: "ratchet optimize")
    workbench = try await Workbench(options: options, survey: survey)
  }

  /// Runs to the end and returns how it ended. Cancelling the task ends the programs that it waits for.
  ///
  /// Throws: `LineageError` when the log cannot be written, or when `abandon()` has ended the record.
  public func run() async throws -> Summary {
    let resumed = try resumable()
    let name = resumed?.name ?? Self.newName()
    let before = writer.lineage.spent(byCampaign: name)
    try writer.append(.campaignStarted(started()), campaign: name)
    course.begin(name)
    var tally = Tally(sentinels: Sentinels(inherited: distrust(in: name)))
    tally.ceilings = CeilingWatch(options.ceilings, before: before)
    try recordWithheld(name)
    do {
      try await search(campaign: name, resumed: resumed, tally: &tally)
    } catch {
      if course.takeEnd() != nil { try end(name, .failed, "\(error)", tally) }
      throw error
    }
    if tally.ceiling == nil { await measureProgram(campaign: name) }
    guard course.takeEnd() != nil else {
      throw LineageError.input(InputError("the campaign's record has been ended"))
    }
    let reason: StopReason =
      stop.reason != nil
      ? .stopped : tally.ceiling != nil ? .ceiling : tally.isBudgetSpent ? .budget : .completed
    if let why = stop.reason {
      try writer.append(.stopRequested(StopRequested(by: why)), campaign: name)
    }
    try end(name, reason, stop.reason, tally)
    return summary(name, reason, tally)
  }

  /// Ends the record of a campaign that was stopped and has not ended by itself, from another thread. The
  /// caller ends the process: what the search still does is not heard any more.
  ///
  /// Returns: `nil` when the campaign has not begun, or ends or has ended by itself.
  ///
  /// Throws: `LineageError` when the log cannot be written.
  public func abandon() throws -> Summary? {
    guard let name = course.takeEnd() else { return nil }
    let tally = Tally(recorded: writer.lineage.entries(ofCampaign: name))
    try writer.append(
      .stopRequested(StopRequested(by: stop.reason ?? "a person")), campaign: name)
    try end(name, .stopped, stop.reason, tally)
    writer.close()
    return summary(name, .stopped, tally)
  }

  private func summary(_ name: String, _ reason: StopReason, _ tally: Tally) -> Summary {
    Summary(
      campaign: name, reason: reason, detail: stop.reason,
      stateDirectory: writer.directory.path.string, ceiling: tally.ceiling)
  }

  /// Records what the configuration asked for and did not get.
  private func recordWithheld(_ campaign: String) throws {
    for withheld in survey.configuration.withheld {
      let origin = survey.configuration.path ?? "the configuration"
      let refused = ActionRefused(
        action: withheld.action, origin: origin, reason: withheld.reason,
        by: ProcessInfo.processInfo.userName)
      progress.report(
        DiagnosticRenderer().render(
          try writer.refuse(
            refused, campaign: campaign, remedy: "start from the directory of '\(origin)'")))
    }
  }

  /// Times the user's program with all winners of this campaign in place, when the configuration names
  /// one; a program that fails is told and loses nothing.
  private func measureProgram(campaign: String) async {
    guard stop.reason == nil, let program = survey.configuration.program,
      let configuration = survey.configuration.path
    else { return }
    let own = Set(writer.lineage.entries(ofCampaign: campaign).map(\.id))
    let winners = writer.lineage.latestWinners.values.filter { own.contains($0.id) }
      .sorted { $0.winner.kernel < $1.winner.kernel }
    guard !winners.isEmpty else { return }
    progress.report("timing the program '\(program.run)' with \(winners.count) winners in place")
    let project = URL(fileURLWithPath: configuration).deletingLastPathComponent().path
    do {
      let measured = try await ProgramInPlace(
        program: program, project: project, runner: workbench.runner
      ).measure(try changedFiles(winners, project), winners: winners.map(\.id), seed: options.seed)
      try writer.append(.programMeasured(measured), campaign: campaign)
    } catch {
      let reason = (error as? InputError)?.description ?? "\(error)"
      progress.report("the program was not measured: \(reason)")
    }
  }

  /// Every file with all its winners, by path below the project's directory.
  private func changedFiles(_ winners: [StoredWinner], _ project: String) throws
    -> [ProgramInPlace.ChangedFile]
  {
    var files: [String: [UInt8]] = [:]
    for stored in winners {
      let winner = stored.winner
      let path = URL(fileURLWithPath: survey.root + "/" + winner.kernel.file).path
      guard path.hasPrefix(project + "/") else { continue }
      let relative = String(path.dropFirst(project.count + 1))
      let base = try writer.objects.get(winner.baseSource)
      let text = try writer.objects.get(winner.newSource)
      guard let both = merged(base: base, ours: files[relative] ?? base, theirs: text) else {
        throw InputError("the winners of '\(relative)' overlap")
      }
      files[relative] = both
    }
    return files.map { ProgramInPlace.ChangedFile(path: $0.key, bytes: $0.value) }
      .sorted { $0.path < $1.path }
  }

  private struct Tally {
    var outcomes: [KernelOutcome: Int] = [:]
    var evaluations = 0
    var cost = Cost()
    var isBudgetSpent = false
    var sentinels = Sentinels()
    var ceilings = CeilingWatch()
    /// The ceiling that ends the campaign.
    var ceiling: CeilingReached?

    init(sentinels: Sentinels = Sentinels()) { self.sentinels = sentinels }

    /// What the entries of a campaign say of the kernels that it is done with.
    init(recorded entries: [StoredEntry]) {
      for case .kernelFinished(let finished) in entries.map(\.entry.content) { add(finished) }
    }

    mutating func add(_ finished: KernelFinished) {
      outcomes[finished.outcome, default: 0] += 1
      evaluations += finished.evaluations + (finished.parallel?.evaluations ?? 0)
      cost += finished.cost + (finished.parallel?.cost ?? Cost())
    }
  }

  private func search(campaign: String, resumed: CampaignRecord?, tally: inout Tally) async throws {
    let kernels = survey.kernels
    let retracted = writer.lineage.standings.retractions
    for skipped in survey.skipped {
      let isKnown = resumed?.finished[skipped.name] != nil
      if !isKnown { try record(skipped: skipped, campaign) }
      tally.outcomes[.skipped, default: 0] += 1
    }
    for (index, kernel) in kernels.enumerated() where stop.reason == nil {
      // A kernel whose winner was retracted since is searched anew.
      if let finished = resumed?.finished[kernel.name], finished.outcome != .failed,
        finished.winner.map({ retracted[$0] == nil }) ?? true
      {
        tally.outcomes[finished.outcome, default: 0] += 1
        continue
      }
      tally.ceilings.booked = tally.cost
      tally.ceiling = tally.ceiling ?? tally.ceilings.reached()
      guard tally.ceiling == nil else { break }
      let finished = try await search(kernel, index + 1, campaign, &tally)
      try writer.append(.kernelFinished(finished), campaign: campaign)
      tally.add(finished)
      progress.report(ClosingLine.text(finished, winner: writer.lineage.latestWinners[kernel.name]))
      if let parallel = finished.parallel {
        progress.report(
          ClosingLine.text(parallel, winner: writer.lineage.latestParallelWinners[kernel.name]))
      }
    }
  }

  /// Searches one kernel; whatever goes wrong with it ends this kernel and not the campaign, except a
  /// log that cannot be written.
  private func search(
    _ kernel: SurveyedKernel, _ position: Int, _ campaign: String, _ tally: inout Tally
  ) async throws -> KernelFinished {
    let spent = tally.cost.cpuSeconds
    do {
      let prepared = try await workbench.prepare(kernel)
      if let stopped = stopped(kernel) { return stopped }
      try writer.objects.put(kernel.kernel.source.bytes)
      let baseline = try writer.append(.baseline(prepared.baseline), campaign: campaign)
      let log = SearchLog(
        writer: writer, campaign: campaign, kernel: kernel.name, baseline: baseline.id)
      try await check(&tally, prepared, campaign)
      var search = workbench.search(
        prepared, log: log, stop: stop, errors: errors(for: kernel.name, campaign),
        trust: tally.sentinels.trust
      ) {
        [progress] phase, evaluations, best, cpuSeconds in
        progress.update(
          CampaignProgress(
            kernel: kernel.name.function, position: position, total: survey.kernels.count,
            phase: phase, evaluations: evaluations, best: best, cpuSeconds: spent + cpuSeconds,
            remainingSeconds: remaining(after: position)))
      }
      tally.ceilings.booked = tally.cost
      search.search.ceilings = tally.ceilings
      let result = try await search.search.run(in: search.space)
      try search.search.log.check()
      tally.isBudgetSpent = tally.isBudgetSpent || result.isBudgetSpent
      tally.ceiling = result.ceiling
      var finished = finished(kernel, result)
      finished.cost += log.cost
      if stop.reason == nil, tally.ceiling == nil, workbench.mayStartThreads(prepared) {
        log.threads = options.threads
        var parallel = workbench.parallelSearch(
          prepared, after: search.search, best: result.winner?.recipe,
          onProgress: search.search.onProgress)
        parallel.ceilings = tally.ceilings
        parallel.ceilings.booked += result.cost
        finished.parallel = try await parallel.end(in: search.space)
      }
      return finished
    } catch let error as LineageError {
      throw error
    } catch {
      // Programs that a stop ended say nothing about the kernel.
      if let stopped = stopped(kernel) { return stopped }
      let outcome: KernelOutcome = error is Unsearchable ? .skipped : .failed
      return KernelFinished(kernel: kernel.name, outcome: outcome, reason: reason(of: error))
    }
  }

  /// The end of a kernel's search by a stop; what was stopped is searched again by `--resume`.
  private func stopped(_ kernel: SurveyedKernel) -> KernelFinished? {
    stop.reason.map {
      KernelFinished(
        kernel: kernel.name, outcome: .failed, reason: "stopped by \($0) before its end")
    }
  }

  /// Runs the sentinels when they are due; what they find is logged, and told when nothing is to be
  /// kept any more.
  private func check(
    _ tally: inout Tally, _ prepared: Workbench.Prepared, _ campaign: String
  ) async throws {
    guard stop.reason == nil, tally.ceilings.reached() == nil,
      tally.sentinels.isDue(options.budget)
    else { return }
    let wasTrusted = tally.sentinels.trust.distrust == nil
    do {
      let executor = workbench.executor(prepared)
      for checked in try await tally.sentinels.check(prepared.surveyed.name, executor) {
        try writer.append(.sentinelChecked(checked), campaign: campaign)
        tally.cost += checked.cost
      }
    } catch let failure as CandidateFailure {
      progress.report("the sentinels were not measured: \(failure.reason)")
    }
    if wasTrusted, let distrust = tally.sentinels.trust.distrust {
      progress.report("the measurement is not to be trusted, nothing more is kept: \(distrust)")
    }
  }

  /// What the sentinels of a campaign found before it was resumed.
  private func distrust(in campaign: String) -> String? {
    writer.lineage.entries(ofCampaign: campaign).compactMap { stored in
      if case .sentinelChecked(let checked) = stored.entry.content { checked.reason } else { nil }
    }.first
  }

  /// What the kernel's confirmations may spend; what a resumed campaign has spent stays spent.
  private func errors(for kernel: KernelName, _ campaign: String) -> ErrorBudget {
    let spent = writer.lineage.entries(ofCampaign: campaign).compactMap { stored in
      switch stored.entry.content {
      case .proposal(let proposal) where proposal.kernel == kernel: proposal.confirmation?.ordinal
      case .winner(let winner) where winner.kernel == kernel: winner.confirmation?.ordinal
      default: nil
      }
    }
    return ErrorBudget(kernels: survey.kernels.count, spent: spent.max() ?? 0)
  }

  private func finished(_ kernel: SurveyedKernel, _ result: SearchResult) -> KernelFinished {
    KernelFinished(
      kernel: kernel.name, outcome: result.outcome, reason: result.reason,
      evaluations: result.evaluations, smallestResolvableEffect: result.resolution,
      winner: result.entry, cost: result.cost)
  }

  private func record(skipped: SkippedKernel, _ campaign: String) throws {
    let finished = KernelFinished(
      kernel: skipped.name, outcome: .skipped, reason: skipped.reason)
    try writer.append(.kernelFinished(finished), campaign: campaign)
  }

  private func remaining(after position: Int) -> Double? {
    guard case .seconds(let seconds) = options.budget else { return nil }
    return seconds * Double(survey.kernels.count - position + 1)
  }

  private func started() -> CampaignStarted {
    CampaignStarted(
      tool: "ratchet \(ratchetVersion)", paths: options.paths,
      settings: options.settings(root: survey.root),
      seed: options.seed, machine: workbench.machine, compiler: workbench.compiler,
      flags: survey.flags, user: ProcessInfo.processInfo.userName,
      peaks: workbench.peaks)
  }

  private func end(_ name: String, _ reason: StopReason, _ detail: String?, _ tally: Tally) throws {
    let kernels = tally.outcomes.map { ($0.key.rawValue, $0.value) }
    try writer.append(
      .campaignEnded(
        CampaignEnded(
          reason: reason, detail: detail, kernels: Dictionary(uniqueKeysWithValues: kernels),
          evaluations: tally.evaluations, cost: wholeCost(tally), ceiling: tally.ceiling)),
      campaign: name)
    try writer.checkpoint(signedBy: key)
  }

  /// The kernels' cost, with all CPU time of this process and its children, whoever spent it.
  private func wholeCost(_ tally: Tally) -> Cost {
    var cost = tally.cost
    cost.cpuSeconds = max(cost.cpuSeconds, CostMeter.spent)
    cost.phases[.parse] = survey.reading.cpuSeconds
    return cost
  }

  /// The campaign to go on with; a fresh one is begun unless `--resume` asks otherwise.
  private func resumable() throws(InputError) -> CampaignRecord? {
    guard options.resumes else { return nil }
    guard let campaign = writer.lineage.resumableCampaign else {
      throw InputError(
        "nothing to resume: the last campaign ended", remedy: "run without --resume")
    }
    return campaign
  }

  private static func newName() -> String {
    String(format: "%08x", UInt32.random(in: .min ... .max))
  }
}

/// The version that reports and the log name.
public let ratchetVersion = "0.1.0"

/// Why a kernel that was parsed cannot be searched.
struct Unsearchable: Error, CustomStringConvertible {
  var reason: String
  var description: String { reason }
}

/// What went wrong, in house grammar.
func reason(of error: any Error) -> String {
  (error as? InputError)?.diagnostic.message ?? "\(error)"
}
