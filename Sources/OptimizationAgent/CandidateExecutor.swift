public import CandidateExecution
public import ExperimentRecords

/// Everything that happens to an emitted text of one kernel: build, time, judge. Local processes
/// implement it now; a queue of machines can later, and recorded results do in tests.
public protocol CandidateExecutor: Sendable {
  /// Builds the file with the project's compiler and flags.
  ///
  /// Throws: `CandidateFailure` when the compiler does not accept it, crashes or hangs.
  func build(_ text: [UInt8]) async throws -> BuiltCandidate

  /// Times a few pairs of calls of original and candidate on every workload; outputs are checked.
  ///
  /// Throws: `CandidateFailure.wrongOutput` or `.fault` when the timed calls went wrong.
  func screen(_ candidate: BuiltCandidate) async throws -> [Measurement]

  /// Times two candidates against each other; above 1 the second is faster.
  func compare(_ first: BuiltCandidate, _ second: BuiltCandidate) async throws -> [Measurement]

  /// Times loads of original and candidate, each of fresh processes, inputs, addresses, layouts and
  /// order, until the sequential test decides. `text` is what the candidate was built from.
  func confirm(
    _ candidate: BuiltCandidate, text: [UInt8], rule: PairedConfirmation.Rule
  ) async throws -> Confirmation

  /// Judges the text. Time-outs and unsupported code come back as `inconclusive`, never as a pass.
  func examine(_ text: [UInt8], effort: ExaminationEffort) async throws -> Examination
}

/// Foundation has a type of this name too.
public typealias Measurement = ExperimentRecords.Measurement

/// How much the judge tries.
public enum ExaminationEffort: Sendable, Hashable {
  /// Few inputs, the project's flags: enough to throw out what is plainly wrong.
  case screening
  /// Everything that a winner needs.
  case full
}

/// A shared object of the whole translation unit with the candidate's body.
public struct BuiltCandidate: Hashable, Sendable {
  /// Path of the shared object.
  public var path: String
  /// Digest of the emitted text.
  public var source: Digest
  /// Compiler runs that it took; 0 when it was cached.
  public var compiles: Int
  public init(path: String, source: Digest, compiles: Int) {
    self.path = path
    self.source = source
    self.compiles = compiles
  }
}

/// What fresh loads of a finalist gave.
public struct Confirmation: Hashable, Sendable {
  /// The decided test.
  public var test: PairedConfirmation
  /// One for each workload, from these loads alone; of a workload whose calls take long at its full size, once
  /// the test has a winner.
  public var measurements: [Measurement]
  /// What the test measured in place of such workloads.
  public var smaller: [Measurement]
  /// Compiler runs that it took.
  public var compiles: Int
  public init(
    test: PairedConfirmation, measurements: [Measurement], smaller: [Measurement] = [],
    compiles: Int = 0
  ) {
    self.test = test
    self.measurements = measurements
    self.smaller = smaller
    self.compiles = compiles
  }
}

/// What the judge found.
public struct Examination: Hashable, Sendable {
  /// Nil when few inputs were tried and nothing spoke against the candidate: that carries no
  /// verdict.
  public var verdict: Verdict?
  /// What the candidate needs: as asked, or the default for its original.
  public var required: Verdict
  public var evidence: [Evidence]
  public var counterexample: Counterexample?
  /// Compiler runs that it took.
  public var compiles: Int
  /// CPU seconds of the compiler in it.
  public var compileSeconds: Double
  public init(
    verdict: Verdict?, required: Verdict = .tested, evidence: [Evidence],
    counterexample: Counterexample? = nil,
    compiles: Int = 0, compileSeconds: Double = 0
  ) {
    self.verdict = verdict
    self.required = required
    self.evidence = evidence
    self.counterexample = counterexample
    self.compiles = compiles
    self.compileSeconds = compileSeconds
  }
}

/// Why a candidate could not be built or timed.
public enum CandidateFailure: Error, Hashable, Sendable {
  /// The compiler's first complaint.
  case compile(String)
  /// A timed call gave other bytes than the original's.
  case wrongOutput(String)
  /// A timed call faulted, did not end in time, or left.
  case fault(String)
  /// The measurement could not be made.
  case unmeasured(String)
  /// It seems faster than the machine can be.
  case impossible(String, Measurement)

  /// What happened, in house grammar.
  public var reason: String {
    switch self {
    case .compile(let text), .wrongOutput(let text), .fault(let text), .unmeasured(let text),
      .impossible(let text, _):
      text
    }
  }

  /// Whether it seems faster than the machine can be.
  var isImpossible: Bool {
    if case .impossible = self { true } else { false }
  }

  /// How a proposal that failed this way is logged.
  public var outcome: Outcome {
    switch self {
    case .compile: .compileFailure
    case .wrongOutput, .fault: .rejectedWrong
    case .unmeasured, .impossible: .inconclusive
    }
  }
}
