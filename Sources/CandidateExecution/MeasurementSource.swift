/// Where timings come from: the machine, or a recording of it.
///
/// The search asks only this, so that the same seed and the same recorded timings give the same
/// decisions (rule 9).
public protocol MeasurementSource: Sendable {
  /// Times one load of a pair of objects on one workload.
  func timePair(
    original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
    options: TimingOptions
  ) async throws(HarnessError) -> PairedTiming
}
