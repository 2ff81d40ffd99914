import Diagnostics
import ExperimentRecords
import LineageLog
import Reporting

/// Finds the texts that entries are about, and what else belongs to an entry.
struct EntrySources {
  private let questions: LineageQuestions
  private let objects: ObjectStore

  /// The sources of the lineage that `questions` answers about.
  init(_ questions: LineageQuestions) {
    self.questions = questions
    objects = ObjectStore(questions.directory)
  }

  /// The text before and after what the entry records.
  func change(of stored: StoredEntry) throws -> (old: [UInt8], new: [UInt8], file: String) {
    switch stored.entry.content {
    case .winner(let winner):
      return try texts(winner.baseSource, winner.newSource, winner.kernel.file)
    case .applied(let applied):
      return try texts(applied.before, applied.after, applied.kernel.file)
    case .reverted(let reverted):
      return try texts(reverted.before, reverted.after, reverted.kernel.file)
    case .proposal(let proposal):
      guard let source = proposal.source,
        let base = try baseline(before: stored, of: proposal.kernel)
      else {
        throw InputError(
          "proposal '\(stored.id.short)' has no text: it ended as '\(proposal.outcome.rawValue)'",
          remedy: "'ratchet lineage show \(stored.id.short)' tells why")
      }
      return try texts(base.source, source, proposal.kernel.file)
    default:
      throw InputError(
        "entry '\(stored.id.short)' of kind '\(stored.entry.content.kind)' changes no source",
        remedy: "name a winner, proposal, application or revert")
    }
  }

  private func texts(
    _ old: Digest, _ new: Digest, _ file: String
  ) throws -> (old: [UInt8], new: [UInt8], file: String) {
    (try objects.get(old), try objects.get(new), file)
  }

  /// The file that the entry's recipe gave, or that was read or written.
  func text(of stored: StoredEntry) throws -> [UInt8] {
    guard let digest = stored.entry.text else {
      throw InputError(
        "entry '\(stored.id.short)' of kind '\(stored.entry.content.kind)' has no text",
        remedy: "'ratchet lineage show \(stored.id.short)' tells what it says")
    }
    return try objects.get(digest)
  }

  /// What other entries and the object store say that belongs to `stored`.
  func surroundings(of stored: StoredEntry) throws -> EntrySurroundings {
    var surroundings = EntrySurroundings(campaign: try campaign(of: stored))
    guard let digest = stored.entry.text else { return surroundings }
    guard try objects.contains(digest) else {
      if stored.entry.recipe != nil { surroundings.text = .replayable }
      return surroundings
    }
    let new = try objects.get(digest)
    surroundings.text = .kept(bytes: new.count)
    guard let (parent, old) = try parentText(of: stored), try objects.contains(old) else {
      return surroundings
    }
    surroundings.parent = parent
    surroundings.diff = UnifiedDiff(
      from: try objects.get(old), to: new, path: stored.entry.kernel?.file ?? "")
    return surroundings
  }

  /// How the campaign of `stored` began, when it last did before.
  private func campaign(of stored: StoredEntry) throws -> CampaignStarted? {
    guard let name = stored.entry.campaign else { return nil }
    let starts = try questions.entries(EntryFilter(kinds: ["campaignStarted"], campaign: name))
    let last = starts.first { $0.index < stored.index }
    guard case .campaignStarted(let started) = last?.entry.content else { return nil }
    return started
  }

  /// The text that the entry changes, with the entry that gave it.
  private func parentText(of stored: StoredEntry) throws -> (Digest, Digest)? {
    switch stored.entry.content {
    case .winner(let winner): return (winner.proposal, winner.baseSource)
    case .applied(let applied): return (applied.winner, applied.before)
    case .reverted(let reverted): return (reverted.applied, reverted.before)
    case .proposal(let proposal):
      guard let id = proposal.parent, let parent = try questions.entry(id),
        let text = parent.entry.text
      else { return nil }
      return (id, text)
    default: return nil
    }
  }

  /// The baseline that a proposal was made for.
  private func baseline(before stored: StoredEntry, of kernel: KernelName) throws -> Baseline? {
    let baselines = try questions.entries(EntryFilter(kernel, kinds: ["baseline"]))
    for earlier in baselines where earlier.index < stored.index {
      if case .baseline(let baseline) = earlier.entry.content, baseline.kernel == kernel {
        return baseline
      }
    }
    return nil
  }
}

extension LineageEntry {
  /// The digest of the file as the entry found, made or left it.
  fileprivate var text: Digest? {
    switch content {
    case .baseline(let baseline): baseline.source
    case .proposal(let proposal): proposal.source
    case .winner(let winner): winner.newSource
    case .applied(let applied): applied.after
    case .reverted(let reverted): reverted.after
    default: nil
    }
  }
}
