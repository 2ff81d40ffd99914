import Diagnostics
import ExperimentRecords

/// What replaying an entry gave: `ratchet.lineage.replay/1`.
struct Replay: Encodable {
  /// Verdicts then and now.
  struct Verdicts: Encodable {
    var recorded: Verdict
    var now: Verdict
    var same: Bool

    init(recorded: Verdict, now: Verdict) {
      (self.recorded, self.now, same) = (recorded, now, recorded == now)
    }
  }

  var schema = "ratchet.lineage.replay/1"
  var entry: Digest
  var recipe: Recipe
  var identical = true
  var digest: Digest
  var bytes: Int
  /// Absent where only bytes were compared, or no verdict is recorded.
  var verdict: Verdicts?
  /// Absent unless it was measured again.
  var measurements: [ReplayedGain]?

  init(entry: Digest, recipe: Recipe, digest: Digest, bytes: Int) {
    (self.entry, self.recipe, self.digest, self.bytes) = (entry, recipe, digest, bytes)
  }

  /// What does not hold any more; nil when the record does.
  var complaint: String? {
    if let verdict, !verdict.same {
      return
        "the verdict is '\(verdict.now.rawValue)' now, and '\(verdict.recorded.rawValue)' is recorded"
    }
    if let measurements, !ReplayedGain.isThere(measurements) {
      return "the gain is gone on this machine"
    }
    return nil
  }

  var text: String {
    var lines = [
      "\(entry.short): '\(printable(recipe.description))' gives the same bytes, "
        + "\(bytes) of digest \(digest.short)"
    ]
    if let verdict {
      lines.append(
        verdict.same
          ? "the same verdict, \(verdict.now.rawValue)"
          : "verdict \(verdict.now.rawValue), recorded \(verdict.recorded.rawValue)")
    }
    for gain in measurements ?? [] {
      lines.append(
        "'\(printable(gain.workload))': \(Figures.interval(gain.now)), recorded "
          + "\(Figures.interval(gain.recorded)): \(gain.agreement.rawValue)")
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
