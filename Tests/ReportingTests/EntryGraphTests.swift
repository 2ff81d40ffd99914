import ExperimentRecords
import LineageLog
import Testing

@testable import Reporting

/// Lines from entries to their origins.
@Suite struct EntryGraphTests {
  /// Nodes newest first, each with the one that it came from, and how that is drawn.
  @Test func childrenOfOneParentComeTogether() {
    expect(
      [("d", "a"), ("c", "a"), ("b", "a"), ("a", nil)],
      """
      * d
      | * c
      |/
      | * b
      |/
      * a
      """)
  }

  @Test func aRowIsALine() {
    expect([("c", "b"), ("b", "a"), ("a", nil)], "* c\n* b\n* a")
    expect([("c", nil), ("b", nil)], "* c\n* b")
  }

  @Test func linesPassEachOther() {
    expect(
      [
        ("z", "a"), ("y", "b"), ("x", nil), ("w", "c"), ("v", "a"), ("c", "a"), ("b", "a"),
        ("a", nil),
      ],
      """
      * z
      | * y
      | | * x
      | | * w
      | | | * v
      | |_|/
      |/| |
      | | * c
      | |/
      |/|
      | * b
      |/
      * a
      """)
  }

  @Test func aLineThatEndsMovesThoseBehindIt() {
    expect(
      [("f", "a"), ("e", "b"), ("d", "c"), ("a", nil), ("c", "b"), ("b", nil)],
      """
      * f
      | * e
      | | * d
      * | | a
       / /
      | * c
      |/
      * b
      """)
  }

  @Test func entriesAreDrawnBesideTheirSummaries() throws {
    let kernel = KernelName(file: "a.c", function: "f")
    let time = Timestamp(milliseconds: 0)
    var contents = [
      LineageEntry(
        time: time,
        .baseline(
          Baseline(kernel: kernel, source: .zero, contract: "", contractOrigin: "inferred")))
    ]
    let first = try Lineage(contents).head
    for by in [2, 4] {
      let recipe = Recipe([Step("unroll", [Argument("by", .integer(by))])])
      contents.append(
        LineageEntry(
          time: time,
          .proposal(Proposal(kernel: kernel, recipe: recipe, parent: first, outcome: .noGain))))
    }
    let entries = Array(try Lineage(contents).entries.reversed())
    let lines = EntryGraph().text(entries, showsTime: false).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0] == "* \(entries[0].id.short) proposal a.c:f: unroll(by: 4) → without gain")
    #expect(lines[1].hasPrefix("| * \(entries[1].id.short) proposal"))
    #expect(lines[2] == "|/")
    #expect(lines[3].hasPrefix("* \(entries[2].id.short) baseline"))
    // A parent that is not shown ends the line.
    let cut = EntryGraph().text(Array(entries.prefix(2)), showsTime: false).split(separator: "\n")
    #expect(cut.count == 2 && cut.allSatisfy { $0.hasPrefix("* ") })
  }

  private func expect(
    _ nodes: [(String, String?)], _ drawing: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    var lanes = Lanes<String>()
    let rows = nodes.flatMap { node, origin -> [String] in
      let rows = lanes.rows(for: node, origin: origin)
      return [rows.node + node] + rows.below
    }
    #expect(rows.joined(separator: "\n") == drawing, sourceLocation: sourceLocation)
    #expect(lanes.lanes.isEmpty, sourceLocation: sourceLocation)
  }
}
