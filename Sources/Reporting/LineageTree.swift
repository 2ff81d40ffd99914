import Diagnostics
public import ExperimentRecords
public import LineageLog

/// The proposals of each kernel as a tree, from the original to the winner, as
/// `ratchet lineage tree` prints it.
public struct LineageTree: Sendable {
  private let style: Style

  /// Shows trees in `style`.
  public init(style: Style = .plain) {
    self.style = style
  }

  /// The trees of `kernels`, or of all kernels, with a last newline.
  public func text(_ lineage: Lineage, kernels: [KernelName]? = nil) -> String {
    let standings = lineage.standings
    let trees = (kernels ?? lineage.kernels).map { tree(lineage, $0, standings) }
    return trees.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
  }

  private func tree(
    _ lineage: Lineage, _ kernel: KernelName, _ standings: Standings
  ) -> [String] {
    let entries = lineage.entries(of: kernel)
    var children: [Digest: [StoredEntry]] = [:]
    var roots: [StoredEntry] = []
    let ids = Set(entries.map(\.id))
    for stored in entries {
      if let parent = stored.parent, ids.contains(parent) {
        children[parent, default: []].append(stored)
      } else if stored.isNode {
        roots.append(stored)
      }
    }
    var lines = [style.bold(printable(kernel.description))]
    // A parent comes before its children in the log, so that no branch comes back to its root; the
    // branches still to print are kept on a stack because they may be thousands deep.
    var pending = frames(roots, "")
    while let next = pending.popLast() {
      lines.append(next.indent + (next.isLast ? "└─ " : "├─ ") + line(next.stored, standings))
      let indent = next.indent + (next.isLast ? "   " : "│  ")
      pending += frames(children[next.stored.id] ?? [], indent)
    }
    return lines
  }

  private struct Frame {
    var stored: StoredEntry
    var indent: String
    var isLast: Bool
  }

  /// The frames of siblings, the first of them on top.
  private func frames(_ siblings: [StoredEntry], _ indent: String) -> [Frame] {
    siblings.indices.reversed().map {
      Frame(stored: siblings[$0], indent: indent, isLast: $0 == siblings.count - 1)
    }
  }

  private func line(_ stored: StoredEntry, _ standings: Standings) -> String {
    let mark = standings.mark(of: stored.id).map { " " + style.red("[\($0)]") } ?? ""
    let id = style.yellow(stored.id.short) + mark
    switch stored.entry.content {
    case .baseline: return "\(id) original"
    case .winner(let winner):
      let content = LineageEntry.Content.winner(winner)
      return "\(id) " + style.green(printable("winner: " + summary(content)))
    case .proposal(let proposal): return "\(id) " + printable(summary(proposal))
    default: return "\(id) \(stored.entry.content.kind)"
    }
  }
}

extension StoredEntry {
  /// Whether the entry stands in a tree.
  fileprivate var isNode: Bool {
    switch entry.content {
    case .baseline, .proposal, .winner: true
    default: false
    }
  }

  /// The entry that this one was derived from.
  fileprivate var parent: Digest? {
    switch entry.content {
    case .proposal(let proposal): proposal.parent
    case .winner(let winner): winner.proposal
    default: nil
    }
  }
}
