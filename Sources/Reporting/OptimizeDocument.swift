import ExperimentRecords

/// What `ratchet optimize --format json` prints: `ratchet.optimize/1`.
///
/// Members may be added; a removal or a change of meaning raises the number.
public struct OptimizeDocument: Encodable, Sendable {
  /// The name and number of the form.
  public static let schema = "ratchet.optimize/1"

  private enum Key: String, CodingKey {
    case schema, campaign, stopReason, machine, compiler, flags, kernels, cost, geometricMean
    case overheadShare, peaks
  }

  private let report: Report
  private let kernels: [KernelDocument]

  /// Describes the newest campaign of `report`.
  ///
  /// - Parameters:
  ///   - patch: Where the patch of a kernel's winner lies.
  ///   - parallelPatch: And that of its winner on several threads.
  public init(
    _ report: Report, patch: (KernelReport) -> String?,
    parallelPatch: (KernelReport) -> String? = { _ in nil }
  ) {
    self.report = report
    kernels = report.kernels.map {
      KernelDocument($0, patch: patch($0), parallelPatch: parallelPatch($0))
    }
  }

  /// Writes the members that the command line's documentation lists.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let campaign = report.campaign
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(campaign?.name, forKey: .campaign)
    try container.encode(campaign?.ended?.reason, forKey: .stopReason)
    try container.encode(campaign?.started.machine, forKey: .machine)
    try container.encode(campaign?.started.compiler, forKey: .compiler)
    try container.encode(campaign?.started.flags, forKey: .flags)
    try container.encode(kernels, forKey: .kernels)
    try container.encode(report.cost, forKey: .cost)
    try container.encode(
      (campaign?.ended?.cost ?? report.cost).overheadShare, forKey: .overheadShare)
    try container.encode(campaign?.started.peaks, forKey: .peaks)
    try container.encode(report.geometricMean, forKey: .geometricMean)
  }
}
