public import ExperimentRecords

/// A kernel in the JSON documents. What is not known is `null`, never left out.
public struct KernelDocument: Encodable, Sendable {
  /// A workload with what was measured on it.
  public struct Workload: Encodable, Sendable {
    /// Its name.
    public var name: String
    /// The values of its size parameters by name.
    public var sizes: [String: Int]
    /// The speedup of the winner on it.
    public var speedup: ConfidenceInterval?
    /// Median time of one call of the original.
    public var baselineNanoseconds: Double?
    /// Median time of one call of the winner.
    public var candidateNanoseconds: Double?
    /// How many pairs of calls were timed.
    public var pairs: Int?
    /// How many times fresh processes were loaded.
    public var loads: Int?
    /// The compiler that built both.
    public var compiler: String?
    /// Its flags.
    public var flags: [String]?
    /// What the machine allows.
    public var roofline: RooflineDocument?
    /// Instructions of one call of the original and of the winner.
    public var instructions: InstructionCounts?
    /// Threads, and the processor time that all of them take.
    public var threaded: ThreadedTime?
  }

  /// A winner on several threads, apart from all other figures.
  private struct Parallel: Encodable {
    var threads: Int
    var verdict: Verdict
    /// By the clock.
    var speedup: ConfidenceInterval?
    /// Processor time of all threads over the original's.
    var processorRatio: Double?
    var workloads: [Workload]
    var recipe: Recipe
    var entry: Digest
    var patch: String?
  }

  private enum Key: String, CodingKey {
    case file, function, outcome, reason, verdict, speedup, workloads, recipe, evaluations, cost
    case breakEvenCalls, entry, patch, smallestResolvableEffect, overheadShare, parallel
    case retracted, doubt
  }

  private let report: KernelReport
  private let patch: String?
  private let parallelPatch: String?

  /// Describes `report`, whose patch lies at `patch`, and that of its winner on several threads at
  /// `parallelPatch`.
  public init(_ report: KernelReport, patch: String?, parallelPatch: String? = nil) {
    self.parallelPatch = parallelPatch
    self.report = report
    self.patch = patch
  }

  /// Writes the members that the command line's documentation lists.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(report.kernel.file, forKey: .file)
    try container.encode(report.kernel.function, forKey: .function)
    try container.encode(report.outcome, forKey: .outcome)
    try container.encode(report.reason, forKey: .reason)
    try container.encode(report.winner?.verdict, forKey: .verdict)
    try container.encode(report.speedup, forKey: .speedup)
    try container.encode(workloads, forKey: .workloads)
    try container.encode(report.winner?.recipe, forKey: .recipe)
    try container.encode(report.evaluations, forKey: .evaluations)
    try container.encode(report.cost, forKey: .cost)
    try container.encode(report.cost.overheadShare, forKey: .overheadShare)
    try container.encode(report.winner?.breakEvenCalls, forKey: .breakEvenCalls)
    try container.encode(report.entry, forKey: .entry)
    try container.encode(patch, forKey: .patch)
    try container.encode(report.smallestResolvableEffect, forKey: .smallestResolvableEffect)
    try container.encode(parallel, forKey: .parallel)
    try container.encode(report.retracted, forKey: .retracted)
    try container.encode(report.doubt, forKey: .doubt)
  }

  private var parallel: Parallel? {
    report.parallel.map { gain in
      Parallel(
        threads: gain.threads, verdict: gain.winner.verdict, speedup: gain.speedup,
        processorRatio: gain.processorRatio,
        workloads: gain.winner.measurements.map { Self.workload($0, roofline: nil) },
        recipe: gain.winner.recipe, entry: gain.entry, patch: parallelPatch)
    }
  }

  /// The workloads: as measured with the winner, else as they were to be measured.
  private var workloads: [Workload] {
    guard let winner = report.winner else {
      return (report.baseline?.workloads ?? []).map {
        let time = report.baseline?.nanoseconds[$0.name] ?? report.baselineNanoseconds[$0.name]
        return Workload(
          name: $0.name, sizes: $0.sizes, baselineNanoseconds: time,
          roofline: report.limit(on: $0.name).map { RooflineDocument($0, baseline: time) })
      }
    }
    return winner.measurements.map { measured in
      let roofline = report.limit(on: measured.workload).map {
        RooflineDocument(
          $0, baseline: measured.baselineNanoseconds, candidate: measured.candidateNanoseconds)
      }
      return Self.workload(measured, roofline: roofline)
    }
  }

  private static func workload(
    _ measured: ExperimentRecords.Measurement, roofline: RooflineDocument?
  ) -> Workload {
    Workload(
      name: measured.workload, sizes: measured.sizes, speedup: measured.speedup,
      baselineNanoseconds: measured.baselineNanoseconds,
      candidateNanoseconds: measured.candidateNanoseconds, pairs: measured.pairs,
      loads: measured.loads, compiler: measured.compiler, flags: measured.flags,
      roofline: roofline, instructions: measured.instructions, threaded: measured.threaded)
  }
}
