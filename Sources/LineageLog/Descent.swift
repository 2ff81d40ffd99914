import ExperimentRecords

/// What descends from a winner, up to a moment: proposals derived from it, and winners that are derived from
/// it or rest on its text.
///
/// A proposal descends from it that has the proposal which won, or a descendant of that, as its parent, or that
/// gave its text. A winner descends from it whose proposal does, whose base holds it (as its own text or as
/// `apply` left the file), or whose text is the same. What a winner descends from comes before it in the log,
/// so one pass from the first entry on finds everything.
struct Descent {
  /// A winner that descends from another one.
  struct Heir: Hashable {
    var winner: Digest
    var kernel: KernelName
    /// The winner that it descends from by one step.
    var ancestor: Digest
    /// How, in house grammar.
    var reason: String
  }

  /// The winners in the order of the log, without the one that they descend from.
  private(set) var heirs: [Heir] = []
  /// The proposals in the order of the log, the one that won among them.
  private(set) var proposals: [Digest] = []

  private let root: Digest
  private let winner: Winner
  /// The winner through which an entry descends.
  private var lines: [Digest: Digest] = [:]
  /// The winner that a text holds.
  private var texts: [Digest: Digest] = [:]

  /// Follows the winner that the entry `root` records through `entries`.
  init(of root: Digest, _ winner: Winner, in entries: some Sequence<StoredEntry>) {
    self.root = root
    self.winner = winner
    lines = [root: root, winner.proposal: root]
    texts = [winner.newSource: root]
    for stored in entries { follow(stored) }
  }

  private mutating func follow(_ stored: StoredEntry) {
    switch stored.entry.content {
    case .baseline(let baseline): lines[stored.id] = texts[baseline.source]
    case .proposal(let proposal): follow(proposal, stored.id)
    case .winner(let other): follow(other, stored.id)
    case .applied(let applied):
      hold(applied.after, lines[applied.winner] ?? texts[applied.before])
    case .reverted(let reverted):
      // Taking out what descends gives a text without it, unless another such winner is in there still.
      guard lines[reverted.winner] == nil else { return }
      hold(reverted.after, texts[reverted.before])
    default: break
    }
  }

  private mutating func hold(_ text: Digest, _ winner: Digest?) {
    if let winner { texts[text] = winner }
  }

  private mutating func follow(_ proposal: Proposal, _ id: Digest) {
    let own = id == winner.proposal ? root : nil
    let parent = proposal.parent.flatMap { lines[$0] }
    let text = proposal.kernel == winner.kernel ? proposal.source.flatMap { texts[$0] } : nil
    guard let line = own ?? parent ?? text else { return }
    lines[id] = line
    proposals.append(id)
  }

  private mutating func follow(_ other: Winner, _ id: Digest) {
    guard id != root else { return }
    let heir: (ancestor: Digest, how: String)
    if let base = texts[other.baseSource] {
      heir = (base, "it rests on the text of")
    } else if let line = lines[other.proposal] {
      heir = (line, "it is derived from")
    } else if other.kernel == winner.kernel, let text = texts[other.newSource] {
      heir = (text, "its text is that of")
    } else {
      return
    }
    lines[id] = id
    texts[other.newSource] = texts[other.newSource] ?? id
    heirs.append(
      Heir(
        winner: id, kernel: other.kernel, ancestor: heir.ancestor,
        reason: "\(heir.how) '\(heir.ancestor.short)', which is retracted"))
  }
}
