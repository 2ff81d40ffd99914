public import ExperimentRecords

/// A winner with the entry that recorded it.
public struct StoredWinner: Hashable, Sendable {
  /// The entry's id.
  public var id: Digest
  /// When it was recorded.
  public var time: Timestamp
  /// The winner.
  public var winner: Winner

  /// Creates the winner that the entry `id` records.
  public init(id: Digest, time: Timestamp, winner: Winner) {
    (self.id, self.time, self.winner) = (id, time, winner)
  }
}

/// What is known of one campaign.
public struct CampaignRecord: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// How it began.
  public var started: CampaignStarted
  /// When it began.
  public var startTime: Timestamp
  /// How it ended; `nil` when it was killed or still runs.
  public var ended: CampaignEnded?
  /// The kernels whose search has ended.
  public var finished: [KernelName: KernelFinished]
  /// The baselines by kernel.
  public var baselines: [KernelName: Baseline]
  /// The proposals by kernel, in their order.
  public var proposals: [KernelName: [Proposal]]
  /// The request to stop that came during the campaign, unless a person has cleared it.
  public var stopRequested: StopRequested?
  /// The entry of that request.
  public var stopEntry: Digest?

  /// Whether `--resume` has something to go on with.
  public var isResumable: Bool {
    guard let ended else { return true }
    return ended.reason == .stopped || ended.reason == .ceiling || ended.reason == .failed
  }
}

extension Lineage {
  /// The entries about `kernel`, oldest first.
  public func entries(of kernel: KernelName) -> [StoredEntry] {
    entries.filter { $0.entry.kernel == kernel }
  }

  /// The kernels that any entry is about, in the order of their first entry.
  public var kernels: [KernelName] {
    var seen: Set<KernelName> = []
    return entries.compactMap(\.entry.kernel).filter { seen.insert($0).inserted }
  }

  /// The kernels whose function has the name `name`, or that are named by `file:function`.
  public func kernels(named name: String) -> [KernelName] {
    kernels.filter { $0.isCalled(name) }
  }

  /// The newest winner on one core of every kernel that has one, by kernel; retracted ones are none.
  public var latestWinners: [KernelName: StoredWinner] { latestWinners { $0.threads == nil } }

  /// The newest winner on several threads of every kernel that has one, by kernel; retracted ones are none.
  public var latestParallelWinners: [KernelName: StoredWinner] {
    latestWinners { $0.threads != nil }
  }

  private func latestWinners(_ isMeant: (Winner) -> Bool) -> [KernelName: StoredWinner] {
    var winners: [KernelName: StoredWinner] = [:]
    let standings = standings
    for stored in entries {
      guard case .winner(let winner) = stored.entry.content, isMeant(winner),
        standings.retractions[stored.id] == nil
      else { continue }
      winners[winner.kernel] = StoredWinner(
        id: stored.id, time: stored.entry.time, winner: winner)
    }
    return winners
  }

  /// The campaigns, oldest first.
  public var campaigns: [CampaignRecord] {
    var records: [CampaignRecord] = []
    var indices: [String: Int] = [:]
    for stored in entries {
      let entry = stored.entry
      guard let name = entry.campaign else { continue }
      if case .campaignStarted(let started) = entry.content, indices[name] == nil {
        indices[name] = records.count
        records.append(
          CampaignRecord(
            name: name, started: started, startTime: entry.time, ended: nil, finished: [:],
            baselines: [:], proposals: [:], stopRequested: nil))
      } else if let index = indices[name] {
        records[index].add(entry.content, stored.id)
      }
    }
    return records
  }

  /// The last campaign, if it can be resumed.
  public var resumableCampaign: CampaignRecord? {
    campaigns.last.flatMap { $0.isResumable ? $0 : nil }
  }

  /// The request to stop that the last campaign ended by and no person has cleared, with its campaign.
  public var pendingStop: (entry: Digest, request: StopRequested, campaign: String)? {
    guard let last = campaigns.last, let request = last.stopRequested, let entry = last.stopEntry
    else { return nil }
    return (entry, request, last.name)
  }

  /// The entries of the last campaign, the applications and approvals outside it left out.
  public func entries(ofCampaign name: String) -> [StoredEntry] {
    entries.filter { $0.entry.campaign == name }
  }
}

extension CampaignRecord {
  fileprivate mutating func add(_ content: LineageEntry.Content, _ id: Digest) {
    switch content {
    // A campaign that is resumed begins again under its name.
    case .campaignStarted: ended = nil
    case .baseline(let baseline): baselines[baseline.kernel] = baseline
    case .proposal(let proposal): proposals[proposal.kernel, default: []].append(proposal)
    case .kernelFinished(let kernel): finished[kernel.kernel] = kernel
    case .stopRequested(let request): (stopRequested, stopEntry) = (request, id)
    case .stopCleared(let cleared) where cleared.stop == stopEntry:
      (stopRequested, stopEntry) = (nil, nil)
    case .campaignEnded(let end): ended = end
    case .winner, .applied, .reverted, .approval, .programMeasured, .sentinelChecked, .checkpoint,
      .stopCleared, .actionRefused, .quarantined, .envelopeDeclared, .generationEnded,
      .tripwirePaused,
      .rejudged, .retracted, .unknown:
      break
    }
  }
}
