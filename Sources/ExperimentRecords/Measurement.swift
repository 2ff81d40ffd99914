/// A median with the interval that holds it.
public struct ConfidenceInterval: Codable, Hashable, Sendable {
  /// The estimate.
  public var median: Double
  /// The lower bound.
  public var low: Double
  /// The upper bound.
  public var high: Double
  /// The confidence level of the interval, 0 to 1.
  public var level: Double

  /// Creates the interval `[low, high]` around `median`.
  public init(median: Double, low: Double, high: Double, level: Double = 0.95) {
    self.median = median
    self.low = low
    self.high = high
    self.level = level
  }
}

/// Sizes and values to measure a kernel with.
public struct Workload: Codable, Hashable, Sendable {
  /// Where a workload comes from.
  public enum Origin: String, Codable, Hashable, Sendable, CaseIterable {
    /// The user's configuration names it.
    case declared
    /// It was chosen so that the baseline takes milliseconds.
    case chosen
    /// The file holds a call with these sizes.
    case called
  }

  /// A name that is unique for the kernel.
  public var name: String
  /// The values of the size parameters by name.
  public var sizes: [String: Int]
  /// Where it comes from.
  public var origin: Origin

  /// Creates the workload `name`.
  public init(name: String, sizes: [String: Int], origin: Origin = .chosen) {
    self.name = name
    self.sizes = sizes
    self.origin = origin
  }
}

/// Instructions that one call runs in its own translation unit, each call of a library being one: a
/// signal without noise, which decides nothing.
public struct InstructionCounts: Codable, Hashable, Sendable {
  public var original: UInt64
  public var candidate: UInt64

  public init(original: UInt64, candidate: UInt64) {
    self.original = original
    self.candidate = candidate
  }
}

/// What a call on several threads takes besides time: one that is faster may well cost more.
public struct ThreadedTime: Codable, Hashable, Sendable {
  /// Threads that each side could have, and cores.
  public var threads: Int
  /// Median processor time of one call of the original, of all its threads.
  public var baselineProcessorNanoseconds: Double
  /// Median processor time of one call of the candidate, of all its threads.
  public var candidateProcessorNanoseconds: Double

  public init(
    threads: Int, baselineProcessorNanoseconds: Double, candidateProcessorNanoseconds: Double
  ) {
    self.threads = threads
    self.baselineProcessorNanoseconds = baselineProcessorNanoseconds
    self.candidateProcessorNanoseconds = candidateProcessorNanoseconds
  }

  /// Processor time of the candidate over that of the original: above 1 it costs more.
  public var processorRatio: Double {
    candidateProcessorNanoseconds / max(1, baselineProcessorNanoseconds)
  }
}

/// What pairs of timed calls of original and candidate on one workload say.
public struct Measurement: Codable, Hashable, Sendable {
  /// The name of the workload.
  public var workload: String
  /// The values of its size parameters by name.
  public var sizes: [String: Int]
  /// Time of the original over time of the candidate: above 1 the candidate is faster.
  public var speedup: ConfidenceInterval
  /// How many pairs of calls were timed.
  public var pairs: Int
  /// How many times fresh processes were loaded.
  public var loads: Int
  /// The median ratio of each load, in the order of the loads.
  public var loadRatios: [Double]
  /// Median time of one call of the original.
  public var baselineNanoseconds: Double
  /// Median time of one call of the candidate.
  public var candidateNanoseconds: Double
  /// The compiler that built both, as `Compiler.description` gives it.
  public var compiler: String
  /// The flags that built both.
  public var flags: [String]
  /// The smallest gain that this measurement would have seen, as a share: 0.015 is 1.5 %.
  public var smallestResolvableEffect: Double?
  /// The object that holds every timed pair.
  public var samples: Digest?
  /// What the machine allows on this workload.
  public var limit: RooflineLimit?
  /// What ran as the candidate, the same in every load; absent in older entries and where the system
  /// does not tell.
  public var code: MeasuredCode?
  /// The median speedup as measured, where `speedup` holds an estimate drawn towards 1 because it
  /// was chosen among others.
  public var unshrunk: Double?
  /// Instructions of one call; absent in older entries and where they could not be counted.
  public var instructions: InstructionCounts?
  /// Where both sides ran with several threads: `speedup` is then of the time by the clock. Absent where
  /// they had one, and in older entries.
  public var threaded: ThreadedTime?

  /// Creates the measurement of `workload`.
  public init(
    workload: String, sizes: [String: Int] = [:], speedup: ConfidenceInterval, pairs: Int,
    loads: Int, loadRatios: [Double] = [], baselineNanoseconds: Double,
    candidateNanoseconds: Double, compiler: String, flags: [String],
    smallestResolvableEffect: Double? = nil, samples: Digest? = nil, limit: RooflineLimit? = nil,
    code: MeasuredCode? = nil, unshrunk: Double? = nil, instructions: InstructionCounts? = nil,
    threaded: ThreadedTime? = nil
  ) {
    self.workload = workload
    self.sizes = sizes
    self.speedup = speedup
    self.pairs = pairs
    self.loads = loads
    self.loadRatios = loadRatios
    self.baselineNanoseconds = baselineNanoseconds
    self.candidateNanoseconds = candidateNanoseconds
    self.compiler = compiler
    self.flags = flags
    self.smallestResolvableEffect = smallestResolvableEffect
    self.samples = samples
    self.limit = limit
    self.code = code
    self.unshrunk = unshrunk
    self.instructions = instructions
    self.threaded = threaded
  }
}
