import ExperimentRecords

/// When a winner has paid for its search.
struct BreakEven: Hashable {
  /// Geometric means over the workloads: seconds of the original less seconds of the winner.
  var secondsSavedPerCall: Double
  /// CPU seconds of the search over the seconds that a call saves; `nil` when it saves none.
  var calls: Double?

  init(_ measurements: [Measurement], cost: Cost) {
    let before = Fitness.geometricMean(measurements.map(\.baselineNanoseconds))
    let after = Fitness.geometricMean(measurements.map(\.candidateNanoseconds))
    secondsSavedPerCall = (before - after) / 1e9
    calls = secondsSavedPerCall > 0 ? cost.cpuSeconds / secondsSavedPerCall : nil
  }
}
