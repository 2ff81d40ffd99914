public import ExperimentRecords
public import LineageLog

/// What an overseer needs on one page: what the agent may do, what it did, who allowed it, what it cost, what
/// was taken back, and how far the tool can be trusted. It is built from the lineage and what is given beside
/// it, and decides nothing.
///
/// A kind of entry gets its section by a line in `sectionKinds`.
public struct AuditReport: Sendable {
  /// The configured level.
  public struct Level: Hashable, Sendable, Encodable {
    /// `L0` to `L4`.
    public var level: String
    /// What sets it: a file, or `the default`.
    public var origin: String

    /// Creates the level that `origin` sets.
    public init(level: String, origin: String) {
      (self.level, self.origin) = (level, origin)
    }
  }

  /// The state of the log.
  public struct Log: Hashable, Sendable, Encodable {
    /// The directory.
    public var directory: String
    /// How many entries it has, the chain and all checkpoints holding.
    public var entries: Int
    /// The id of the last.
    public var head: Digest
    /// How many objects are as they were written.
    public var objects: Int
    /// The last checkpoint; `nil` where there is none.
    public var checkpoint: Seal?
  }

  /// A checkpoint.
  public struct Seal: Hashable, Sendable, Encodable {
    /// Its entry.
    public var entry: Digest
    /// When it was written.
    public var time: Timestamp
    /// How many entries it covers.
    public var covers: Int
    /// The key that signed it; `nil` where none did.
    public var signedBy: String?
  }

  /// A campaign with its cost.
  public struct Campaign: Hashable, Sendable, Encodable {
    /// Its name.
    public var name: String
    /// When it began.
    public var time: Timestamp
    /// Who started it.
    public var by: String?
    /// Why it ended; `nil` when it was killed or runs.
    public var ended: StopReason?
    /// More about the end.
    public var detail: String?
    /// How many candidates were compiled.
    public var evaluations: Int
    /// What it took, as far as that is known.
    public var cost: Cost
  }

  /// A source file that winners were written into.
  public struct File: Hashable, Sendable, Encodable {
    /// A winner that the lineage says is in the file.
    public struct Winner: Hashable, Sendable, Encodable {
      /// Its entry.
      public var entry: Digest
      /// The function.
      public var function: String
      /// `retracted` or `in doubt`; `nil` for a winner that stands.
      public var standing: String?
    }

    /// Its path below the project's root.
    public var file: String
    /// Whether it is as the lineage left it; `nil` where it cannot be read.
    public var isAsRecorded: Bool?
    /// The winners in it.
    public var winners: [Winner]
  }

  /// A winner that is retracted or in doubt.
  public struct Standing: Hashable, Sendable, Encodable {
    /// The entry of the winner.
    public var winner: Digest
    /// The kernel.
    public var kernel: KernelName
    /// `retracted` or `in doubt`.
    public var standing: String
    /// Why.
    public var reason: String
    /// Since when.
    public var time: Timestamp
  }

  /// Entries of one concern.
  public struct Section: Hashable, Sendable, Encodable {
    /// An entry in words.
    public struct Event: Hashable, Sendable, Encodable {
      /// The entry.
      public var entry: Digest
      /// When.
      public var time: Timestamp
      /// What, with its kind.
      public var text: String
    }

    /// What they are about.
    public var title: String
    /// The kinds of entries.
    public var kinds: [String]
    /// The entries, oldest first.
    public var events: [Event]
  }

  /// The level.
  public let level: Level
  /// The log.
  public let log: Log
  /// The campaigns, oldest first.
  public let campaigns: [Campaign]
  /// The files that hold winners by the lineage.
  public let files: [File]
  /// Winners that are retracted or in doubt, in the order of the log.
  public let standings: [Standing]
  /// Files that retracted winners were written into.
  public let retractedFiles: [RetractedFile]
  /// Everything else, by concern.
  public let sections: [Section]
  /// The limits of the tool.
  public let calibration: CalibrationFigures

  /// The sections, each with the kinds of its entries; a kind that this version does not know is told by its
  /// name.
  static let sectionKinds: [(title: String, kinds: [String])] = [
    ("envelopes", ["envelopeDeclared"]),
    ("generations and tripwires", ["generationEnded", "tripwirePaused"]),
    ("approvals", ["approval"]),
    ("attempts that were refused", ["actionRefused"]),
    ("quarantined for review", ["quarantined"]),
    ("changes of sources", ["applied", "reverted"]),
    ("judged again", ["rejudged", "retracted"]),
    ("stops", ["stopRequested", "stopCleared"]),
  ]

  /// Reads `lineage`, which was verified with `verification` as the answer.
  ///
  /// - Parameters:
  ///   - digest: The digest of a file of the project as it is now, by its path; `nil` where it cannot be read.
  public init(
    _ lineage: Lineage, verification: VerificationReport, directory: String, level: Level,
    retractedFiles: [RetractedFile] = [], calibration: CalibrationFigures = .measured,
    digest: (String) -> Digest?
  ) {
    self.level = level
    self.retractedFiles = retractedFiles
    self.calibration = calibration
    log = Log(
      directory: directory, entries: verification.entries, head: verification.head,
      objects: verification.objects, checkpoint: lineage.lastSeal)
    campaigns = lineage.campaigns.map(Campaign.init)
    let standings = lineage.standings
    files = lineage.appliedSources.sorted { $0.key < $1.key }.compactMap { file, source in
      File(file, source, standings, digest(file))
    }
    self.standings = lineage.entries.compactMap { Standing($0, standings) }
    sections = Self.sectionKinds.map { title, kinds in
      let chosen = lineage.entries.filter { kinds.contains($0.entry.content.kind) }
      return Section(title: title, kinds: kinds, events: chosen.map(Section.Event.init))
    }
  }

  /// What all campaigns took together.
  public var cost: Cost { campaigns.reduce(Cost()) { $0 + $1.cost } }
}

extension Lineage {
  fileprivate var lastSeal: AuditReport.Seal? {
    for stored in entries.reversed() {
      guard case .checkpoint(let checkpoint) = stored.entry.content else { continue }
      return AuditReport.Seal(
        entry: stored.id, time: stored.entry.time, covers: checkpoint.entries,
        signedBy: checkpoint.signature?.key)
    }
    return nil
  }
}

extension AuditReport.Campaign {
  fileprivate init(_ record: CampaignRecord) {
    // A campaign that was killed has left the costs of the kernels that it finished.
    let kernels = record.finished.values.reduce(Cost()) {
      $0 + $1.cost + ($1.parallel?.cost ?? Cost())
    }
    let compiled = record.finished.values.reduce(0) { $0 + $1.evaluations }
    self.init(
      name: record.name, time: record.startTime, by: record.started.user,
      ended: record.ended?.reason, detail: record.ended?.detail,
      evaluations: record.ended?.evaluations ?? compiled, cost: record.ended?.cost ?? kernels)
  }
}

extension AuditReport.File {
  /// `nil` for a file that holds no winner and is as it was.
  fileprivate init?(
    _ file: String, _ source: AppliedSource, _ standings: Standings, _ present: Digest?
  ) {
    let state = present.flatMap { source.state(of: $0) } ?? source.current
    let winners = state.layers.map {
      Winner(
        entry: $0.winner, function: $0.kernel.function, standing: standings.mark(of: $0.winner))
    }
    let isAsRecorded = present.map { source.state(of: $0) != nil }
    if winners.isEmpty, isAsRecorded == true { return nil }
    self.init(file: file, isAsRecorded: isAsRecorded, winners: winners)
  }
}

extension AuditReport.Standing {
  fileprivate init?(_ stored: StoredEntry, _ standings: Standings) {
    guard case .winner(let winner) = stored.entry.content else { return nil }
    if let retraction = standings.retractions[stored.id] {
      self.init(
        winner: stored.id, kernel: winner.kernel, standing: "retracted",
        reason: retraction.reason, time: retraction.time)
    } else if let doubt = standings.doubts[stored.id] {
      self.init(
        winner: stored.id, kernel: winner.kernel, standing: "in doubt", reason: doubt.reason,
        time: doubt.time)
    } else {
      return nil
    }
  }
}

extension AuditReport.Section.Event {
  fileprivate init(_ stored: StoredEntry) {
    let kernel = stored.entry.kernel.map { " \($0)" } ?? ""
    self.init(
      entry: stored.id, time: stored.entry.time,
      text: kindText(stored.entry.content) + kernel + ": " + summary(stored.entry.content))
  }
}

extension AuditReport: Encodable {
  private enum Key: String, CodingKey {
    case schema, level, log, campaigns, cost, files, standings, retractedFiles, sections
    case calibration
  }

  private struct OpenFile: Encodable {
    var file: String
    var winner: Digest
    var presence: RetractedFile.Presence
  }

  private struct Limits: Encodable {
    var figures: CalibrationFigures
    var judgeChanged: Bool?

    private enum Key: String, CodingKey { case figures, judgeChanged }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(figures, forKey: .figures)
      try container.encode(judgeChanged, forKey: .judgeChanged)
    }
  }

  /// Writes `ratchet.audit/1`. Members may be added; a removal or a change of meaning raises the number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode("ratchet.audit/1", forKey: .schema)
    try container.encode(level, forKey: .level)
    try container.encode(log, forKey: .log)
    try container.encode(campaigns, forKey: .campaigns)
    try container.encode(cost, forKey: .cost)
    try container.encode(files, forKey: .files)
    try container.encode(standings, forKey: .standings)
    let open = retractedFiles.map {
      OpenFile(file: $0.kernel.file, winner: $0.winner, presence: $0.presence)
    }
    try container.encode(open, forKey: .retractedFiles)
    try container.encode(sections, forKey: .sections)
    try container.encode(
      Limits(figures: calibration, judgeChanged: calibration.isJudgeChanged), forKey: .calibration)
  }
}
