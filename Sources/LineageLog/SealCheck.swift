import ExperimentRecords

/// Follows a log from its first entry and finds the first defect that checkpoints show: one in the log that does not
/// say what lies before it, or a history that is not that of a checkpoint which was kept elsewhere.
struct SealCheck {
  private let file: String
  private let pinned: Checkpoint?
  private var tree = MerkleTree()
  private var found: LogDefect?

  /// Begins before the first entry of `file`, which must extend `pinned`.
  init(_ file: String, pinned: Checkpoint?) {
    self.file = file
    self.pinned = pinned
  }

  /// Passes an entry with the leaf that it is in the tree, and the checkpoint that it holds.
  mutating func pass(leaf: DigestBytes, id: @autoclosure () -> Digest, _ checkpoint: Checkpoint?) {
    guard found == nil else { return }
    if let pinned, pinned.entries == tree.count, pinned.root != tree.root {
      found = defect("the entries up to here are not those of the given checkpoint")
    } else if let reason = checkpoint?.complaint(tree) {
      found = LogDefect(file: file, index: tree.count, offset: 0, id: id(), reason: reason)
    }
    tree.append(leaf: leaf)
  }

  /// The first defect, all entries having passed.
  var defect: LogDefect? {
    if let found { return found }
    guard let pinned, pinned.entries >= tree.count else { return nil }
    if pinned.entries == tree.count, pinned.root == tree.root { return nil }
    return defect(
      pinned.entries > tree.count
        ? "the log ends here, and the given checkpoint covers \(pinned.entries) entries"
        : "the entries up to here are not those of the given checkpoint")
  }

  /// A defect of the last entry that passed.
  func defect(_ reason: String) -> LogDefect {
    LogDefect(file: file, index: max(0, tree.count - 1), offset: 0, reason: reason)
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
