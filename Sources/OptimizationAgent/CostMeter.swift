import ExperimentRecords
import Foundation

/// Adds up what a kernel's search costs: CPU seconds of this process and its children, by phase.
struct CostMeter {
  private(set) var total = Cost()

  /// Runs the work and books its CPU and wall time on the phase.
  mutating func measure<T>(_ phase: Phase, _ work: () async throws -> T) async rethrows -> T {
    let before = Self.now()
    defer { book(phase, since: before) }
    return try await work()
  }

  /// Books compiler runs.
  mutating func add(compiles: Int) { total.compiles += compiles }

  /// Books bytes written to the object store.
  mutating func add(diskBytes: Int) { total.diskBytes += diskBytes }

  /// The cost since an earlier state of the same meter.
  func since(_ earlier: Cost) -> Cost {
    Cost(
      cpuSeconds: total.cpuSeconds - earlier.cpuSeconds,
      wallSeconds: total.wallSeconds - earlier.wallSeconds,
      compiles: total.compiles - earlier.compiles,
      diskBytes: total.diskBytes - earlier.diskBytes,
      phases: total.phases.merging(earlier.phases) { $0 - $1 })
  }

  private mutating func book(_ phase: Phase, since before: Reading) {
    let after = Self.now()
    let cpu = after.cpu - before.cpu
    total += Cost(cpuSeconds: cpu, wallSeconds: after.wall - before.wall, phases: [phase: cpu])
  }

  private struct Reading {
    var cpu: Double
    var wall: Double
  }

  /// CPU time of this process and of its children that ended and were waited for.
  private static func now() -> Reading {
    var own = rusage()
    var children = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &children)
    let cpu = [own.ru_utime, own.ru_stime, children.ru_utime, children.ru_stime]
      .reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    return Reading(cpu: cpu, wall: Date().timeIntervalSinceReferenceDate)
  }
}
