import CandidateExecution
import ExperimentRecords

/// Runs a campaign's sentinels: before its first kernel, and again whenever a minute's worth of
/// budget has been given out, on the kernel that is about to be searched.
///
/// What is due is counted in budgets and not read from a clock, so that the same seed and timings
/// give the same decisions.
struct Sentinels {
  /// Seconds of budget between two checks; a check takes about one.
  static let interval = 60.0

  private(set) var state = PairedSentinels(smallestEffect: Fitness.smallestEffect)
  private var givenOut: Double?
  /// What an earlier part of a resumed campaign found.
  private let inherited: String?

  init(inherited: String? = nil) { self.inherited = inherited }

  /// What decisions need to know.
  var trust: MeasurementTrust {
    MeasurementTrust(
      smallestEffect: state.keptEffect, distrust: inherited ?? state.distrust)
  }

  /// Whether a check is due before a kernel that gets `budget`.
  mutating func isDue(_ budget: Budget) -> Bool {
    let seconds =
      switch budget {
      case .seconds(let seconds): seconds
      case .evaluations(let count): Double(count) / 4
      }
    guard let spent = givenOut, spent < Self.interval else {
      givenOut = seconds
      return true
    }
    givenOut = spent + seconds
    return false
  }

  /// Times both pairs of a kernel's original on its first workload.
  ///
  /// - Throws: `CandidateFailure` when the original itself cannot be built or timed.
  mutating func check(_ kernel: KernelName, _ executor: LocalExecutor) async throws
    -> [SentinelChecked]
  {
    [try await checkSame(kernel, executor), try await checkSlower(kernel, executor)]
  }

  private mutating func checkSame(_ kernel: KernelName, _ executor: LocalExecutor) async throws
    -> SentinelChecked
  {
    var meter = CostMeter()
    for _ in 0..<PairedSentinels.loadsOfSame {
      state.addSame(try await meter.measure(.measure) { try await executor.loadOfCopies().datum })
    }
    return SentinelChecked(
      kernel: kernel, pair: .same, isTrusted: state.distrust == nil, reason: state.distrust,
      loads: state.same.count, above: state.same.count { $0 > 0 },
      ratio: PairedSentinels.ratio(state.same), smallestEffect: state.keptEffect,
      cost: meter.total)
  }

  private mutating func checkSlower(_ kernel: KernelName, _ executor: LocalExecutor) async throws
    -> SentinelChecked
  {
    var meter = CostMeter()
    let before = state.distrust
    state.beginSlower()
    var isOpen = true
    while isOpen {
      let share = state.slowerShare
      let datum = try await meter.measure(.measure) { try await executor.loadOfSlower(share) }
      isOpen = state.addSlower(datum)
    }
    let reason = before == nil ? state.distrust : nil
    return SentinelChecked(
      kernel: kernel, pair: .slower, isTrusted: reason == nil, reason: reason,
      loads: state.slower.count, above: state.slower.count { $0 > 0 },
      ratio: PairedSentinels.ratio(state.slower), cost: meter.total)
  }
}

extension LocalExecutor {
  /// Nanoseconds of one dependent multiplication and addition, as nearly as planting needs it.
  private static let stepNanoseconds = 1.1

  /// One load of the original against itself on the first workload, each in a layout of its own.
  func loadOfCopies() async throws -> (datum: Double, nanoseconds: Double) {
    let copies = try await layouts(originalText)
    return try await sentinel(copies, copies)
  }

  /// One load of the original against itself with a planted cost, a share of its call.
  func loadOfSlower(_ share: Double) async throws -> Double {
    let originals = try await layouts(originalText)
    let steps = try await plantedSteps(share)
    var unit = self.unit(originalText)
    unit.trampoline = unit.trampoline.delayed(steps: steps)
    return try await sentinel(originals, try await layouts(of: unit)).datum
  }

  /// How many steps a call gets on top; the time of a call is found once.
  private func plantedSteps(_ share: Double) async throws -> Int {
    var nanoseconds = sentinelNanoseconds.withLock { $0 }
    if nanoseconds == nil { nanoseconds = try await loadOfCopies().nanoseconds }
    sentinelNanoseconds.withLock { $0 = nanoseconds }
    return max(2, Int((nanoseconds ?? 0) * share / Self.stepNanoseconds))
  }

  private func sentinel(_ first: [LoadableObject], _ second: [LoadableObject]) async throws
    -> (datum: Double, nanoseconds: Double)
  {
    guard let workload = trials.first else {
      throw CandidateFailure.unmeasured("there is no workload")
    }
    let timing = try await load(first, second, workload, plan.confirmationLoad)
    let statistics = PairedStatistics([timing])
    guard let datum = statistics.medianLogRatio else {
      throw CandidateFailure.unmeasured("no pair of calls was timed")
    }
    return (datum, statistics.originalNanoseconds)
  }
}
