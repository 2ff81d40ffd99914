public import ExperimentRecords
import Foundation
import Sandboxing

/// Chooses sizes to measure a kernel with when nobody has named any: working sets in the first
/// cache, in the second, and beyond, each with calls of 0.2 to 3 ms where the kernel allows.
///
/// All size inputs grow together. Calls that are too short are timed in batches; calls that would
/// be too long are made at a smaller size, so the last working set may stay inside a cache.
public struct WorkloadCalibration: Sendable {
  /// What the sizes are chosen for.
  public struct Goal: Hashable, Sendable {
    /// Working sets in bytes, with the workload's name.
    public var workingSets: [(name: String, bytes: Int)]
    /// The longest call.
    public var longest: Duration

    public static func == (a: Goal, b: Goal) -> Bool {
      a.longest == b.longest && a.workingSets.elementsEqual(b.workingSets, by: ==)
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(longest) }

    /// Half of the first cache, half of the second, and four times the second.
    public init(machine: Machine, longest: Duration = .milliseconds(3)) {
      func capacity(_ level: Int, _ otherwise: Int) -> Int {
        machine.caches.first { $0.level == level && $0.kind != "instruction" }?.bytes ?? otherwise
      }
      let (first, second) = (capacity(1, 32 << 10), capacity(2, 1 << 20))
      workingSets = [("L1", first / 2), ("L2", second / 2), ("beyond", 4 * second)]
      self.longest = longest
    }
  }

  private let source: any MeasurementSource
  private let generator: InputGenerator
  private let goal: Goal

  public init(source: any MeasurementSource, generator: InputGenerator, goal: Goal) {
    self.source = source
    self.generator = generator
    self.goal = goal
  }

  /// The workloads for `object`, the baseline; different in size each, smallest first.
  ///
  /// - Returns: one workload without sizes when the function has no size inputs.
  public func workloads(for object: LoadableObject) async throws -> [Workload] {
    guard !generator.sizeInputs.isEmpty else { return [Workload(name: "as-written", sizes: [:])] }
    var chosen: [Workload] = []
    for (name, bytes) in goal.workingSets {
      guard let scale = largestScale(below: bytes),
        let fitting = try await shortened(scale, object), let sizes = sizes(scale: fitting)
      else { continue }
      if chosen.contains(where: { $0.sizes == sizes }) { continue }
      chosen.append(Workload(name: name, sizes: sizes))
    }
    return chosen
  }

  /// All size inputs near `scale`, moved as little as the contract asks for; `nil` when no value
  /// near it satisfies the contract.
  func sizes(scale: Int) -> [String: Int]? {
    let names = generator.sizeInputs
    for step in 0..<64 {
      for value in Set([scale + step, scale - step]) where value > 0 {
        let sizes = Dictionary(uniqueKeysWithValues: names.map { ($0, value) })
        do {
          _ = try generator.byteCount(sizes: sizes)
          return sizes
        } catch {
          continue
        }
      }
    }
    return nil
  }

  /// The largest scale whose image stays below `bytes`, by doubling and halving.
  func largestScale(below bytes: Int) -> Int? {
    func fits(_ scale: Int) -> Bool {
      guard let sizes = sizes(scale: scale) else { return false }
      do { return try generator.byteCount(sizes: sizes) <= bytes } catch { return false }
    }
    guard fits(1) else { return fits(4) ? 4 : nil }
    var low = 1
    while low < 1 << 26, fits(2 * low) { low *= 2 }
    var high = 2 * low
    while high - low > max(1, low / 64) {
      let middle = low + (high - low) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// The scale itself, or a smaller one whose calls are short enough. Ends because every round at
  /// least halves the scale.
  private func shortened(_ scale: Int, _ object: LoadableObject) async throws -> Int? {
    var scale = scale
    let longest = goal.longest.seconds * 1e9
    while scale >= 1 {
      // A first guess from a small size keeps the probes themselves short.
      guard let nanoseconds = try await time(scale, object) else {
        scale /= 2
        continue
      }
      if nanoseconds <= longest { return scale }
      // Work grows at least linearly with the scale: half as much as the third power says.
      let shrunk = Double(scale) * max(0.05, cubeRoot(longest / nanoseconds))
      let next = min(Int(shrunk), scale - 1)
      let last = try await time(max(1, next), object)
      if let last, last <= longest { return max(1, next) }
      scale = next / 2
    }
    return nil
  }

  private func cubeRoot(_ x: Double) -> Double { pow(x, 1.0 / 3) }

  /// Nanoseconds of one call; `nil` when it did not return in time.
  private func time(_ scale: Int, _ object: LoadableObject) async throws -> Double? {
    guard let sizes = sizes(scale: scale) else { return nil }
    let image = try generator.image(InputPlan(sizes: sizes, placement: .bytes(64), seed: 1))
    var options = TimingOptions(seed: 1, duration: .milliseconds(20), pairs: 5)
    options.limits.call = .milliseconds(500)
    let timing = try await source.timePair(
      original: object, candidate: object, images: [image], options: options)
    guard timing.verdict == .agreed, !timing.pairs.isEmpty else { return nil }
    return PairedStatistics([timing]).originalNanoseconds
  }
}
