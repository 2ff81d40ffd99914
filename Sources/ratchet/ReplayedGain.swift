import Diagnostics
import ExperimentRecords
import LineageLog

/// A workload that was measured again.
struct ReplayedGain: Encodable {
  /// How the two intervals lie to each other.
  enum Agreement: String, Encodable {
    /// Each holds the other's median.
    case agrees
    /// They share a part.
    case overlaps
    /// All of the new one lies above the recorded one.
    case faster
    /// All of the new one lies below the recorded one.
    case slower

    init(recorded: ConfidenceInterval, now: ConfidenceInterval) {
      func holds(_ interval: ConfidenceInterval, _ value: Double) -> Bool {
        interval.low <= value && value <= interval.high
      }
      if now.low > recorded.high {
        self = .faster
      } else if now.high < recorded.low {
        self = .slower
      } else {
        let isMutual = holds(now, recorded.median) && holds(recorded, now.median)
        self = isMutual ? .agrees : .overlaps
      }
    }
  }

  var workload: String
  var recorded: ConfidenceInterval
  var now: ConfidenceInterval
  var agreement: Agreement

  init(workload: String, recorded: ConfidenceInterval, now: ConfidenceInterval) {
    (self.workload, self.recorded, self.now) = (workload, recorded, now)
    agreement = Agreement(recorded: recorded, now: now)
  }

  /// Whether a gain is there still: on some workload all of the new interval lies above 1, and on none all of
  /// it lies below the bound that winners keep on every workload (design, rule 7).
  static func isThere(_ gains: [ReplayedGain]) -> Bool {
    gains.contains { $0.now.low > 1 } && gains.allSatisfy { $0.now.high >= 0.98 }
  }
}

/// What an entry says of a recipe, of what it gave and of how that was judged and measured.
struct RecordedCandidate {
  var kernel: KernelName
  var recipe: Recipe
  var source: Digest
  var emitted: Digest
  var verdict: Verdict?
  var measurements: [Measurement]
  var threads: Int
  var baseline: Baseline
  var campaign: CampaignStarted?

  init(_ stored: StoredEntry, in lineage: Lineage) throws {
    let emitted: Digest?
    var base: Digest?
    switch stored.entry.content {
    case .winner(let winner):
      (kernel, recipe, emitted) = (winner.kernel, winner.recipe, winner.newSource)
      (verdict, measurements) = (winner.verdict, winner.measurements)
      threads = winner.threads ?? 1
      base = winner.baseSource
    case .proposal(let proposal):
      (kernel, recipe, emitted) = (proposal.kernel, proposal.recipe, proposal.source)
      (verdict, measurements) = (proposal.verdict, proposal.measurements)
      threads = proposal.threads ?? 1
    default:
      throw InputError(
        "entry '\(stored.id.short)' of kind '\(stored.entry.content.kind)' has no recipe",
        remedy: "name a winner or a proposal")
    }
    guard let emitted, let baseline = lineage.baseline(before: stored, of: kernel) else {
      throw InputError(
        "entry '\(stored.id.short)' records no bytes to compare with",
        remedy: "'ratchet lineage show \(stored.id.short)' tells why")
    }
    self.emitted = emitted
    self.baseline = baseline
    source = base ?? baseline.source
    campaign = lineage.campaigns.first { $0.name == stored.entry.campaign }?.started
  }
}
