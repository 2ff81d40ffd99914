public import ExperimentRecords

/// What later judgements have left of the winners of a lineage.
///
/// Nothing is known of winners that were not judged again: they stand as recorded. A winner that a judgement
/// condemned is retracted from that entry on, and so is what descends from it, also where the writing of the
/// retractions was interrupted. A doubt ends with a later judgement that keeps the winner; a person's approval
/// that comes after the doubt lets the winner be applied and leaves the doubt.
public struct Standings: Hashable, Sendable {
  /// Why a winner counts for nothing any more.
  public struct Retraction: Hashable, Sendable {
    /// The entry that says so: `retracted`, or the judgement where that was interrupted.
    public var entry: Digest
    /// When.
    public var time: Timestamp
    /// Why, in house grammar.
    public var reason: String
  }

  /// Why nobody knows of a winner today.
  public struct Doubt: Hashable, Sendable {
    /// The entry of the judgement.
    public var entry: Digest
    /// When.
    public var time: Timestamp
    /// Why, in house grammar.
    public var reason: String
    /// Whether a person's newest word since is an approval.
    public var isApproved: Bool
  }

  /// The retracted winners, by their entries.
  public private(set) var retractions: [Digest: Retraction] = [:]
  /// The winners in doubt, by their entries.
  public private(set) var doubts: [Digest: Doubt] = [:]
  /// The verdicts of winners that were kept with a weaker one than recorded.
  public private(set) var weaker: [Digest: Verdict] = [:]
  /// Proposals derived from what was retracted.
  public private(set) var proposals: Set<Digest> = []
  /// What has been judged again by which judge, with an answer.
  private var judged: [JudgeIdentity: Set<Digest>] = [:]
  /// Retractions that no entry records yet, in the order in which they have to be written.
  public private(set) var pending: [Retracted] = []

  /// The standings where nothing was judged again.
  public init() {}

  /// Reads the standings of `lineage`.
  init(_ lineage: Lineage) {
    var condemned: [StoredEntry] = []
    for stored in lineage.entries {
      switch stored.entry.content {
      case .rejudged(let rejudged):
        note(rejudged, stored)
        if rejudged.standing.isCondemned { condemned.append(stored) }
      case .retracted(let retracted): note(retracted, stored)
      case .approval(let approval): doubts[approval.subject]?.isApproved = approval.granted
      default: break
      }
    }
    // The entry of what was judged is written last, so that its presence tells that all are.
    for stored in condemned {
      for retracted in lineage.retractions(after: stored)
      where retractions[retracted.winner] == nil {
        pending.append(retracted)
        note(retracted, stored)
      }
    }
    for id in retractions.keys { doubts[id] = nil }
  }

  private mutating func note(_ rejudged: Rejudged, _ stored: StoredEntry) {
    if rejudged.standing != .inDoubt {
      judged[rejudged.judge, default: []].insert(rejudged.winner)
    }
    doubts[rejudged.winner] = nil
    weaker[rejudged.winner] = nil
    switch rejudged.standing {
    case .weaker: weaker[rejudged.winner] = rejudged.verdict
    case .inDoubt:
      doubts[rejudged.winner] = Doubt(
        entry: stored.id, time: stored.entry.time, reason: rejudged.reason ?? "nobody knows",
        isApproved: false)
    case .refuted, .unmet, .stands: break
    }
  }

  private mutating func note(_ retracted: Retracted, _ stored: StoredEntry) {
    retractions[retracted.winner] = Retraction(
      entry: stored.id, time: stored.entry.time, reason: retracted.reason)
    proposals.formUnion(retracted.proposals)
  }

  /// Whether `judge` has judged the winner `id` already and came to an answer.
  public func isJudged(_ id: Digest, by judge: JudgeIdentity) -> Bool {
    judge.program != nil && judged[judge]?.contains(id) == true
  }

  /// `retracted`, `in doubt`, or `nil` for everything else.
  public func mark(of id: Digest) -> String? {
    if retractions[id] != nil || proposals.contains(id) { return "retracted" }
    return doubts[id] == nil ? nil : "in doubt"
  }
}

extension Lineage {
  /// What later judgements have left of the winners.
  public var standings: Standings { Standings(self) }

  /// The retractions that the judgement `stored` asks for, what was judged last; none where they are recorded.
  fileprivate func retractions(after stored: StoredEntry) -> [Retracted] {
    guard case .rejudged(let rejudged) = stored.entry.content,
      case .winner(let winner)? = self[rejudged.winner]?.entry.content
    else { return [] }
    // The lineage may hold some entries of a log alone.
    let isRecorded = entries.contains { later in
      guard later.index >= stored.index, case .retracted(let retracted) = later.entry.content else {
        return false
      }
      return retracted.winner == rejudged.winner
    }
    if isRecorded { return [] }
    let descent = Descent(
      of: rejudged.winner, winner, in: entries.prefix { $0.index < stored.index })
    let heirs = descent.heirs.map { heir in
      Retracted(
        winner: heir.winner, kernel: heir.kernel, judgement: stored.id, ancestor: heir.ancestor,
        reason: heir.reason)
    }
    let judged = Retracted(
      winner: rejudged.winner, kernel: rejudged.kernel, judgement: stored.id,
      reason: rejudged.reason ?? "it is \(rejudged.verdict.rawValue)",
      proposals: descent.proposals)
    return heirs + [judged]
  }
}

extension LineageQuestions {
  /// What later judgements have left of the winners.
  ///
  /// Only what was judged is read, unless the writing of a retraction was interrupted: what descends from a
  /// winner may then be anywhere.
  public func standings() throws(LineageError) -> Standings {
    let judged = try lineage(EntryFilter(kinds: ["rejudged", "retracted", "approval"]))
    let standings = judged.standings
    let isWhole = judged.entries.allSatisfy { stored in
      guard case .rejudged(let rejudged) = stored.entry.content, rejudged.standing.isCondemned
      else { return true }
      return standings.retractions[rejudged.winner] != nil
    }
    return isWhole ? standings : try Lineage.read(directory).standings
  }
}

extension LineageWriter {
  /// Records every retraction that judgements ask for and that no entry records yet; returns the entries.
  ///
  /// Interrupted at any point, a later call records the rest.
  @discardableResult
  public func recordRetractions(time: Timestamp = .now) throws(LineageError) -> [StoredEntry] {
    var stored: [StoredEntry] = []
    for retracted in lineage.standings.pending {
      stored.append(try append(.retracted(retracted), time: time))
    }
    return stored
  }
}
