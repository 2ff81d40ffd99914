import ExperimentRecords
import Foundation
import LineageLog
import Reporting
import SystemPackage
import Testing

/// The texts made from the sample lineage, each compared with its file.
@Suite struct ReportGoldenTests {
  let state = StateDirectory(
    FilePath(fixtures.appending(path: "lineage/format-1").path(percentEncoded: false)))
  let lineage: Lineage
  let campaign: Report

  init() throws {
    lineage = try Lineage.read(state)
    campaign = Report(lineage, scope: .campaign("20261122-100000-7f3a"))
  }

  private func patch(_ kernel: KernelReport) -> String? {
    kernel.entry.map { ".ratchet/patches/\(kernel.kernel.function)-\($0.short).patch" }
  }

  @Test func closingTable() throws {
    try expectGolden(ClosingTable(campaign).text(), "closing-table.txt")
    try expectGolden(ClosingTable(campaign).text(width: 70), "closing-table-narrow.txt")
  }

  @Test func textReport() throws {
    try expectGolden(TextReport(Report(lineage)).text(), "report.txt")
  }

  @Test func markdownReport() throws {
    try expectGolden(MarkdownReport(Report(lineage)).text, "report.md")
  }

  @Test func jsonDocuments() throws {
    try expectGolden(
      jsonText(ReportDocument(Report(lineage), patch: patch)), "report.json")
    try expectGolden(jsonText(OptimizeDocument(campaign, patch: patch)), "optimize.json")
  }

  @Test func log() throws {
    try expectGolden(EntrySummary().text(lineage.entries), "log.txt")
  }

  @Test func detailsOfEveryKindOfEntry() throws {
    var kinds: Set<String> = []
    var text = ""
    for stored in lineage.entries {
      let isNew = kinds.insert(stored.entry.content.kind).inserted
      guard isNew || stored.candidate?.isRejected == true else { continue }
      text += EntryDetails().text(stored, diff: try diff(stored)) + "\n"
    }
    try expectGolden(text, "show.txt")
  }

  @Test func treeAndBlame() throws {
    try expectGolden(LineageTree().text(lineage), "tree.txt")
    let blames = lineage.kernels.map { KernelBlame().text(lineage, kernel: $0) }
    try expectGolden(blames.joined(separator: "\n"), "blame.txt")
  }

  @Test func comparison() throws {
    let entries = lineage.entries.filter { $0.entry.kernel?.function == "transpose" }
    let proposal = try #require(entries.first { $0.entry.content.kind == "proposal" })
    let winner = try #require(entries.first { $0.entry.content.kind == "winner" })
    try expectGolden(
      EntryComparison().text(proposal, winner, diff: try diff(winner)), "diff.txt")
  }

  /// The difference of an entry's source to the original.
  private func diff(_ stored: StoredEntry) throws -> UnifiedDiff? {
    guard case .winner(let winner) = stored.entry.content else { return nil }
    let store = ObjectStore(state)
    return UnifiedDiff(
      from: try store.get(winner.baseSource), to: try store.get(winner.newSource),
      path: winner.kernel.file)
  }
}

extension StoredEntry {
  fileprivate var candidate: Proposal? {
    if case .proposal(let proposal) = entry.content { proposal } else { nil }
  }
}

extension Proposal {
  fileprivate var isRejected: Bool { outcome == .rejectedWrong || verdict == .refuted }
}
