import ExperimentRecords
import LineageLog
import Sandboxing

/// What a campaign has spent, held against its ceilings before each candidate.
///
/// What the campaign spent before it was resumed counts, and so does what the kernels before this one
/// took. CPU time is that of the process and its children, whatever they did; the rest is what was booked.
struct CeilingWatch: Sendable {
  let ceilings: Ceilings
  /// What was spent before this process began.
  private let before: Cost
  /// What other searches of this process have booked.
  var booked = Cost()
  private let start = ContinuousClock.now
  /// CPU seconds of the process that are not the campaign's.
  private let uncounted: Double

  /// - Parameters:
  ///   - before: what the campaign had spent before it was resumed.
  ///   - uncounted: CPU seconds of this process that do not count.
  init(_ ceilings: Ceilings = Ceilings(), before: Cost = Cost(), uncounted: Double = 0) {
    self.ceilings = ceilings
    self.before = before
    self.uncounted = uncounted
  }

  /// The ceiling that is reached when the search under way has booked `own`.
  func reached(_ own: Cost = Cost()) -> CeilingReached? {
    guard !ceilings.areOpen else { return nil }
    let known = before + booked + own
    return ceilings.reached([
      .cpu: before.cpuSeconds + max(0, CostMeter.spent - uncounted),
      .wall: before.wallSeconds + (ContinuousClock.now - start).seconds,
      .compiles: Double(known.compiles), .disk: Double(known.diskBytes),
    ])
  }

  /// How many candidates may be built side by side: one where anything is bounded, so that no more than one
  /// begins after the last look.
  var batch: Int { ceilings.areOpen ? .max : 1 }
}

extension Lineage {
  /// What the campaign called `name` has spent in all its runs so far.
  ///
  /// A run that was ended says so itself; of one that was killed, what its entries booked counts, and the
  /// time from its first entry to its last.
  func spent(byCampaign name: String) -> Cost {
    var total = Cost()
    var run = CampaignRun()
    for stored in entries(ofCampaign: name) {
      if case .campaignStarted = stored.entry.content {
        total += run.cost
        run = CampaignRun()
      }
      run.add(stored.entry)
      if case .campaignEnded = stored.entry.content {
        total += run.cost
        run = CampaignRun()
      }
    }
    return total + run.cost
  }
}

/// One run of a campaign, as its entries tell.
private struct CampaignRun {
  private var booked = Cost()
  private var ended: Cost?
  private var times: ClosedRange<Timestamp>?

  mutating func add(_ entry: LineageEntry) {
    // A clock that is set back does not make a run shorter than its entries say.
    let first = min(times?.lowerBound ?? entry.time, entry.time)
    times = first...max(times?.upperBound ?? entry.time, entry.time)
    switch entry.content {
    case .baseline(let baseline): booked += baseline.cost
    case .proposal(let proposal): booked += proposal.cost
    case .sentinelChecked(let checked): booked += checked.cost
    case .campaignEnded(let end): ended = end.cost
    default: break
    }
  }

  var cost: Cost {
    var cost = ended ?? booked
    let elapsed = times.map { $0.upperBound.milliseconds - $0.lowerBound.milliseconds } ?? 0
    cost.wallSeconds = max(cost.wallSeconds, Double(elapsed) / 1000)
    return cost
  }
}
