public import Sandboxing

/// How objects are examined.
public struct ExaminationOptions: Hashable, Sendable {
  /// Decides the addresses of regions: equal seeds give equal pointers.
  public var seed: UInt64
  /// Asks for `CallReturn.accesses`; the object must be of the flavour `audit`.
  public var audits: Bool
  /// Calls twice on each image and compares.
  public var callsTwice: Bool
  /// Calls once more on what the first call left, before anything is read.
  public var callsInARow: Bool
  public var limits: Limits

  public init(
    seed: UInt64 = 1, audits: Bool = false, callsTwice: Bool = false, callsInARow: Bool = false,
    limits: Limits = Limits()
  ) {
    self.seed = seed
    self.audits = audits
    self.callsTwice = callsTwice
    self.callsInARow = callsInARow
    self.limits = limits
  }
}

/// How two objects are timed.
public struct TimingOptions: Hashable, Sendable {
  /// What timed outputs are compared with.
  public enum Expectation: Hashable, Sendable {
    /// Bit for bit, the original's first call.
    case original
    /// The same object's first call; for rewrites that may round differently.
    case own
  }

  /// An object has lost when it took more than so many times the other's time in each of the first
  /// dozen undisturbed pairs.
  public struct Loss: Hashable, Sendable {
    public var side: PairedTiming.Side
    public var ratio: Double

    public init(of side: PairedTiming.Side, ratio: Double) {
      self.side = side
      self.ratio = ratio
    }
  }

  /// Decides order, addresses and which pairs are checked; another one for every load.
  public var seed: UInt64
  /// How long pairs are timed, unless `pairs` are reached first.
  public var duration: Duration
  public var pairs: Int
  /// Calls per batch; 0 to choose so that a batch lasts 100 µs.
  public var callsPerBatch: Int
  /// Outputs are compared about every so many pairs, at random, and at the end.
  public var checkEvery: Int
  public var expectation: Expectation
  /// Restores all inputs before every batch, also where calls seem repeatable.
  public var restoresAlways: Bool
  /// When pairs end early; nil to time all of them.
  public var loss: Loss?
  public var limits: Limits

  public init(
    seed: UInt64, duration: Duration = .milliseconds(500), pairs: Int = 1_000_000,
    callsPerBatch: Int = 0, checkEvery: Int = 20, expectation: Expectation = .original,
    restoresAlways: Bool = false, loss: Loss? = nil,
    limits: Limits = Limits(wall: .seconds(30))
  ) {
    self.seed = seed
    self.duration = duration
    self.pairs = pairs
    self.callsPerBatch = callsPerBatch
    self.checkEvery = checkEvery
    self.expectation = expectation
    self.restoresAlways = restoresAlways
    self.loss = loss
    self.limits = limits
  }
}

/// Calls loadable objects in the runner's sandboxed processes.
public struct Harness: Sendable {
  public let runner: Runner
  /// Layers of the sandbox to leave out. Tests alone do so; the answer tells which were active.
  var switchedOff: SandboxLayers = []

  public init(runner: Runner) { self.runner = runner }

  /// Calls `object` on each image. Images that follow one on which it fails are still called.
  ///
  /// - Returns: one outcome for each image, in order.
  public func examine(
    _ object: LoadableObject, images: [MemoryImage], options: ExaminationOptions = .init()
  ) async throws(HarnessError) -> [CallOutcome] {
    try await examineReportingLayers(object, images: images, options: options).outcomes
  }

  /// Also returns the layers of the sandbox that were active.
  func examineReportingLayers(
    _ object: LoadableObject, images: [MemoryImage], options: ExaminationOptions
  ) async throws(HarnessError) -> (outcomes: [CallOutcome], layers: SandboxLayers) {
    var outcomes: [CallOutcome] = []
    var layers: SandboxLayers?
    var rest = images[...]
    while !rest.isEmpty {
      let part = Self.part(of: rest)
      rest = rest.dropFirst(part.count)
      let (own, found) = try await examinePart(object, part, options)
      outcomes += own
      layers = layers.map { $0.intersection(found) } ?? found
    }
    return (outcomes, layers ?? [])
  }

  /// As many images as make a job of moderate size: the memory of one job serves the next.
  private static func part(of images: ArraySlice<MemoryImage>) -> [MemoryImage] {
    var bytes = 0
    let part = images.prefix { image in
      bytes += image.byteCount
      return bytes <= bytesOfPart
    }
    return part.isEmpty ? Array(images.prefix(1)) : Array(part)
  }

  private static let bytesOfPart = 16 << 20

  private func examinePart(
    _ object: LoadableObject, _ images: [MemoryImage], _ options: ExaminationOptions
  ) async throws(HarnessError) -> (outcomes: [CallOutcome], layers: SandboxLayers) {
    var flags: JobWriter.Flags = []
    if options.audits { flags.insert(.audit) }
    if options.callsTwice { flags.insert(.twice) }
    if options.callsInARow { flags.insert(.inARow) }
    if options.limits.runsWithoutSeccomp { flags.insert(.withoutSeccomp) }
    let header = JobWriter.Header(
      mode: .examine, flags: flags, seed: options.seed, wall: options.limits.wall,
      call: options.limits.call, memory: options.limits.memory,
      processor: options.limits.processor, threads: options.limits.threads,
      switchedOff: switchedOff)
    let job = JobWriter(header, objects: [object.path], images: images)
    var answer = try await answer(to: job, wall: options.limits.wall)
    guard try answer.count() == images.count else { throw .malformedAnswer }
    var outcomes: [CallOutcome] = []
    for image in images { outcomes.append(try answer.outcome(for: image)) }
    return (outcomes, try answer.layers)
  }

  func answer(to job: JobWriter, wall: Duration) async throws(HarnessError) -> AnswerReader {
    let bytes: [UInt8]
    do {
      bytes = try await runner.run(job: job.bytes, wall: wall)
    } catch {
      throw .runner(error)
    }
    return try AnswerReader(bytes)
  }
}

extension Harness: MeasurementSource {
  /// Times one load: fresh processes of both objects. `images` are replicas of one workload, which
  /// the calls of a batch go through when they change their inputs.
  public func timePair(
    original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
    options: TimingOptions
  ) async throws(HarnessError) -> PairedTiming {
    var flags: JobWriter.Flags = []
    if options.expectation == .own { flags.insert(.ownExpectation) }
    if options.loss?.side == .original { flags.insert(.firstMayLose) }
    if options.restoresAlways { flags.insert(.restoreAlways) }
    if options.limits.runsWithoutSeccomp { flags.insert(.withoutSeccomp) }
    let header = JobWriter.Header(
      mode: .time, flags: flags, seed: options.seed, wall: options.limits.wall,
      call: options.limits.call, memory: options.limits.memory, timing: options.duration,
      pairs: options.pairs, callsPerBatch: options.callsPerBatch, checkEvery: options.checkEvery,
      loss: options.loss.map { max(1, Int($0.ratio * 1000)) } ?? 0,
      processor: options.limits.processor, threads: options.limits.threads,
      switchedOff: switchedOff)
    let job = JobWriter(header, objects: [original.path, candidate.path], images: images)
    var answer = try await answer(to: job, wall: options.limits.wall)
    return try answer.timing(
      regions: images.first?.regions.count ?? 0, threads: options.limits.threads)
  }
}

extension AnswerReader {
  fileprivate mutating func timing(
    regions: Int, threads: Int
  ) throws(HarnessError) -> PairedTiming {
    let failures = [try failure(regions: regions), try failure(regions: regions)]
    var verdict = try wrongOutput(regions: regions) ?? .agreed
    for (side, failure) in zip([PairedTiming.Side.original, .candidate], failures) {
      if let failure { verdict = .failed(side, failure.description) }
    }
    let isRepeatable = try word() != 0
    let (calls, checks) = (try word(), try word())
    let (pairs, disturbed) = try pairs(threads: threads)
    var usage: [PairedTiming.Usage] = []
    for _ in 0..<2 {
      let (cpu, wall) = (try word(), try word())
      usage.append(.init(cpuNanoseconds: cpu, wallNanoseconds: wall, threads: try word()))
    }
    let testimonies = [try testimony(), try testimony()]
    // A wrong output says more than the means by which it came about; and where the original keeps
    // state, a candidate may.
    if case .agreed = verdict, let problem = Testimony.problem(testimonies, usage, threads: threads)
    {
      verdict = problem
    }
    return PairedTiming(
      verdict: verdict, pairs: pairs, disturbed: disturbed, callsPerBatch: calls,
      isRepeatable: isRepeatable,
      checks: checks, usage: usage, code: Testimony.code(testimonies), sandbox: try layers.names)
  }

  /// Disturbed pairs are left out, for both sides alike, unless hardly any other is left.
  private mutating func pairs(
    threads: Int
  ) throws(HarnessError) -> ([PairedTiming.Pair], disturbed: Int) {
    var all: [PairedTiming.Pair] = []
    var quiet: [PairedTiming.Pair] = []
    for _ in 0..<(try count()) {
      let (original, candidate, bits) = (try word(), try word(), try word())
      let processor = PairedTiming.ProcessorTime(original: try word(), candidate: try word())
      let pair = PairedTiming.Pair(
        original: original, candidate: candidate, candidateFirst: bits & 1 != 0,
        processor: threads > 1 ? processor : nil)
      all.append(pair)
      if bits & 2 == 0 { quiet.append(pair) }
    }
    let areEnough = quiet.count >= 5 && quiet.count >= all.count / 20
    return (areEnough ? quiet : all, all.count - quiet.count)
  }

  private mutating func wrongOutput(
    regions: Int
  ) throws(HarnessError) -> PairedTiming.Verdict? {
    let isWrong = try word() != 0
    let (object, image, region, offset) = (try word(), try word(), try word(), try word())
    let (expected, found) = (try word(), try word())
    guard isWrong else { return nil }
    guard let side = PairedTiming.Side(rawValue: object) else { throw .malformedAnswer }
    return .wrongOutput(
      side, image: image, place: place(region, offset, regions),
      expected: UInt8(truncatingIfNeeded: expected), found: UInt8(truncatingIfNeeded: found))
  }
}
