import ExperimentRecords
import Foundation

/// Measures what judging one candidate takes.
struct CostMeter {
  private let cpu = Self.cpuSeconds()
  private let wall = ContinuousClock.now

  /// What has been used since the meter was made. `compileSeconds` is the compilers' share.
  func cost(compileSeconds: Double) -> Cost {
    let used = cpuSeconds
    let elapsed = wall.duration(to: .now)
    let seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let compile = min(used, compileSeconds)
    return Cost(
      cpuSeconds: used, wallSeconds: seconds,
      phases: [.compile: compile, .examine: used - compile])
  }

  /// CPU seconds since the meter was made, those of children that have ended included.
  var cpuSeconds: Double { max(0, Self.cpuSeconds() - cpu) }

  /// Processor time of this process and of its children that have ended.
  private static func cpuSeconds() -> Double {
    [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].map { who in
      var usage = rusage()
      getrusage(Int32(bitPattern: UInt32(bitPattern: Int32(truncatingIfNeeded: who))), &usage)
      return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }.reduce(0, +)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }
}
