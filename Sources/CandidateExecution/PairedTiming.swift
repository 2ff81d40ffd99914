public import ExperimentRecords

/// One load: what fresh processes of original and candidate, called in turn, took.
public struct PairedTiming: Hashable, Sendable, Codable {
  /// One batch of calls of each side, in nanoseconds.
  public struct Pair: Hashable, Sendable, Codable {
    public var original: Int
    public var candidate: Int
    /// Whether the candidate's batch came first; the order is random.
    public var candidateFirst: Bool
    /// Processor time of each batch; `nil` where there was one thread, whose time it is.
    public var processor: ProcessorTime?

    public init(
      original: Int, candidate: Int, candidateFirst: Bool, processor: ProcessorTime? = nil
    ) {
      self.original = original
      self.candidate = candidate
      self.candidateFirst = candidateFirst
      self.processor = processor
    }
  }

  /// What all threads of a side used during its batch, in nanoseconds, with waking them and their going
  /// to sleep; read outside their process while they sleep.
  public struct ProcessorTime: Hashable, Sendable, Codable {
    public var original: Int
    public var candidate: Int

    public init(original: Int, candidate: Int) {
      self.original = original
      self.candidate = candidate
    }
  }

  /// One of the two objects.
  public enum Side: Int, Hashable, Sendable, Codable {
    case original = 0
    case candidate = 1
  }

  /// Why the pairs must not be used.
  public enum Verdict: Hashable, Sendable, Codable {
    /// All checked outputs were as expected.
    case agreed
    /// A checked output differed from the expected one.
    case wrongOutput(Side, image: Int, place: OutputPlace, expected: UInt8, found: UInt8)
    /// A call did not return, with what happened instead.
    case failed(Side, String)
  }

  /// What the system says of a side's process.
  public struct Usage: Hashable, Sendable, Codable {
    public var cpuNanoseconds: Int
    /// From a batch being commanded to its end, summed up; restoring is part of it.
    public var wallNanoseconds: Int
    /// Threads at the end; no more than it may have, unless something is amiss.
    public var threads: Int

    public init(cpuNanoseconds: Int, wallNanoseconds: Int, threads: Int) {
      self.cpuNanoseconds = cpuNanoseconds
      self.wallNanoseconds = wallNanoseconds
      self.threads = threads
    }
  }

  public var verdict: Verdict
  /// Pairs that had the core to themselves; all pairs where hardly any had.
  public var pairs: [Pair]
  /// Pairs during which another process had the core for a while, whether or not they were kept.
  public var disturbed: Int
  /// Calls in each batch.
  public var callsPerBatch: Int
  /// Whether calls gave the same outputs again without their inputs being restored.
  public var isRepeatable: Bool
  /// How often outputs were compared.
  public var checks: Int
  public var usage: [Usage]
  /// What the original's process and the candidate's had mapped before their first calls; `nil` where
  /// the system does not tell.
  public var code: [MeasuredCode]?
  /// The layers of the sandbox that were active, by name.
  public var sandbox: [String]?

  public init(
    verdict: Verdict = .agreed, pairs: [Pair], disturbed: Int = 0, callsPerBatch: Int = 1,
    isRepeatable: Bool = true,
    checks: Int = 0, usage: [Usage] = [], code: [MeasuredCode]? = nil, sandbox: [String]? = nil
  ) {
    self.verdict = verdict
    self.pairs = pairs
    self.disturbed = disturbed
    self.callsPerBatch = callsPerBatch
    self.isRepeatable = isRepeatable
    self.checks = checks
    self.usage = usage
    self.code = code
    self.sandbox = sandbox
  }
}
