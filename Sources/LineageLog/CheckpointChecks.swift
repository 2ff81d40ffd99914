import Diagnostics
public import ExperimentRecords

extension Checkpoint {
  /// Reads `entries:root`, as `lineage checkpoint` prints it; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let entries = Int(parts[0]), entries >= 0,
      let root = Digest(hex: parts[1])
    else { return nil }
    self.init(entries: entries, root: root)
  }
}

extension LineageWriter {
  /// Seals all entries up to now, signed where there is a key.
  ///
  /// Returns the entry; the last one where it is such a seal by the same key already. Throws
  /// `LineageError.damaged` where an earlier checkpoint does not hold: what is sealed then would be taken
  /// for what was there.
  @discardableResult
  public func checkpoint(
    signedBy key: SigningKey? = nil, time: Timestamp = .now
  ) throws(LineageError) -> StoredEntry {
    let lineage = lineage
    if let defect = lineage.defect(of: nil, in: directory.log.string) { throw .damaged(defect) }
    var checkpoint = lineage.checkpoint(covering: lineage.entries.count)
    if let key { checkpoint = try key.sign(checkpoint) }
    if let last = lineage.entries.last, case .checkpoint(let old) = last.entry.content,
      key == nil || old.signature?.key == checkpoint.signature?.key
    {
      return last
    }
    return try append(.checkpoint(checkpoint), time: time)
  }
}

extension Lineage {
  /// The seal over the first `count` entries, unsigned.
  func checkpoint(covering count: Int) -> Checkpoint {
    var tree = MerkleTree()
    for stored in entries.prefix(count) { tree.append(stored.id) }
    return Checkpoint(entries: count, root: tree.root)
  }

  /// The first defect that checkpoints show: one in the log that does not say what lies before it, or a
  /// history that is not that of `pinned`.
  ///
  /// - Parameter pinned: A checkpoint that was taken earlier and kept elsewhere.
  func defect(of pinned: Checkpoint?, in file: String) -> LogDefect? {
    var check = SealCheck(file, pinned: pinned)
    for stored in entries {
      check.pass(
        leaf: MerkleTree.leaf(of: DigestBytes(stored.id)), id: stored.id,
        stored.entry.checkpoint)
    }
    return check.defect
  }

  /// How many entries the last checkpoint signed by `key` covers; `nil` where there is none.
  func entries(sealedBy key: PublicKey) -> Int? {
    entries.last { $0.entry.checkpoint?.signature?.key == key.hex }?.index
  }
}

extension LineageEntry {
  /// The checkpoint that the entry is.
  var checkpoint: Checkpoint? {
    if case .checkpoint(let checkpoint) = content { checkpoint } else { nil }
  }
}
