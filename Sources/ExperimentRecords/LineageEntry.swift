/// One step of the lineage: something that happened once and is never changed.
///
/// In JSON an entry is an object with the keys `version`, `time`, `campaign` (when there is one),
/// `kind`, and one key named like the kind that holds what happened:
///
///     {"version":1,"time":"…","campaign":"…","kind":"winner","winner":{…}}
///
/// A reader passes over keys that it does not know, and gives kinds that it does not know as
/// `unknown`. A field that is added later is optional. A change of meaning, a removal, or a new
/// case of an enumeration raises `currentVersion`.
public struct LineageEntry: Hashable, Sendable {
  /// The version that this code writes, and the highest that it reads.
  public static let currentVersion = 1

  /// What happened.
  public enum Content: Hashable, Sendable {
    /// A campaign began.
    case campaignStarted(CampaignStarted)
    /// A kernel was read and timed as it is.
    case baseline(Baseline)
    /// A recipe was proposed, and this is what became of it.
    case proposal(Proposal)
    /// A candidate was confirmed as the best of its kernel.
    case winner(Winner)
    /// The search for a kernel ended.
    case kernelFinished(KernelFinished)
    /// A winner was written into the user's file.
    case applied(Applied)
    /// An applied winner was taken out of the user's file.
    case reverted(Reverted)
    /// A person approved or declined something.
    case approval(Approval)
    /// A person, a signal or a ceiling asked the campaign to stop.
    case stopRequested(StopRequested)
    /// A person let a stopped campaign go on.
    case stopCleared(StopCleared)
    /// A program of the user's was timed with and without the winners.
    case programMeasured(ProgramMeasured)
    /// The measurement itself was checked by a pair whose answer is known.
    case sentinelChecked(SentinelChecked)
    /// A campaign ended.
    case campaignEnded(CampaignEnded)
    /// All entries up to here were sealed.
    case checkpoint(Checkpoint)
    /// Something beyond the level, or without the key that it needs, was tried and not done.
    case actionRefused(ActionRefused)
    /// A candidate seems faster than the machine can be.
    case quarantined(Quarantined)
    /// Bounds were named within which the agent may change itself.
    case envelopeDeclared(EnvelopeDeclared)
    /// A generation of the agent ended.
    case generationEnded(GenerationEnded)
    /// The agent improves itself too fast to go on unasked.
    case tripwirePaused(TripwirePaused)
    /// A winner was judged again.
    case rejudged(Rejudged)
    /// A winner was retracted.
    case retracted(Retracted)
    /// Something that only later versions know, by its kind.
    case unknown(kind: String)
  }

  /// The version of the record.
  public var version: Int
  /// When the entry was written.
  public var time: Timestamp
  /// The campaign that it belongs to; `nil` outside campaigns.
  public var campaign: String?
  /// What happened.
  public var content: Content

  /// Creates an entry of the current version.
  public init(time: Timestamp, campaign: String? = nil, _ content: Content) {
    self.version = Self.currentVersion
    self.time = time
    self.campaign = campaign
    self.content = content
  }

  /// The kernel that the entry is about.
  public var kernel: KernelName? {
    switch content {
    case .baseline(let baseline): baseline.kernel
    case .proposal(let proposal): proposal.kernel
    case .winner(let winner): winner.kernel
    case .kernelFinished(let finished): finished.kernel
    case .applied(let applied): applied.kernel
    case .reverted(let reverted): reverted.kernel
    case .sentinelChecked(let checked): checked.kernel
    case .actionRefused(let refused): refused.kernel
    case .quarantined(let quarantined): quarantined.kernel
    case .rejudged(let rejudged): rejudged.kernel
    case .retracted(let retracted): retracted.kernel
    default: nil
    }
  }
}
