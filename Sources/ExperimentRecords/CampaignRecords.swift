/// The beginning of a campaign: everything that its decisions depend on but the timings.
public struct CampaignStarted: Codable, Hashable, Sendable {
  /// The name and version of the program.
  public var tool: String
  /// What the user named, as typed.
  public var paths: [String]
  /// The configuration in force by option name: `budget`, `fp`, `require`, `level` …
  public var settings: [String: String]
  /// The seed of every random choice.
  public var seed: UInt64
  /// The machine.
  public var machine: Machine
  /// The compiler of the baseline.
  public var compiler: Compiler
  /// Its flags, where the project's build gives none.
  public var flags: [String]
  /// The account that started it.
  public var user: String?
  /// What the machine does at most.
  public var peaks: MachinePeaks?

  /// Creates the record from its parts.
  public init(
    tool: String, paths: [String], settings: [String: String] = [:], seed: UInt64, machine: Machine,
    compiler: Compiler, flags: [String], user: String? = nil,
    peaks: MachinePeaks? = nil
  ) {
    self.tool = tool
    self.paths = paths
    self.settings = settings
    self.seed = seed
    self.machine = machine
    self.compiler = compiler
    self.flags = flags
    self.user = user
    self.peaks = peaks
  }
}

/// A kernel as the user wrote it, with its contract and its workloads.
public struct Baseline: Codable, Hashable, Sendable {
  /// The kernel.
  public var kernel: KernelName
  /// The line where the function begins.
  public var line: Int?
  /// The digest of the whole file; the object store holds it.
  public var source: Digest
  /// The contract as ACSL, one clause a line.
  public var contract: String
  /// Where it comes from: `acsl`, `declared`, `inferred`, several joined by `+`.
  public var contractOrigin: String
  /// Whether no branch, trip count or address depends on data.
  public var staticControl: Bool?
  /// What to measure it with.
  public var workloads: [Workload]
  /// The compiler of this file.
  public var compiler: Compiler?
  /// The flags of this file.
  public var flags: [String]
  /// Median time of one call, by the name of the workload.
  public var nanoseconds: [String: Double]
  /// What reading and timing took.
  public var cost: Cost
  /// What the machine allows, for the workloads where that is known.
  public var limits: [RooflineLimit]?

  /// Creates the record from its parts.
  public init(
    kernel: KernelName, line: Int? = nil, source: Digest, contract: String, contractOrigin: String,
    staticControl: Bool? = nil, workloads: [Workload] = [], compiler: Compiler? = nil,
    flags: [String] = [], nanoseconds: [String: Double] = [:], cost: Cost = Cost(),
    limits: [RooflineLimit]? = nil
  ) {
    self.kernel = kernel
    self.line = line
    self.source = source
    self.contract = contract
    self.contractOrigin = contractOrigin
    self.staticControl = staticControl
    self.workloads = workloads
    self.compiler = compiler
    self.flags = flags
    self.nanoseconds = nanoseconds
    self.cost = cost
    self.limits = limits
  }
}

/// The end of the search for one kernel.
public struct KernelFinished: Codable, Hashable, Sendable {
  /// The kernel.
  public var kernel: KernelName
  /// How it ended.
  public var outcome: KernelOutcome
  /// Why, in house grammar, unless it improved.
  public var reason: String?
  /// How many candidates were compiled for one core.
  public var evaluations: Int
  /// The smallest gain that would have been seen, as a share: 0.015 is 1.5 %.
  public var smallestResolvableEffect: Double?
  /// The entry of the winner.
  public var winner: Digest?
  /// What the search for one core took.
  public var cost: Cost
  /// How the search for a form on several threads ended; `nil` where none was asked for.
  public var parallel: ParallelFinished?

  /// Creates the record from its parts.
  public init(
    kernel: KernelName, outcome: KernelOutcome, reason: String? = nil, evaluations: Int = 0,
    smallestResolvableEffect: Double? = nil, winner: Digest? = nil, cost: Cost = Cost(),
    parallel: ParallelFinished? = nil
  ) {
    self.parallel = parallel
    self.kernel = kernel
    self.outcome = outcome
    self.reason = reason
    self.evaluations = evaluations
    self.smallestResolvableEffect = smallestResolvableEffect
    self.winner = winner
    self.cost = cost
  }
}

/// How the search for a form of a kernel on several threads ended.
public struct ParallelFinished: Codable, Hashable, Sendable {
  /// Threads that its candidates and the original could have.
  public var threads: Int
  /// The entry of the winner.
  public var winner: Digest?
  /// Why there is none, in house grammar.
  public var reason: String?
  /// How many candidates were compiled; `nil` where the kernel's figures hold them.
  public var evaluations: Int?
  /// What the search took; `nil` where the kernel's cost holds it.
  public var cost: Cost?

  /// Creates the record from its parts.
  public init(
    threads: Int, winner: Digest? = nil, reason: String? = nil, evaluations: Int? = nil,
    cost: Cost? = nil
  ) {
    self.evaluations = evaluations
    self.cost = cost
    self.threads = threads
    self.winner = winner
    self.reason = reason
  }
}

/// The end of a campaign.
public struct CampaignEnded: Codable, Hashable, Sendable {
  /// Why it ended.
  public var reason: StopReason
  /// More about it, in house grammar.
  public var detail: String?
  /// How many kernels ended how, by outcome.
  public var kernels: [String: Int]
  /// How many candidates were compiled.
  public var evaluations: Int
  /// What it took.
  public var cost: Cost
  /// The ceiling that ended it.
  public var ceiling: CeilingReached?

  /// Creates the record from its parts.
  public init(
    reason: StopReason, detail: String? = nil, kernels: [String: Int] = [:],
    evaluations: Int = 0, cost: Cost = Cost(), ceiling: CeilingReached? = nil
  ) {
    self.ceiling = ceiling
    self.reason = reason
    self.detail = detail
    self.kernels = kernels
    self.evaluations = evaluations
    self.cost = cost
  }
}
