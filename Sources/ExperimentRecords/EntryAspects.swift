/// What entries of several kinds have in common, as far as they have it.
extension LineageEntry {
  /// What the judge said of the candidate.
  public var verdict: Verdict? {
    switch content {
    case .proposal(let proposal): proposal.verdict
    case .winner(let winner): winner.verdict
    default: nil
    }
  }

  /// The recipe of the candidate.
  public var recipe: Recipe? {
    switch content {
    case .proposal(let proposal): proposal.recipe
    case .winner(let winner): winner.recipe
    default: nil
    }
  }

  /// How the proposal or kernel ended, or the kind of the entry.
  public var outcomeName: String {
    switch content {
    case .proposal(let proposal): proposal.outcome.rawValue
    case .kernelFinished(let finished): finished.outcome.rawValue
    default: content.kind
    }
  }

  /// The earlier entry that this one was derived from, or that it acts on: a proposal's parent, a winner's proposal,
  /// the winner that was applied or judged again, what was reverted or approved, the judgement that retracted.
  public var origin: Digest? {
    switch content {
    case .proposal(let proposal): proposal.parent
    case .winner(let winner): winner.proposal
    case .applied(let applied): applied.winner
    case .reverted(let reverted): reverted.applied
    case .approval(let approval): approval.subject
    case .rejudged(let rejudged): rejudged.winner
    case .retracted(let retracted): retracted.judgement
    case .quarantined(let quarantined): quarantined.proposal
    case .stopCleared(let cleared): cleared.stop
    default: nil
    }
  }
}
