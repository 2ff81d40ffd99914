public import ExperimentRecords
public import LineageLog

/// What other entries and the object store say that belongs to one entry.
public struct EntrySurroundings: Sendable {
  /// Whether the file that an entry's recipe gave can be had.
  public enum Text: Hashable, Sendable {
    /// The object store holds it, in so many bytes.
    case kept(bytes: Int)
    /// It was not kept; its recipe gives it again.
    case replayable
  }

  /// How the campaign of the entry began, unless the entry itself tells.
  public var campaign: CampaignStarted?
  /// The file that the entry's recipe gave; `nil` where it gave none.
  public var text: Text?
  /// The entry whose file `diff` begins with.
  public var parent: Digest?
  /// What the entry changes in the file of its parent.
  public var diff: UnifiedDiff?

  /// Creates the surroundings from their parts.
  public init(
    campaign: CampaignStarted? = nil, text: Text? = nil, parent: Digest? = nil,
    diff: UnifiedDiff? = nil
  ) {
    self.campaign = campaign
    self.text = text
    self.parent = parent
    self.diff = diff
  }
}

extension EntrySurroundings.Text {
  /// How to get the text of the entry called `id`.
  func words(_ id: Digest) -> String {
    switch self {
    case .kept(let bytes):
      "\(plural(bytes, "byte")), which 'ratchet lineage show \(id.short) --source' prints"
    case .replayable: "not kept; 'ratchet lineage replay \(id.short)' makes it again"
    }
  }
}
