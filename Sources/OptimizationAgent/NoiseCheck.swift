import CandidateExecution
public import ExperimentRecords
import Foundation
public import Sandboxing

/// What the noise of this machine allows now: loads of two copies of one object, taken as a
/// campaign takes them, and the smallest gain that campaigns with such loads would confirm.
public struct NoiseCheck: Sendable, Encodable {
  /// Wall seconds that a confirmation of the smallest resolvable gain takes, on average.
  public let seconds: Double
  /// The smallest share by which a candidate must be faster to be confirmed in `power` of all tries,
  /// at the error that a campaign of one kernel grants its first finalist.
  public let smallestResolvableEffect: Double
  /// The ratio of the two copies, which is 1 but for noise.
  public let ratio: ConfidenceInterval
  /// 95th percentile of |ratio - 1| of a load.
  public let floor: Double
  public let loads: Int
  public let compiler: String

  /// Share of tries in which a gain must be found to count as resolved.
  public static let power = 0.8
  private static let tries = 200
  private static let gains = [
    0.0005, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08, 0.12,
    0.2, 0.35, 0.5, 1,
  ]

  /// Judges recorded loads.
  ///
  /// - Parameters:
  ///   - data: median log ratio of each load of two copies, at least one.
  ///   - secondsPerLoad: wall time of a load.
  init(data: [Double], secondsPerLoad: Double, compiler: String) {
    var resolved = (gain: Self.gains.last ?? 1, loads: 0.0)
    for gain in Self.gains {
      // The filter of worth-while gains is a choice, not a property of the machine.
      var campaigns = ResampledCampaigns(data: data, seed: 1)
      var (found, loads) = (0, 0)
      for _ in 0..<Self.tries {
        let test = campaigns.confirmation(shift: log(1 + gain), smallestEffect: 0)
        loads += test.loads
        if test.decision == .winner { found += 1 }
      }
      resolved = (gain, Double(loads) / Double(Self.tries))
      if Double(found) >= Self.power * Double(Self.tries) { break }
    }
    smallestResolvableEffect = resolved.gain
    seconds = resolved.loads * secondsPerLoad
    var copies = PairedConfirmation(workloads: ["copies"], rule: .init())
    for datum in data { copies.add(datum, to: 0) }
    ratio = copies.interval(0)
    let distances = data.map { abs(exp($0) - 1) }.sorted()
    floor = distances[min(distances.count - 1, (distances.count * 19 + 19) / 20 - 1)]
    loads = data.count
    self.compiler = compiler
  }

  /// Times two copies of one object, load by load.
  ///
  /// - Throws: `CandidateFailure` when nothing can be built or timed.
  public static func measure(
    compiler: Compiler, runner: Runner, loads: Int = 24
  ) async throws -> NoiseCheck {
    let executor = try await TrialSubject.stores.executor(
      compiler: compiler, runner: runner, scratch: try ScratchDirectory(), originalWork: 1000,
      seed: 1)
    // The layouts are compiled before anything is timed.
    _ = try await executor.loadOfCopies()
    let start = ContinuousClock.now
    var data: [Double] = []
    for _ in 0..<max(1, loads) { data.append(try await executor.loadOfCopies().datum) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return NoiseCheck(
      data: data, secondsPerLoad: seconds / Double(data.count), compiler: compiler.description)
  }
}
