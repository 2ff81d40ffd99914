import Diagnostics
import ExperimentRecords
import LineageLog

/// The circumstances in which a winner was won, as its lineage records them.
struct PastJudgement {
  /// The campaign as it began, the last time before the winner.
  var started: CampaignStarted
  /// The kernel as the winner was made for it.
  var baseline: Baseline

  /// Throws `InputError` when the lineage does not hold them.
  init(of id: Digest, _ winner: Winner, in lineage: Lineage) throws(InputError) {
    guard let stored = lineage[id] else { throw InputError("no entry '\(id.short)'") }
    var started: CampaignStarted?
    var baseline: Baseline?
    for earlier in lineage.entries[..<stored.index] {
      switch earlier.entry.content {
      case .campaignStarted(let start) where earlier.entry.campaign == stored.entry.campaign:
        started = start
      case .baseline(let base)
      where base.kernel == winner.kernel && base.source == winner.baseSource:
        baseline = base
      default: break
      }
    }
    guard let started, let baseline else {
      throw InputError("the lineage does not tell how it was judged")
    }
    (self.started, self.baseline) = (started, baseline)
  }

  /// What the person asked for; `nil` for the default.
  var requirement: Verdict? {
    let asked = started.settings["require"].flatMap(Verdict.init(rawValue:))
    return asked.flatMap { $0 >= .tested ? $0 : nil }
  }

  /// How far results may differ.
  var isRelaxed: Bool {
    started.settings["fp"] == FloatingPointMode.relaxed.rawValue
  }

  /// The compiler of the baseline.
  var compiler: Compiler { baseline.compiler ?? started.compiler }
}
