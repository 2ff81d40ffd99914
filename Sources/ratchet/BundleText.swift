import Diagnostics
import ExperimentRecords
import LineageLog

/// What a sound bundle says, for people and programs.
struct BundleText {
  private let report: BundleReport
  /// The key that the signatures were held against.
  private let key: PublicKey?
  /// Whether the checkpoint was held against one from elsewhere.
  private let isPinned: Bool

  init(_ report: BundleReport, key: PublicKey? = nil, isPinned: Bool = false) {
    (self.report, self.key, self.isPinned) = (report, key, isPinned)
  }

  var text: String {
    let winner = printable("\(report.kernel): \(report.recipe), \(report.verdict)")
    let gains = report.gains.map {
      "  \(Figures.interval($0.speedup)) on '\(printable($0.workload))'"
    }
    var lines = [
      "\(report.files) files are as they were written, and say the same",
      "winner \(report.winner.short): \(winner)",
    ]
    lines += gains + [log]
    if let key {
      lines.append("both statements are signed by the given key \(key.hex.prefix(16))…")
    }
    return (lines + reservations + doubts).map { $0 + "\n" }.joined()
  }

  private var log: String {
    guard let seal = report.checkpoint else { return "no entry is shown to be in a log" }
    let owner = seal.signature.map { signature in
      signature.key == key?.hex
        ? ", signed by the given key" : ", signed by key \(signature.key.prefix(16))…"
    }
    return "\(report.proven) entries are shown to be in the log of checkpoint "
      + "\(seal.entries):\(seal.root)" + (owner ?? "")
      + (isPinned ? ", which is the given one" : "")
  }

  /// What a reader should know of its contents before relying on it.
  var reservations: [String] {
    var notes: [String] = []
    if !report.retractions.isEmpty {
      notes.append("the winner was retracted by entry '\(report.retractions[0].short)'")
    }
    if report.checkpoint == nil {
      notes.append(
        "no checkpoint covers the winner, so that nothing shows that it stood in a log "
          + "('ratchet lineage checkpoint' makes one before an export)")
    }
    let newer = report.checkpoint == nil ? 0 : report.entries - report.proven - 1
    if newer > 0 {
      notes.append(
        "\(newer) entries are newer than the checkpoint, and nothing shows that they stood in the log"
      )
    }
    if report.missingSamples > 0 {
      notes.append("raw samples of \(report.missingSamples) measurements were not kept")
    }
    return notes
  }
}

extension BundleText {
  /// What stands between a reader and relying on who made it.
  var doubts: [String] {
    guard key == nil else { return [] }
    let signers = report.signers.map { "\($0.prefix(16))…" }.joined(separator: ", ")
    let signed =
      report.signers.isEmpty
      ? "the statements are not signed"
      : "the statements are signed by key \(signers); whose that is, only --public-key tells"
    let made = "nobody vouches for it as it is checked here: who made it could have made all of it"
    return isPinned ? [signed] : [signed, made]
  }
}

/// `ratchet.lineage.bundle/1`: the same for programs.
struct BundleDocument: Encodable {
  struct Gain: Encodable {
    var workload: String
    var speedup: ConfidenceInterval
  }

  var schema = "ratchet.lineage.bundle/1"
  var verified = true
  /// Whether it was held against a key or a checkpoint from elsewhere.
  var vouched: Bool
  var entry: Digest
  var kernel: KernelName
  var recipe: String
  var verdict: String
  var speedups: [Gain]
  var files: Int
  var entries: Int
  var proven: Int
  var checkpoint: Checkpoint?
  var signedBy: [String]
  var retractedBy: [Digest]
  var missingSamples: Int

  init(_ report: BundleReport, vouched: Bool) {
    self.vouched = vouched
    (entry, kernel, recipe, verdict) = (
      report.winner, report.kernel, report.recipe, report.verdict
    )
    speedups = report.gains.map { Gain(workload: $0.workload, speedup: $0.speedup) }
    (files, entries, proven) = (report.files, report.entries, report.proven)
    (checkpoint, signedBy, retractedBy) = (report.checkpoint, report.signers, report.retractions)
    missingSamples = report.missingSamples
  }
}
