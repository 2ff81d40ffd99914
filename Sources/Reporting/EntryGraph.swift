import ExperimentRecords
public import LineageLog

/// Entries with lines from each to the one that it was derived from or acts on, newest first, as
/// `ratchet lineage log --graph` shows them and `git log --graph` shows commits.
///
/// An entry has one origin at most, so that lines only ever come together going down: two entries of one origin are
/// joined as soon as both have been shown. An origin that is not among the entries ends its line.
public struct EntryGraph: Sendable {
  private let summary: EntrySummary

  /// Shows entries in `style`, retracted winners and those in doubt marked as `standings` tell.
  public init(style: Style = .plain, standings: Standings = Standings()) {
    summary = EntrySummary(style: style, standings: standings)
  }

  /// `entries`, newest first, with a last newline.
  public func text(_ entries: [StoredEntry], showsTime: Bool = true) -> String {
    let shown = Set(entries.map(\.id))
    var graph = Lanes<Digest>()
    return entries.map { stored in
      let origin = stored.entry.origin.flatMap { shown.contains($0) ? $0 : nil }
      let rows = graph.rows(for: stored.id, origin: origin)
      let line = rows.node + summary.line(stored, showsTime: showsTime)
      return ([line] + rows.below).map { $0 + "\n" }.joined()
    }.joined()
  }
}

/// The lines of a graph that reach one row: of each, the node that it leads down to.
struct Lanes<Node: Hashable> {
  private(set) var lanes: [Node] = []

  /// The beginning of the row of `node`, and the rows below it that bring lines together.
  mutating func rows(for node: Node, origin: Node?) -> (node: String, below: [String]) {
    let lane = place(of: node)
    let row = lanes.indices.map { $0 == lane ? "* " : "| " }.joined()
    guard let origin else { return (row, end(lane)) }
    guard let other = lanes.firstIndex(of: origin) else {
      lanes[lane] = origin
      return (row, [])
    }
    lanes[lane] = origin
    return (row, join(max(lane, other), into: min(lane, other)))
  }

  /// The lane that leads to `node`; where none does, a new one behind all others.
  private mutating func place(of node: Node) -> Int {
    if let lane = lanes.firstIndex(of: node) { return lane }
    lanes.append(node)
    return lanes.count - 1
  }

  /// Takes `lane` away and moves those behind it.
  private mutating func end(_ lane: Int) -> [String] {
    lanes.remove(at: lane)
    guard lane < lanes.count else { return [] }
    return [row { $0 < lane ? 2 * $0 : 2 * $0 + 1 }]
  }

  /// Lets `lane` run into `target`, which stands before it and leads to the same node.
  private mutating func join(_ lane: Int, into target: Int) -> [String] {
    lanes.remove(at: lane)
    var first = row { $0 < lane ? 2 * $0 : 2 * $0 + 1 }
    first.put("/", at: 2 * lane - 1)
    guard lane > target + 1 else { return [first.trimmed] }
    // Across the lanes between, and one row further down into the target.
    for column in stride(from: 2 * target + 3, to: 2 * lane - 1, by: 2) {
      first.put("_", at: column)
    }
    var second = row { 2 * $0 }
    second.put("/", at: 2 * target + 1)
    return [first.trimmed, second.trimmed]
  }

  /// A row in which each lane that is left stands in the column that `column` gives, moving there from the right
  /// where that is odd.
  private func row(_ column: (Int) -> Int) -> String {
    var row = ""
    for lane in lanes.indices {
      let column = column(lane)
      row.put(column % 2 == 0 ? "|" : "/", at: column)
    }
    return row
  }
}

extension String {
  /// Puts `character` into `column`, with spaces up to it where the text is shorter.
  fileprivate mutating func put(_ character: Character, at column: Int) {
    while count <= column { append(" ") }
    let place = index(startIndex, offsetBy: column)
    replaceSubrange(place...place, with: String(character))
  }

  fileprivate var trimmed: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
