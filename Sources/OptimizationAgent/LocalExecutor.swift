import CandidateExecution
import ExperimentRecords
import Foundation
import KernelModel
import LineageLog
import Sandboxing
import Synchronization

/// A workload with what makes the memory images that its calls go through.
struct PreparedWorkload: Sendable {
  var workload: Workload
  var generator: InputGenerator
  /// Inputs that decide how much a call does, by name.
  var shrinkable: Set<String> = []
  var contents = InputPlan.Values.ordinary
  /// What is measured in its place while searching, where its calls take long.
  var standIn: Smaller?

  /// Sizes in place of the workload's.
  struct Smaller: Sendable {
    var name: String
    var sizes: [String: Int]
  }

  /// Replicas of a workload's image that the calls of a batch go through.
  static let replicas = 2

  /// Images for a seed: fresh contents at fresh addresses.
  func images(_ seed: UInt64) throws -> [MemoryImage] {
    try (0..<Self.replicas).map { try image(seed, replica: $0) }
  }

  func image(_ seed: UInt64, replica: Int = 0) throws -> MemoryImage {
    // As allocators give it: any multiple of 16.
    let offset = Int((seed >> 8) % 128) * 16
    let plan = InputPlan(
      sizes: workload.sizes, values: contents, placement: .bytes(offset),
      seed: seed &+ UInt64(replica))
    return try generator.image(plan)
  }

  /// Bytes of the image at other sizes; nil where the contract has none.
  func bytes(at sizes: [String: Int]) -> Int? { try? generator.byteCount(sizes: sizes) }

  /// The workload that is searched at.
  var trial: PreparedWorkload {
    guard let standIn else { return self }
    var copy = self
    copy.standIn = nil
    (copy.workload.name, copy.workload.sizes) = (standIn.name, standIn.sizes)
    return copy
  }
}

/// Builds, times and judges the candidates of one kernel on this machine.
final class LocalExecutor: CandidateExecutor {
  /// How the judge is asked.
  typealias Judge = @Sendable ([UInt8], ExaminationEffort) async throws -> Examination

  /// Loads and time per load of the kinds of measurement. How many loads confirm is decided by the
  /// sequential test.
  struct Plan: Sendable {
    var screening = (loads: 1, each: Duration.milliseconds(60))
    var comparison = (loads: 2, each: Duration.milliseconds(80))
    var bench = (loads: 7, each: Duration.milliseconds(120))
    var confirmationLoad = Duration.milliseconds(60)
    /// Loads of one pair on a workload whose calls take long: as many as an interval of 95 % takes, or at least
    /// two; no other begins after so long.
    var fullSize = (loads: 6, longest: Duration.seconds(90))
  }

  let unit: @Sendable ([UInt8]) -> CompilationUnit
  private let driver: CompilerDriver
  private let source: any MeasurementSource
  private let original: LoadableObject
  let originalText: [UInt8]
  let workloads: [PreparedWorkload]
  /// What candidates are searched with: the workloads, or smaller ones in their place.
  let trials: [PreparedWorkload]
  private let expectation: TimingOptions.Expectation
  private let judge: Judge
  private let counter: InstructionCounter?
  /// Threads that both sides may have.
  private let threads: Int
  let plan: Plan
  private let seed: UInt64
  private let objects = Mutex<[Digest: LoadableObject]>([:])
  private let loadsStarted = Atomic<UInt64>(0)
  /// The time of the original's call on the first workload, once a sentinel has taken it.
  let sentinelNanoseconds = Mutex<Double?>(nil)

  init(
    unit: @escaping @Sendable ([UInt8]) -> CompilationUnit, driver: CompilerDriver,
    source: any MeasurementSource, original: LoadableObject, originalText: [UInt8],
    workloads: [PreparedWorkload],
    expectation: TimingOptions.Expectation, judge: @escaping Judge,
    counter: InstructionCounter? = nil, threads: Int = 1, plan: Plan = Plan(), seed: UInt64
  ) {
    self.unit = unit
    self.driver = driver
    self.source = source
    self.original = original
    self.originalText = originalText
    self.workloads = workloads
    trials = workloads.map(\.trial)
    self.expectation = expectation
    self.judge = judge
    self.counter = counter
    self.threads = threads
    self.plan = plan
    self.seed = seed
  }

  func build(_ text: [UInt8]) async throws -> BuiltCandidate {
    let object: LoadableObject
    do throws(CompileError) {
      object = try await driver.build(unit(text))
    } catch {
      if case .runner(.cancelled) = error { throw CandidateFailure.unmeasured("stopped") }
      throw CandidateFailure.compile(error.description)
    }
    let digest = ObjectStore.digest(of: text)
    objects.withLock { $0[digest] = object }
    return BuiltCandidate(
      path: object.path, source: digest, compiles: object.cpuSeconds > 0 ? 1 : 0)
  }

  func screen(_ candidate: BuiltCandidate) async throws -> [Measurement] {
    try await measure(original, object(of: candidate), plan.screening, stopsAtLoss: true)
  }

  func compare(_ first: BuiltCandidate, _ second: BuiltCandidate) async throws -> [Measurement] {
    try await measure(object(of: first), object(of: second), plan.comparison)
  }

  func confirm(
    _ candidate: BuiltCandidate, text: [UInt8], rule: PairedConfirmation.Rule
  ) async throws -> Confirmation {
    let (first, second) = (try await layouts(originalText), try await layouts(text))
    var test = PairedConfirmation(workloads: trials.map(\.workload.name), rule: rule)
    var loads: [[PairedTiming]] = trials.map { _ in [] }
    while test.decision == .undecided {
      let index = test.next
      let timing = try await load(first, second, trials[index], plan.confirmationLoad)
      guard let datum = PairedStatistics([timing]).medianLogRatio else {
        throw CandidateFailure.unmeasured(
          "no pair of calls was timed on '\(trials[index].workload.name)'")
      }
      test.add(datum, to: index)
      loads[index].append(timing)
    }
    var measurements = trials.indices.map {
      measurement(
        PairedStatistics(loads[$0]), test.interval($0), trials[$0], second[0],
        code: loads[$0].first?.code?.last, unshrunk: test.unshrunk($0))
    }
    var compiles = (first + second).count { $0.cpuSeconds > 0 }
    if test.decision == .winner, let counts = try await instructions(of: text) {
      for index in measurements.indices {
        measurements[index].instructions = counts.calls[index]
      }
      compiles += counts.compiles
    }
    var smaller: [Measurement] = []
    for (index, workload) in workloads.enumerated()
    where test.decision == .winner && workload.standIn != nil {
      smaller.append(measurements[index])
      measurements[index] = try await fullSize(first[0], second[0], workload)
    }
    return Confirmation(
      test: test, measurements: measurements, smaller: smaller, compiles: compiles)
  }

  /// Times a pair of objects for a table: every workload at its full size.
  func measureForBench(
    _ first: LoadableObject, _ second: LoadableObject,
    expectation: TimingOptions.Expectation? = nil
  ) async throws -> [Measurement] {
    var result: [Measurement] = []
    for workload in workloads {
      result.append(
        workload.standIn == nil
          ? try await measure(workload, first, second, plan.bench, expectation, loss: nil)
          : try await fullSize(first, second, workload, expectation))
    }
    return result
  }

  /// Times the original and a candidate for a table.
  func measureForBench(_ candidate: BuiltCandidate) async throws -> [Measurement] {
    try await measureForBench(original, object(of: candidate))
  }

  /// A workload whose calls take long: one pair for each of few loads, by which a gain at smaller sizes
  /// carries over or does not.
  ///
  /// The interval reaches from the least to the greatest datum of a load. That covers their median with
  /// probability 1 - 2^(1 - n) for n loads, whatever their distribution, which is the level that it has (H. A.
  /// David, H. N. Nagaraja, "Order Statistics", 3rd ed., 2003, §7.1).
  private func fullSize(
    _ first: LoadableObject, _ second: LoadableObject, _ workload: PreparedWorkload,
    _ expectation: TimingOptions.Expectation? = nil
  ) async throws -> Measurement {
    var loads: [PairedTiming] = []
    let start = ContinuousClock.now
    while loads.count < plan.fullSize.loads,
      loads.count < 2 || start.duration(to: .now) < plan.fullSize.longest
    {
      loads.append(
        try await load(
          [first], [second], workload, .milliseconds(1), expectation, isLong: true))
    }
    var measurement = try summary(loads, workload, second)
    let data = loads.compactMap { PairedStatistics([$0]).medianLogRatio }
    if let least = data.min(), let greatest = data.max() {
      measurement.speedup.low = exp(least)
      measurement.speedup.high = exp(greatest)
      measurement.speedup.level = 1 - exp2(Double(1 - data.count))
    }
    return measurement
  }

  /// Instructions of one call on each workload, of the original and of `text`; nil where they cannot
  /// be counted, which stands in no winner's way.
  private func instructions(of text: [UInt8]) async throws -> (
    calls: [InstructionCounts], compiles: Int
  )? {
    let images = try trials.map { try $0.image(seed) }
    guard let counter,
      let before = try? await counter.count(unit(originalText), images: images),
      let after = try? await counter.count(unit(text), images: images)
    else { return nil }
    let calls = zip(before.calls, after.calls).map {
      InstructionCounts(original: $0, candidate: $1)
    }
    return (calls, before.compiles + after.compiles)
  }

  /// The text's object in several layouts.
  func layouts(_ text: [UInt8]) async throws -> [LoadableObject] {
    try await layouts(of: unit(text))
  }

  /// A unit's object in several layouts.
  func layouts(of unit: CompilationUnit) async throws -> [LoadableObject] {
    do throws(CompileError) {
      return try await driver.layouts(of: unit)
    } catch {
      if case .runner(.cancelled) = error { throw CandidateFailure.unmeasured("stopped") }
      throw CandidateFailure.compile(error.description)
    }
  }

  func examine(_ text: [UInt8], effort: ExaminationEffort) async throws -> Examination {
    try await judge(text, effort)
  }

  private func object(of candidate: BuiltCandidate) throws(CandidateFailure) -> LoadableObject {
    guard let object = objects.withLock({ $0[candidate.source] }) else {
      throw .unmeasured("the candidate's object is not here")
    }
    return object
  }

  /// Longer calls, and loads, are given up.
  private static let longestCall = Duration.seconds(30)
  private static let longestLoad = Duration.seconds(240)

  /// While the search only looks for what is worth another look, a plain loser is not timed further.
  private static let loss = TimingOptions.Loss(of: .candidate, ratio: 1.1)

  /// Times a pair of objects on every workload; every load has fresh processes, inputs, addresses and
  /// order. With `stopsAtLoss` the workloads behind one that loses are left out.
  func measure(
    _ first: LoadableObject, _ second: LoadableObject, _ effort: (loads: Int, each: Duration),
    expectation: TimingOptions.Expectation? = nil, stopsAtLoss: Bool = false
  ) async throws -> [Measurement] {
    var measurements: [Measurement] = []
    for workload in trials {
      measurements.append(
        try await measure(
          workload, first, second, effort, expectation, loss: stopsAtLoss ? Self.loss : nil))
      // No gain on another workload makes up for this one (design, rule 7).
      if stopsAtLoss, Fitness.value(of: measurements) < Fitness.smallestAllowedBound { break }
    }
    return measurements
  }

  private func measure(
    _ workload: PreparedWorkload, _ first: LoadableObject, _ second: LoadableObject,
    _ effort: (loads: Int, each: Duration), _ expectation: TimingOptions.Expectation?,
    loss: TimingOptions.Loss?
  ) async throws -> Measurement {
    var loads: [PairedTiming] = []
    for _ in 0..<effort.loads {
      loads.append(
        try await load([first], [second], workload, effort.each, expectation, loss: loss))
    }
    return try summary(loads, workload, second)
  }

  /// One load, of fresh processes; each side in one of its layouts by the load's seed.
  func load(
    _ first: [LoadableObject], _ second: [LoadableObject], _ workload: PreparedWorkload,
    _ duration: Duration, _ expectation: TimingOptions.Expectation? = nil,
    loss: TimingOptions.Loss? = nil, isLong: Bool = false
  ) async throws -> PairedTiming {
    let number = loadsStarted.wrappingAdd(1, ordering: .relaxed).newValue
    let loadSeed = seed &+ number &* 0x9E37_79B9_7F4A_7C15
    var random = SeededRandom(seed: loadSeed)
    let (first, second) = (first[random.below(first.count)], second[random.below(second.count)])
    var options = TimingOptions(
      seed: loadSeed, duration: duration, expectation: expectation ?? self.expectation,
      loss: loss)
    options.limits.call = Self.longestCall
    options.limits.wall = Self.longestLoad
    options.limits.threads = threads
    // Restoring takes the place of finding out whether calls can be repeated, which takes further calls.
    if isLong {
      (options.pairs, options.callsPerBatch, options.restoresAlways) = (1, 1, true)
    }
    let timing: PairedTiming
    do {
      let images = try isLong ? [workload.image(loadSeed)] : workload.images(loadSeed)
      timing = try await source.timePair(
        original: first, candidate: second, images: images, options: options)
    } catch {
      throw CandidateFailure.unmeasured("\(error)")
    }
    if timing.usage.contains(where: { $0.threads > threads }) {
      throw CandidateFailure.fault("a call left a thread behind")
    }
    switch timing.verdict {
    case .agreed: return timing
    case .wrongOutput(let side, _, _, let expected, let found):
      let what = "a timed call gave byte \(found) where \(expected) was expected"
      throw side == .candidate
        ? CandidateFailure.wrongOutput(what) : .unmeasured("the original: \(what)")
    case .failed(let side, let reason):
      throw side == .candidate
        ? CandidateFailure.fault(reason) : .unmeasured("the original \(reason)")
    }
  }

  private func summary(
    _ loads: [PairedTiming], _ workload: PreparedWorkload, _ object: LoadableObject
  ) throws(CandidateFailure) -> Measurement {
    let statistics = PairedStatistics(loads)
    guard let speedup = statistics.speedup(seed: seed) else {
      throw .unmeasured("no pair of calls was timed on '\(workload.workload.name)'")
    }
    let code = Set(loads.compactMap { $0.code?.last })
    guard code.count <= 1 else { throw .unmeasured("its loads did not run the same code") }
    return measurement(statistics, speedup, workload, object, code: code.first)
  }

  private func measurement(
    _ statistics: PairedStatistics, _ speedup: ConfidenceInterval, _ workload: PreparedWorkload,
    _ object: LoadableObject, code: MeasuredCode?, unshrunk: Double? = nil
  ) -> Measurement {
    Measurement(
      workload: workload.workload.name, sizes: workload.workload.sizes, speedup: speedup,
      pairs: statistics.pairs, loads: statistics.logRatios.count,
      loadRatios: statistics.loadRatios, baselineNanoseconds: statistics.originalNanoseconds,
      candidateNanoseconds: statistics.candidateNanoseconds,
      compiler: object.compiler.description, flags: object.arguments,
      smallestResolvableEffect: max(0, (speedup.high - speedup.low) / 2 / speedup.median),
      code: code, unshrunk: unshrunk,
      threaded: statistics.processor.map {
        ThreadedTime(
          threads: threads, baselineProcessorNanoseconds: $0.original,
          candidateProcessorNanoseconds: $0.candidate)
      })
  }
}
