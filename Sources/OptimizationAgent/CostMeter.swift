import ExperimentRecords
import Foundation

/// Adds up what a kernel's search costs: CPU seconds of this process and its children, by phase.
struct CostMeter {
  private(set) var total: Cost

  /// Begins with what has been spent before.
  init(_ spent: Cost = Cost()) { total = spent }

  /// Runs the work and books its CPU and wall time on the phase.
  mutating func measureNow<T, E: Error>(_ phase: Phase, _ work: () throws(E) -> T) throws(E) -> T {
    let before = Self.now()
    defer { book(phase, since: before) }
    return try work()
  }

  /// Runs the work and books its CPU and wall time on the phase.
  mutating func measure<T>(_ phase: Phase, _ work: () async throws -> T) async rethrows -> T {
    let before = Self.now()
    defer { book(phase, since: before) }
    return try await work()
  }

  /// Takes out what has been booked elsewhere while `phase` was measured.
  mutating func deduct(_ cost: Cost, from phase: Phase) {
    total.cpuSeconds -= cost.cpuSeconds
    total.wallSeconds -= cost.wallSeconds
    total.phases[phase, default: 0] -= cost.cpuSeconds
  }

  /// Books what an examination's compiler took as compiling.
  mutating func add(_ examination: Examination) {
    add(compiles: examination.compiles)
    let seconds = min(examination.compileSeconds, total.phases[.examine] ?? 0)
    guard seconds > 0 else { return }
    total.phases[.examine, default: 0] -= seconds
    total.phases[.compile, default: 0] += seconds
  }

  /// Books compiler runs.
  mutating func add(compiles: Int) { total.compiles += compiles }

  /// Books bytes written to the object store.
  mutating func add(diskBytes: Int) { total.diskBytes += diskBytes }

  /// The cost since an earlier state of the same meter.
  func since(_ earlier: Cost) -> Cost { total.since(earlier) }

  /// CPU seconds of this process and its children since it began.
  static var spent: Double { now().cpu }

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

extension Cost {
  /// What was added to an earlier state of the same sum; phases that nothing was added to are left
  /// out.
  func since(_ earlier: Cost) -> Cost {
    Cost(
      cpuSeconds: cpuSeconds - earlier.cpuSeconds, wallSeconds: wallSeconds - earlier.wallSeconds,
      compiles: compiles - earlier.compiles, diskBytes: diskBytes - earlier.diskBytes,
      phases: phases.merging(earlier.phases) { $0 - $1 }.filter { $0.value != 0 })
  }
}
