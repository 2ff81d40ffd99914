/// What one method of the judge found out about one candidate.
public struct Evidence: Codable, Hashable, Sendable {
  /// How the method ended.
  public enum Result: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing speaks against the candidate.
    case passed
    /// The candidate is wrong.
    case failed
    /// Time-out, unsupported code or an internal error: never a pass.
    case inconclusive
  }

  /// The level that the method belongs to.
  public var level: Level
  /// The name of the method, as its file is called.
  public var method: String
  /// How it ended.
  public var result: Result
  /// How many inputs were tried.
  public var inputs: Int?
  /// The seed of the inputs.
  public var seed: UInt64?
  /// The sizes that were covered, each as values of the size parameters by name.
  public var sizes: [[String: Int]]
  /// The compilers and flags that built what was run, each as one command line without files.
  public var compilers: [String]
  /// What the result rests on.
  public var assumptions: [String]
  /// The share of the original's branches that the inputs took, 0 to 1.
  public var branchCoverage: Double?
  /// What was found, in house grammar.
  public var detail: String
  /// CPU seconds that the method took.
  public var seconds: Double
  /// What the inputs reached of the original's branches, where the judge can interpret it.
  public var originalBranches: BranchOutcomes?
  /// What the inputs reached of the candidate's branches, likewise.
  public var candidateBranches: BranchOutcomes?

  /// Creates the evidence of `method`.
  public init(
    level: Level, method: String, result: Result, inputs: Int? = nil, seed: UInt64? = nil,
    sizes: [[String: Int]] = [], compilers: [String] = [], assumptions: [String] = [],
    branchCoverage: Double? = nil, detail: String = "", seconds: Double = 0,
    originalBranches: BranchOutcomes? = nil, candidateBranches: BranchOutcomes? = nil
  ) {
    self.level = level
    self.method = method
    self.result = result
    self.inputs = inputs
    self.seed = seed
    self.sizes = sizes
    self.compilers = compilers
    self.assumptions = assumptions
    self.branchCoverage = branchCoverage
    self.detail = detail
    self.seconds = seconds
    self.originalBranches = originalBranches
    self.candidateBranches = candidateBranches
  }
}

/// An input on which original and candidate differ, reproduced by running both.
public struct Counterexample: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The inputs, short enough to read: sizes, overlaps and how the contents were made.
  public var inputs: String
  /// The first cell that differs, `c[3][7]`; or what happened instead, as `fault`.
  public var cell: String
  /// What the original gives there.
  public var expected: String
  /// What the candidate gives there.
  public var actual: String
  /// A C program that shows the difference when built and run.
  public var reproducer: String?
  /// Where that program was written.
  public var reproducerPath: String?

  /// Creates the counterexample at `cell`.
  public init(
    inputs: String, cell: String, expected: String, actual: String, reproducer: String? = nil,
    reproducerPath: String? = nil
  ) {
    self.inputs = inputs
    self.cell = cell
    self.expected = expected
    self.actual = actual
    self.reproducer = reproducer
    self.reproducerPath = reproducerPath
  }

  /// The difference in one line.
  public var description: String {
    "\(cell): expected \(expected), got \(actual), with \(inputs)"
  }
}
