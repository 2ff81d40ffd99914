public import ExperimentRecords
public import LineageLog

/// What `.ratchet.yml` says: workloads by function, and settings that the command line overrides.
///
///     version: 1
///     budget: 60s
///     level: L1
///     approvers:
///       ada: MCowBQYDK2VwAyEA…
///     ceilings: {cpu: 2h, wall: 1h, compiles: 5000, disk: 1GiB, accepted: 3}
///     threads: 2
///     workloads:
///       matmul:
///         - name: large
///           sizes: {n: 512}
///           values: {alpha: 1.5}
///           ranges: {codes: [0, 255]}
///     program:
///       build: make -s
///       run: ./demo --frames 100
public struct Configuration: Hashable, Sendable {
  /// One configured workload: sizes of integer inputs, values of floating ones, content ranges of
  /// arrays; inputs are named as in C (`n`, `src->width`).
  public struct Workload: Hashable, Sendable {
    public var name: String
    public var sizes: [String: Int]
    public var values: [String: Double]
    public var ranges: [String: ClosedRange<Double>]
    public init(
      name: String, sizes: [String: Int], values: [String: Double] = [:],
      ranges: [String: ClosedRange<Double>] = [:]
    ) {
      self.name = name
      self.sizes = sizes
      self.values = values
      self.ranges = ranges
    }
  }

  /// A program of the user's that runs the kernels: commands for the shell, given in the
  /// configuration's directory.
  public struct Program: Hashable, Sendable {
    /// Builds it; nothing is built when nil.
    public var build: String?
    public var run: String
    public init(build: String? = nil, run: String) {
      self.build = build
      self.run = run
    }
  }

  /// The file that was read; nil when there is none.
  public var path: String?
  public var workloads: [String: [Workload]] = [:]
  public var program: Program?
  public var budget: Budget?
  public var floatingPoint: FloatingPointMode?
  public var requirement: Verdict?
  public var compiler: String?
  public var flags: String?
  /// Threads that loops may be shared among.
  public var threads: Int?
  /// The highest autonomy level that a run may have.
  public var maximumLevel: AutonomyLevel?
  /// Whose signatures approve, by their keys; nil when it names nobody.
  public var approvers: [PublicKey: String]?
  /// Its ceilings, by their names.
  public var ceilings: [Ceiling: Double] = [:]
  /// What it asks for and does not get, because it is not the person's own.
  public var withheld: [Withheld] = []

  /// Something that only a person's own configuration may ask for.
  public struct Withheld: Hashable, Sendable {
    /// What was asked, in house grammar: `run 'make'`.
    public var action: String
    /// Why not.
    public var reason: String
  }

  public init() {}
}

/// What the search for one kernel may spend.
public enum Budget: Hashable, Sendable, CustomStringConvertible {
  /// Seconds by the clock.
  case seconds(Double)
  /// Compiled candidates.
  case evaluations(Int)

  /// Reads `60s`, `2m`, `1h` or `200evals`; nil for anything else or for nothing to spend.
  public init?(_ text: String) {
    if text.hasSuffix("evals"), let count = Int(text.dropLast(5)), count > 0 {
      self = .evaluations(count)
      return
    }
    let units: [(String, Double)] = [("s", 1), ("m", 60), ("h", 3600)]
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let count = Double(text.dropLast()), count > 0, count.isFinite else { return nil }
      self = .seconds(count * factor)
      return
    }
    return nil
  }

  public var description: String {
    switch self {
    case .seconds(let seconds):
      seconds == seconds.rounded() ? "\(Int(seconds))s" : "\(seconds)s"
    case .evaluations(let count): "\(count)evals"
    }
  }
}

/// How far floating-point results may differ.
public enum FloatingPointMode: String, Hashable, Sendable, CaseIterable {
  /// The same bits.
  case exact
  /// The same function over the reals, with a bounded error.
  case relaxed
}
