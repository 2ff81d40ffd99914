import ExperimentRecords

/// What `ratchet report --format json` prints: `ratchet.report/1`.
///
/// Members may be added; a removal or a change of meaning raises the number.
public struct ReportDocument: Encodable, Sendable {
  /// The name and number of the form.
  public static let schema = "ratchet.report/1"

  private enum Key: String, CodingKey {
    case schema, head, campaigns, kernels, geometricMean, geometricMeanAtMost4, meanKernels
    case programs, proposals, refusals, evaluations, examinations, cost, overheadShare
    case retractedWinners
  }

  private struct Campaign: Encodable {
    var name: String
    var started: Timestamp
    var stopReason: StopReason?
    var tool: String
    var seed: UInt64
    var settings: [String: String]
    var machine: Machine
    var compiler: Compiler
    var flags: [String]
    var peaks: MachinePeaks?
  }

  /// A kernel with its evidence.
  private struct Kernel: Encodable {
    private enum Key: String, CodingKey {
      case line, contract, contractOrigin, effects, evidence, proposals, secondsSavedPerCall
    }

    var document: KernelDocument
    var report: KernelReport

    func encode(to encoder: any Encoder) throws {
      try document.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(report.baseline?.line, forKey: .line)
      try container.encode(report.baseline?.contract, forKey: .contract)
      try container.encode(report.baseline?.contractOrigin, forKey: .contractOrigin)
      try container.encode(report.winner?.effects ?? [], forKey: .effects)
      try container.encode(report.winner?.evidence ?? [], forKey: .evidence)
      try container.encode(counts(report.outcomes), forKey: .proposals)
      try container.encode(report.winner?.secondsSavedPerCall, forKey: .secondsSavedPerCall)
    }
  }

  private struct Refusal: Encodable {
    var reason: String
    var count: Int
  }

  private let report: Report
  private let kernels: [Kernel]

  /// Describes `report`.
  ///
  /// - Parameter patch: Where the patch of a kernel's winner lies.
  public init(_ report: Report, patch: (KernelReport) -> String? = { _ in nil }) {
    self.report = report
    kernels = report.kernels.map {
      Kernel(document: KernelDocument($0, patch: patch($0)), report: $0)
    }
  }

  /// Writes the document.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(report.head, forKey: .head)
    try container.encode(campaigns, forKey: .campaigns)
    try container.encode(kernels, forKey: .kernels)
    try container.encode(report.geometricMean, forKey: .geometricMean)
    try container.encode(report.geometricMean(cappedAt: 4), forKey: .geometricMeanAtMost4)
    try container.encode(report.meanCount, forKey: .meanKernels)
    try container.encode(report.programs, forKey: .programs)
    try container.encode(counts(report.outcomes), forKey: .proposals)
    try container.encode(report.examinationCosts, forKey: .examinations)
    let refusals = report.refusals.map { Refusal(reason: $0.reason, count: $0.count) }
    try container.encode(refusals, forKey: .refusals)
    try container.encode(report.evaluations, forKey: .evaluations)
    try container.encode(report.retractedCount, forKey: .retractedWinners)
    try container.encode(report.cost, forKey: .cost)
    try container.encode(report.cost.overheadShare, forKey: .overheadShare)
  }

  private var campaigns: [Campaign] {
    report.campaigns.map {
      Campaign(
        name: $0.name, started: $0.startTime, stopReason: $0.ended?.reason, tool: $0.started.tool,
        seed: $0.started.seed, settings: $0.started.settings, machine: $0.started.machine,
        compiler: $0.started.compiler, flags: $0.started.flags,
        peaks: $0.started.peaks)
    }
  }
}

/// How many proposals ended how, by the outcome's name.
private func counts(_ outcomes: [Outcome: Int]) -> [String: Int] {
  Dictionary(uniqueKeysWithValues: outcomes.map { ($0.key.rawValue, $0.value) })
}
