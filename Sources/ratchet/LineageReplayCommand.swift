import ArgumentParser
import DependenceAnalysis
import Diagnostics
import EquivalenceChecking
import ExperimentRecords
import KernelModel
import KernelParsing
import LineageLog
import OptimizationAgent
import Passes

/// `ratchet lineage replay ID`: applies a recorded recipe again, judges what it gives, and compares both with
/// the record.
struct LineageReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract:
      "Applies a recorded recipe again: the same bytes, the same verdict? Exit code 1 if not.",
    discussion: """
      --measure also times the candidate again, in pairs with its original, and compares intervals: 'agrees' \
      when each holds the other's median, 'overlaps' when they share a part, else 'faster' or 'slower'. \
      Another machine may well be slower; the exit code is 1 only when the gain is gone: when on no workload \
      the new interval lies above 1, or on some workload all of it lies below 0.98.
      """)

  @Argument(help: "A winner or proposal, by the first digits of its id.")
  var id: String

  @OptionGroup var state: ExistingState

  @Flag(help: "Compare the bytes alone, and ask no judge.")
  var bytesOnly = false

  @Flag(help: "Measure again, too.")
  var measure = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if bytesOnly, measure {
      throw ValidationError("--bytes-only measures nothing: leave one of both out")
    }
  }

  func run() async throws {
    try await withEndings {
      let (lineage, directory) = try state.lineage()
      let stored = try lineage.entry(idPrefix: id)
      let record = try RecordedCandidate(stored, in: lineage)
      let root = try lineage.projectRoot(of: directory, holding: record.kernel.file).string
      let kernel = try parsed(record, root, directory)
      let emitted = try RecipeRunner().apply(record.recipe, to: kernel).emitFinished()
      try compare(ObjectStore.digest(of: emitted), with: record)
      var replay = Replay(
        entry: stored.id, recipe: record.recipe, digest: record.emitted, bytes: emitted.count)
      if !bytesOnly, let recorded = record.verdict {
        let found = try await verdict(on: emitted, kernel, record)
        replay.verdict = .init(recorded: recorded, now: found)
      }
      if measure { replay.measurements = try await gains(of: emitted, kernel, root, record) }
      switch format {
      case .text: say(replay.text)
      case .json: try sayJSON(replay)
      }
      if let complaint = replay.complaint { throw LineageError.refused(.error(complaint)) }
    }
  }

  private func compare(_ found: Digest, with record: RecordedCandidate) throws {
    guard found != record.emitted else { return }
    throw LineageError.refused(
      .error(
        "'\(record.recipe)' gives '\(found.short)' now, and '\(record.emitted.short)' is recorded",
        at: Diagnostics.SourceLocation(file: record.kernel.file),
        remedy: "headers, flags or this program have changed since"))
  }

  /// The recorded source, read as its file was then.
  private func parsed(
    _ record: RecordedCandidate, _ root: String, _ directory: StateDirectory
  ) throws -> Kernel {
    try checkOrigin(of: record, root)
    let path = root + "/" + record.kernel.file
    var parser = KernelParser()
    var build = try parser.build(for: path, root: root)
    if build.arguments != record.baseline.flags {
      parser = KernelParser(.init(flags: record.baseline.flags))
      build = try parser.build(for: path, root: root)
    }
    build.compiler = record.baseline.compiler?.path ?? build.compiler
    let text = try ObjectStore(directory).get(record.source)
    let file = try parser.parseText(text, at: path, build: build)
    guard var kernel = file.kernel(named: record.kernel.function) else {
      let reason = file.skipped.first { $0.name == record.kernel.function }?.reason
      throw InputError(
        "'\(record.kernel.function)' is not read any more: \(reason ?? "it is not there")",
        at: Diagnostics.SourceLocation(file: path))
    }
    kernel.contract = ContractInference.infer(for: kernel)
    return kernel
  }

  /// A log may come from elsewhere: it chooses no program that is run here, and no flag that runs one.
  private func checkOrigin(of record: RecordedCandidate, _ root: String) throws {
    let complaint = record.baseline.compiler.flatMap {
      ForeignFlags.complaint(aboutCompiler: $0.path, in: root, project: root)
    }
    guard let complaint = complaint ?? ForeignFlags(record.baseline.flags).obstacle else { return }
    throw InputError(
      "the recorded build cannot be repeated: \(complaint)",
      at: Diagnostics.SourceLocation(file: record.kernel.file))
  }

  /// What the judge says of the candidate, asked as the campaign asked it.
  private func verdict(
    on emitted: [UInt8], _ kernel: Kernel, _ record: RecordedCandidate
  ) async throws -> Verdict {
    var environment = try await JudgedFunction.environment(record.compiler)
    environment.threads = record.threads
    let verifier = Verifier(
      original: kernel, environment: environment,
      floatingPoint: EquivalenceChecking.FloatingPointMode(
        rawValue: record.floatingPoint.rawValue) ?? .exact, seed: record.seed)
    return await verifier.verify(emitted, requirement: record.requirement).verdict
  }

  private func gains(
    of emitted: [UInt8], _ kernel: Kernel, _ root: String, _ record: RecordedCandidate
  ) async throws -> [ReplayedGain] {
    guard !record.measurements.isEmpty else {
      throw InputError("the entry records no measurement", remedy: "replay it without --measure")
    }
    var options = CampaignOptions(paths: [root])
    options.compiler = record.compiler
    (options.floatingPoint, options.seed) = (record.floatingPoint, record.seed)
    options.threads = record.threads
    do {
      let again = try await Remeasurement(
        of: kernel, root: root, options: options,
        configuration: try Configuration.nearest(to: root))
      let found = try await again.measure(
        emitted, on: record.workloads, threads: record.threads)
      return zip(record.measurements, found).map {
        ReplayedGain(workload: $0.workload, recorded: $0.speedup, now: $1.speedup)
      }
    } catch let failure as CandidateFailure {
      throw LineageError.refused(
        .error("the candidate went wrong while it was timed: \(failure.reason)"))
    }
  }
}

extension RecordedCandidate {
  /// The compiler of the original, as it was started.
  var compiler: String? { baseline.compiler?.path ?? campaign?.compiler.path }

  var floatingPoint: OptimizationAgent.FloatingPointMode {
    let mode = campaign?.settings["fp"] ?? ""
    return OptimizationAgent.FloatingPointMode(rawValue: mode) ?? .exact
  }

  /// What a winner had to reach; nil for the default.
  var requirement: Verdict? {
    campaign?.settings["require"].flatMap { RequiredVerdict(rawValue: $0)?.verdict }
  }

  var seed: UInt64 { campaign?.seed ?? 1 }

  /// What was measured, in the order of the measurements.
  var workloads: [Workload] {
    measurements.map { one in
      baseline.workloads.first { $0.name == one.workload && $0.sizes == one.sizes }
        ?? Workload(name: one.workload, sizes: one.sizes)
    }
  }
}
