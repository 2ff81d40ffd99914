import ExperimentRecords

/// A workload's limit on this machine in the JSON documents.
public struct RooflineDocument: Encodable, Sendable {
  /// Floating-point operations of a call.
  public var operations: Int
  /// Distinct bytes that a call touches.
  public var bytes: Int
  /// Operations per byte.
  public var intensity: Double?
  /// Whether the counts tell all of the kernel; else something in it depends on data.
  public var isWhole: Bool
  /// The least time of a call.
  public var nanoseconds: Double
  /// What it comes from: `compute`, or a level of memory.
  public var limitedBy: String
  /// Below this a time is impossible.
  public var certainNanoseconds: Double
  /// How many times the limit the original takes.
  public var baselineDistance: Double?
  /// How many times the limit the winner takes.
  public var distance: Double?

  init(_ limit: RooflineLimit, baseline: Double?, candidate: Double? = nil) {
    operations = limit.operations
    bytes = limit.bytes
    intensity = limit.intensity
    isWhole = limit.isWhole
    nanoseconds = limit.nanoseconds
    limitedBy = limit.limitedBy
    certainNanoseconds = limit.certainNanoseconds
    baselineDistance = baseline.flatMap(limit.distance)
    distance = candidate.flatMap(limit.distance)
  }
}

/// What the machine allows and how far from it a kernel is, in one line.
func limitText(_ limit: RooflineLimit, baseline: Double?, candidate: Double? = nil) -> String {
  let distances = [baseline, candidate].compactMap { $0.flatMap(limit.distance) }
    .map { speedupText($0) }
  let source = limit.limitedBy == "compute" ? "computing" : "moving data from \(limit.limitedBy)"
  let least = limit.isWhole ? "" : "at least "
  let intensity = limit.intensity.map { ", \(least)\(fixed($0, 2)) operations a byte" } ?? ""
  let reached = distances.isEmpty ? "" : "\(distances.joined(separator: " → ")) "
  let about = limit.isWhole ? "" : "about "
  return
    "\(reached)the limit of \(about)\(callText(nanoseconds: limit.nanoseconds)), set by \(source)"
    + intensity
}

/// The lines on limits of a kernel, one for each workload where it is known.
func limitLines(_ kernel: KernelReport) -> [String] {
  let workloads =
    kernel.baseline?.workloads.map(\.name) ?? kernel.winner?.measurements.map(\.workload)
  return (workloads ?? []).compactMap { name in
    guard let limit = kernel.limit(on: name) else { return nil }
    let measured = kernel.winner?.measurements.first { $0.workload == name }
    let before = measured?.baselineNanoseconds ?? kernel.baselineNanoseconds[name]
    return "limit on \(name): "
      + limitText(limit, baseline: before, candidate: measured?.candidateNanoseconds)
  }
}

/// The peaks of a machine in one line.
func peaksText(_ peaks: MachinePeaks) -> String {
  func giga(_ value: Double) -> String { fixed(value / 1e9, 1) }
  let levels = peaks.levels.map {
    "\($0.name) \(giga($0.readBytesPerSecond)) read, \(giga($0.triadBytesPerSecond)) triad"
  }
  return "GFLOP/s FP64 \(giga(peaks.double.fused)) fused, \(giga(peaks.double.apart)) apart, FP32 "
    + "\(giga(peaks.single.fused)) fused, \(giga(peaks.single.apart)) apart; GB/s "
    + levels.joined(separator: "; ")
}
