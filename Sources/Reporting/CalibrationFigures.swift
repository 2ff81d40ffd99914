public import ExperimentRecords

/// What the tool's own calibration has measured of its limits, as `make calibrate` and `make aa` left it in
/// `Docs` and `Benchmarks/results`. `measured` is generated from these by `make catalog`; no number is typed.
public struct CalibrationFigures: Hashable, Sendable, Encodable {
  /// How many planted defects one level of the judge finds.
  public struct Level: Hashable, Sendable, Encodable {
    /// The level.
    public var level: String
    /// How many mutants it was asked of.
    public var asked: Int
    /// The share that it refuted, with its interval.
    public var refuted: String
    /// The share that it did not pass, with its interval.
    public var notPassed: String
  }

  /// Campaigns on pairs of equal programs, where every winner is a false one.
  public struct EqualPrograms: Hashable, Sendable, Encodable {
    /// The day of the measurement.
    public var date: String
    /// How many campaigns were run.
    public var campaigns: Int
    /// How many of them gave a winner.
    public var falseWinners: Int
    /// The gain below which nothing is kept, as a share.
    public var smallestEffect: Double
    /// What else ran.
    public var note: String
  }

  /// The day of the judge's calibration.
  public var date: String
  /// The machine that it ran on.
  public var machine: String
  /// The states of the judge that were measured.
  public var judge: String
  /// How many defects were planted, into how many right texts.
  public var planted: String
  /// How many of those that are known to be wrong were accepted.
  public var acceptedWrong: String
  /// How many were accepted of which nobody knows.
  public var acceptedUnknown: Int
  /// The levels.
  public var levels: [Level]
  /// The measurement's own false winners; `nil` where none were looked for.
  public var equalPrograms: EqualPrograms?
  /// The digest over the judge's sources as they were when the calibration was published.
  public var calibratedJudge: Digest?
  /// The digest over the judge's sources that this program was built from.
  public var presentJudge: Digest?
  /// The digest of the page that the figures come from.
  public var page: Digest?

  /// Whether the judge was changed since; `nil` where that is not known.
  public var isJudgeChanged: Bool? {
    guard let calibratedJudge, let presentJudge else { return nil }
    return calibratedJudge != presentJudge
  }
}
