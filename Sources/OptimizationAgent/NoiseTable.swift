public import ExperimentRecords
public import Foundation

/// What campaigns with known answers say of this machine and of the statistics: the table that
/// `make aa` writes.
public struct NoiseTable: Codable, Sendable {
  /// Live campaigns of one kind on one subject.
  public struct Live: Codable, Sendable {
    public var subject: TrialSubject
    public var kind: TrialCampaign.Kind
    public var campaigns: Int
    /// Campaigns that kept a candidate.
    public var winners: Int
    /// Of these, campaigns that kept one that is not truly faster.
    public var falseWinners: Int
    /// Campaigns that found the planted gain and took at most 10 s.
    public var foundWithinTenSeconds: Int
    public var secondsMedian: Double
    public var secondsMost: Double
    /// Loads of all confirmations of a campaign, on average.
    public var confirmationLoads: Double
    /// Median of the reported speedups of winners.
    public var reportedSpeedup: Double?
  }

  /// What single loads of identical objects show.
  public struct Floor: Codable, Sendable {
    public var subject: TrialSubject
    public var loads: Int
    /// Share of loads in which the second object seemed faster.
    public var above: Double
    /// 95th percentile of |ratio - 1| of a load.
    public var load95: Double
    /// 95th percentile of |median ratio - 1| over the loads of a confirmation.
    public var confirmation95: Double
    /// Wall seconds of a load beyond the 60 ms that its pairs are timed for: median and 95th
    /// percentile.
    public var overheadMedian: Double
    public var overhead95: Double
  }

  /// Null campaigns, and others, whose loads were drawn from the recorded noise.
  public struct Resampled: Codable, Sendable {
    public var subject: TrialSubject
    /// What every candidate truly gains, as a share.
    public var gain: Double
    public var workloads: Int
    public var tally: ResampledCampaigns.Tally
  }

  public var schema = "ratchet.aa/1"
  public var date: String
  public var machine: Machine
  public var compiler: String
  /// What else the machine did meanwhile.
  public var note: String
  /// The error that a campaign may spend.
  public var error = ErrorBudget.campaign
  public var smallestEffect = Fitness.smallestEffect
  public var candidatesPerCampaign = TrialCampaign.candidates
  public var live: [Live]
  public var floors: [Floor]
  public var resampled: [Resampled]

  /// Sums up campaigns and resamples their noise.
  ///
  /// - Parameter resampledNulls: null campaigns that are resampled per subject.
  public init(
    _ outcomes: [TrialCampaign.Outcome], machine: Machine, compiler: Compiler, note: String,
    resampledNulls: Int = 2000, date: Date = Date()
  ) {
    self.date = date.formatted(.iso8601)
    self.machine = machine.withoutPlaces
    self.compiler = compiler.description
    self.note = note
    live = TrialSubject.allCases.flatMap { subject in
      TrialCampaign.Kind.allCases.compactMap { kind in
        Self.live(outcomes.filter { $0.subject == subject && $0.kind == kind })
      }
    }
    let recording = Self.recording(outcomes, measured: "")
    floors = recording.series.compactMap { Self.floor($0, outcomes) }
    resampled = recording.series.flatMap { Self.resample($0, resampledNulls) }
  }

  /// The loads of identical objects in these campaigns, for resampling.
  public static func recording(_ outcomes: [TrialCampaign.Outcome], measured: String)
    -> NoiseRecording
  {
    let series = TrialSubject.allCases.map { subject in
      NoiseRecording.Series(
        subject: subject.rawValue,
        data: nulls(outcomes, subject).flatMap { $0.confirmed.flatMap(\.data) }
          .map { ($0 * 1e6).rounded() / 1e6 })
    }
    return NoiseRecording(measured: measured, series: series.filter { !$0.data.isEmpty })
  }

  private static func nulls(_ outcomes: [TrialCampaign.Outcome], _ subject: TrialSubject)
    -> [TrialCampaign.Outcome]
  {
    outcomes.filter { $0.subject == subject && $0.kind == .null }
  }

  private static func live(_ outcomes: [TrialCampaign.Outcome]) -> Live? {
    guard let first = outcomes.first else { return nil }
    let winners = outcomes.filter { $0.winner != nil }
    let isRight = { (outcome: TrialCampaign.Outcome) in
      outcome.kind == .gain && outcome.winner == TrialCampaign.planted
    }
    let reported = winners.compactMap { $0.confirmed.last?.speedup.median }
    let loads = outcomes.map { $0.confirmed.reduce(0) { $0 + $1.data.count } }
    return Live(
      subject: first.subject, kind: first.kind, campaigns: outcomes.count, winners: winners.count,
      falseWinners: winners.count { !isRight($0) },
      foundWithinTenSeconds: winners.count { isRight($0) && $0.seconds <= 10 },
      secondsMedian: quantile(outcomes.map(\.seconds), 0.5),
      secondsMost: quantile(outcomes.map(\.seconds), 1),
      confirmationLoads: Double(loads.reduce(0, +)) / Double(outcomes.count),
      reportedSpeedup: reported.isEmpty ? nil : quantile(reported, 0.5))
  }

  private static func floor(_ series: NoiseRecording.Series, _ outcomes: [TrialCampaign.Outcome])
    -> Floor?
  {
    guard let subject = TrialSubject(rawValue: series.subject) else { return nil }
    let medians = nulls(outcomes, subject).flatMap(\.confirmed).map { quantile($0.data, 0.5) }
    let overheads = outcomes.filter { $0.subject == subject }.map(\.overhead)
    return Floor(
      subject: subject, loads: series.data.count,
      above: Double(series.data.count { $0 > 0 }) / Double(series.data.count),
      load95: quantile(series.data.map { abs(exp($0) - 1) }, 0.95),
      confirmation95: quantile(medians.map { abs(exp($0) - 1) }, 0.95),
      overheadMedian: quantile(overheads, 0.5), overhead95: quantile(overheads, 0.95))
  }

  private static func resample(_ series: NoiseRecording.Series, _ nulls: Int) -> [Resampled] {
    guard let subject = TrialSubject(rawValue: series.subject) else { return [] }
    return [(0.0, 1, nulls), (0, 3, nulls), (0.02, 1, nulls / 4), (-0.005, 1, nulls / 4)].map {
      gain, workloads, count in
      var campaigns = ResampledCampaigns(data: series.data, seed: 1)
      return Resampled(
        subject: subject, gain: gain, workloads: workloads,
        tally: campaigns.run(count, shift: log(1 + gain), workloads: workloads))
    }
  }

  private static func quantile(_ values: [Double], _ share: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    if share == 0.5, sorted.count.isMultiple(of: 2) {
      return (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
    return sorted[min(sorted.count - 1, Int((Double(sorted.count - 1) * share).rounded(.up)))]
  }
}

extension Machine {
  /// The machine without the places where its compilers stand: the table is kept in a repository.
  fileprivate var withoutPlaces: Machine {
    var machine = self
    for index in machine.compilers.indices { machine.compilers[index].path = compilers[index].name }
    return machine
  }
}
