import CandidateExecution
public import Foundation

/// Loads of identical objects as they were measured: the real noise of a machine.
///
/// On disk a JSON object, `{"schema": "ratchet.noise/1", …}`, keys sorted.
public struct NoiseRecording: Codable, Sendable, Hashable {
  /// The only version there is.
  public static let currentSchema = "ratchet.noise/1"

  /// Loads of one kernel.
  public struct Series: Codable, Sendable, Hashable {
    public var subject: String
    /// Median log ratio of each load.
    public var data: [Double]
    public init(subject: String, data: [Double]) {
      self.subject = subject
      self.data = data
    }
  }

  public var schema = NoiseRecording.currentSchema
  /// When and on what they were measured, in words.
  public var measured: String
  public var series: [Series]

  public init(measured: String, series: [Series]) {
    self.measured = measured
    self.series = series
  }

  /// Reads a file; one of another schema is refused.
  public init(contentsOf url: URL) throws {
    self = try JSONDecoder().decode(NoiseRecording.self, from: try Data(contentsOf: url))
    guard schema == Self.currentSchema else { throw CocoaError(.fileReadCorruptFile) }
  }
}

/// Campaigns that draw their loads with replacement from recorded noise, and otherwise decide by the
/// code that real ones run.
public struct ResampledCampaigns: Sendable {
  /// What many campaigns gave.
  public struct Tally: Codable, Sendable, Hashable {
    public var campaigns = 0
    /// Campaigns that kept a candidate.
    public var winners = 0
    public var confirmations = 0
    public var loads = 0
  }

  private let data: [Double]
  private var random: SeededRandom

  /// - Parameter data: loads of identical objects, at least one.
  public init(data: [Double], seed: UInt64) {
    self.data = data
    random = SeededRandom(seed: seed)
  }

  private mutating func load(_ shift: Double) -> Double {
    data[random.below(data.count)] + shift
  }

  /// Runs `count` campaigns whose candidates are all truly `shift` (a log ratio) better; each has one
  /// kernel with `workloads` workloads. Which candidates screening has picked changes nothing: it spends
  /// no error, and its loads are not seen again.
  public mutating func run(_ count: Int, shift: Double = 0, workloads: Int = 1) -> Tally {
    var tally = Tally()
    for _ in 0..<count {
      tally.campaigns += 1
      var errors = ErrorBudget()
      for _ in 0..<KernelSearch.finalists {
        let test = confirm(shift, workloads, errors.next().error)
        tally.confirmations += 1
        tally.loads += test.loads
        guard test.decision == .winner else { continue }
        tally.winners += 1
        break
      }
    }
    return tally
  }

  /// One finalist's confirmation, with the error of a campaign of one kernel.
  mutating func confirmation(
    shift: Double, workloads: Int = 1, smallestEffect: Double = Fitness.smallestEffect
  ) -> PairedConfirmation {
    var errors = ErrorBudget()
    return confirm(shift, workloads, errors.next().error, smallestEffect)
  }

  private mutating func confirm(
    _ shift: Double, _ workloads: Int, _ error: Double,
    _ smallestEffect: Double = Fitness.smallestEffect
  ) -> PairedConfirmation {
    let names = (0..<workloads).map { "w\($0)" }
    let rule = PairedConfirmation.Rule(error: error, smallestEffect: smallestEffect)
    var test = PairedConfirmation(workloads: names, rule: rule)
    while test.decision == .undecided { test.add(load(shift), to: test.next) }
    return test
  }
}
