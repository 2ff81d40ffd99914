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
    var tree = MerkleTree()
    for stored in entries {
      if let pinned, pinned.entries == tree.count, pinned.root != tree.root {
        return LogDefect(
          file: file, index: max(0, tree.count - 1), offset: 0,
          reason: "the entries up to here are not those of the given checkpoint")
      }
      if case .checkpoint(let checkpoint) = stored.entry.content,
        let reason = checkpoint.complaint(tree)
      {
        return LogDefect(
          file: file, index: stored.index, offset: 0, id: stored.id, reason: reason)
      }
      tree.append(stored.id)
    }
    guard let pinned, pinned.entries >= tree.count else { return nil }
    if pinned.entries == tree.count, pinned.root == tree.root { return nil }
    let reason =
      pinned.entries > tree.count
      ? "the log ends here, and the given checkpoint covers \(pinned.entries) entries"
      : "the entries up to here are not those of the given checkpoint"
    return LogDefect(file: file, index: max(0, tree.count - 1), offset: 0, reason: reason)
  }

  /// The defect that no checkpoint is signed by the key that was asked for.
  func lacksSeal(in file: String) -> LogDefect {
    LogDefect(
      file: file, index: max(0, entries.count - 1), offset: 0,
      reason: "no checkpoint up to here is signed by the given key")
  }

  /// How many entries the last checkpoint signed by `key` covers; `nil` where there is none.
  func entries(sealedBy key: PublicKey) -> Int? {
    entries.last { stored in
      guard case .checkpoint(let checkpoint) = stored.entry.content else { return false }
      return checkpoint.signature?.key == key.hex
    }?.index
  }
}

extension Checkpoint {
  /// What is wrong with the checkpoint behind the entries of `tree`.
  fileprivate func complaint(_ tree: MerkleTree) -> String? {
    if entries != tree.count { return "it covers \(entries) entries behind \(tree.count)" }
    if root != tree.root { return "its Merkle root is not that of the entries before it" }
    if let signature, !signature.isValid(for: self) { return "its signature does not hold" }
    return nil
  }
}
