import CandidateExecution
import ExperimentRecords
import Foundation
import Sandboxing

/// Finds smaller sizes at which to search, where a call on a workload takes long.
///
/// All sizes shrink together, so that rows stay as long against columns; what repeats without touching
/// more memory (time steps) shrinks first, and inputs that no loop or extent depends on stay. The working set stays beyond the same caches as the
/// workload's where that allows calls of a tenth of a second.
struct StandIns {
  let source: any MeasurementSource
  /// Capacities of the data caches, smallest first.
  let cacheBytes: [Int]
  /// How long a call may take in a search, in nanoseconds.
  var longest = 3e7
  /// Calls that seem to be no longer than this are searched with as they are.
  var longestAtFullSize = 1.5e8
  /// How long it may take to stay in the same caches.
  var longestInCaches = 1.2e8

  private static let fewestSteps = 4
  private static let smallest = 32

  /// A smaller workload for `workload`; nil where its own calls are short enough or no sizes fit.
  func standIn(for workload: PreparedWorkload, of object: LoadableObject) async
    -> PreparedWorkload.Smaller?
  {
    guard let ladder = Ladder(workload) else { return nil }
    var scale = min(1, Double(Self.smallest) / Double(max(1, ladder.largest)))
    guard
      var nanoseconds = await time(ladder.sizes(scale, steps: Self.fewestSteps), workload, object)
    else { return nil }
    while scale < 1, nanoseconds < longest / 8 {
      let next = min(1, 2 * scale)
      guard let time = await time(ladder.sizes(next, steps: Self.fewestSteps), workload, object)
      else {
        break
      }
      (scale, nanoseconds) = (next, time)
    }
    let whole =
      nanoseconds / (scale * scale * scale)
      * max(1, Double(ladder.mostSteps) / Double(Self.fewestSteps))
    if whole < longestAtFullSize { return nil }
    var steps = Self.fewestSteps
    if scale >= 1, nanoseconds < longest {
      let most = Double(Self.fewestSteps) * longest / max(1, nanoseconds)
      steps = max(steps, Int(min(most, 1e9)))
    } else {
      let share = cbrt(longest / max(1, nanoseconds))
      let kept = inCaches(ladder, workload, scale, nanoseconds)
      scale = min(1, max(kept, min(2 * scale, scale * share)))
    }
    guard let sizes = fitting(ladder.sizes(scale, steps: steps), workload), sizes != ladder.full
    else { return nil }
    return PreparedWorkload.Smaller(name: "\(workload.workload.name), smaller", sizes: sizes)
  }

  /// The smallest scale that leaves the working set beyond the caches that it is beyond at full size,
  /// where calls are short enough there; else 0.
  private func inCaches(
    _ ladder: Ladder, _ workload: PreparedWorkload, _ scale: Double, _ nanoseconds: Double
  ) -> Double {
    guard let bytes = workload.bytes(at: ladder.full),
      let passed = cacheBytes.last(where: { $0 < bytes })
    else { return 0 }
    var wanted = scale
    while wanted < 1 {
      if let own = workload.bytes(at: ladder.sizes(wanted, steps: Self.fewestSteps)), own > passed {
        break
      }
      wanted *= 1.1
    }
    let ratio = min(1, wanted) / scale
    return nanoseconds * ratio * ratio * ratio <= longestInCaches ? min(1, wanted) : 0
  }

  /// Sizes near `sizes` that satisfy the contract.
  private func fitting(_ sizes: [String: Int], _ workload: PreparedWorkload) -> [String: Int]? {
    for change in [0, 1, -1, 2, -2, 3, -3] {
      let near = Dictionary(
        uniqueKeysWithValues: sizes.map { name, value in
          (name, workload.shrinkable.contains(name) ? max(1, value + change) : value)
        })
      if workload.bytes(at: near) != nil { return near }
    }
    return nil
  }

  /// Nanoseconds of one call; nil when it did not return in time.
  private func time(
    _ sizes: [String: Int], _ workload: PreparedWorkload, _ object: LoadableObject
  ) async -> Double? {
    guard let sizes = fitting(sizes, workload) else { return nil }
    var small = workload
    small.workload.sizes = sizes
    guard let image = try? small.image(1) else { return nil }
    let options = TimingOptions(seed: 1, duration: .milliseconds(1), pairs: 1, callsPerBatch: 1)
    guard
      let timing = try? await source.timePair(
        original: object, candidate: object, images: [image], options: options),
      timing.verdict == .agreed, !timing.pairs.isEmpty
    else { return nil }
    return PairedStatistics([timing]).originalNanoseconds
  }

  /// The sizes of a workload and what they do.
  private struct Ladder {
    let full: [String: Int]
    private let shrinkable: Set<String>
    /// Sizes that the working set does not depend on.
    private let repeats: Set<String>
    let largest: Int
    let mostSteps: Int

    /// Nil where nothing can shrink.
    init?(_ workload: PreparedWorkload) {
      full = workload.workload.sizes
      shrinkable = workload.shrinkable
      guard let bytes = workload.bytes(at: full) else { return nil }
      var repeats: Set<String> = []
      for (name, value) in full
      where shrinkable.contains(name) && value > 2 * StandIns.fewestSteps {
        var half = workload.workload.sizes
        half[name] = value / 2
        if workload.bytes(at: half) == bytes { repeats.insert(name) }
      }
      self.repeats = repeats
      largest =
        full.filter { workload.shrinkable.contains($0.key) && !repeats.contains($0.key) }.values
        .max()
        ?? 1
      mostSteps = full.filter { repeats.contains($0.key) }.values.max() ?? 1
      guard largest > StandIns.smallest || mostSteps > StandIns.fewestSteps else { return nil }
    }

    /// What repeats is cut to `steps`, the rest scaled.
    func sizes(_ scale: Double, steps: Int) -> [String: Int] {
      Dictionary(
        uniqueKeysWithValues: full.map { name, value in
          if !shrinkable.contains(name) { return (name, value) }
          if repeats.contains(name) { return (name, min(value, steps)) }
          return (name, value <= 8 ? value : max(8, Int((Double(value) * scale).rounded())))
        })
    }
  }
}
