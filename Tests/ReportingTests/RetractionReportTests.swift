import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

@testable import Reporting

/// What is retracted or in doubt is shown as such everywhere, and counted in no figure.
@Suite struct RetractionReportTests {
  private let state = OldReports.state("format-1-retraction")
  private let lineage: Lineage
  private let report: Report

  init() throws {
    lineage = try Lineage.read(state)
    report = Report(lineage)
  }

  @Test func textReport() throws {
    try expectGolden(TextReport(report).text(), "retraction.txt")
  }

  @Test func markdownReport() throws {
    try expectGolden(MarkdownReport(report).text, "retraction.md")
  }

  @Test func jsonReport() throws {
    try expectGolden(jsonText(ReportDocument(report)), "retraction.json")
  }

  @Test func logAndTree() throws {
    let standings = lineage.standings
    try expectGolden(
      EntrySummary(standings: standings).text(lineage.entries) + "\n" + LineageTree().text(lineage),
      "retraction-log.txt")
  }

  @Test func details() throws {
    let details = EntryDetails(standings: lineage.standings)
    let chosen = lineage.entries.filter {
      ["winner", "rejudged", "retracted"].contains($0.entry.content.kind)
    }
    try expectGolden(chosen.map { details.text($0) }.joined(separator: "\n"), "retraction-show.txt")
  }

  @Test func audit() throws {
    try expectGolden(AuditText(try OldReports.audit(state)).text, "audit.txt")
    try expectGolden(jsonText(OldReports.audit(state)), "audit.json")
  }

  @Test func noFigureHoldsARetractedWinner() throws {
    let scale = try #require(report.kernels.first { $0.kernel.function == "scale" })
    #expect(scale.speedup?.median == 1.1)
    #expect(scale.doubt?.contains("did not return in time") == true)
    #expect(scale.retracted.count == 2)
    let total = try #require(report.kernels.first { $0.kernel.function == "total" })
    #expect(total.winner?.verdict == .bounded, "a later judgement gave less")
    #expect(total.speedup?.median == 1.2)
    #expect(report.programs.isEmpty, "it was timed with a retracted winner in place")
    #expect(report.retractedCount == 3)
  }

  @Test func aKernelWhoseOnlyWinnerIsRetractedCountsForNothing() throws {
    // Chained anew, the entries have other ids, so that only the added retractions speak of them.
    let all = try Lineage(lineage.entries.map(\.entry))
    #expect(Report(all).retractedCount == 0)
    let rest = try Self.retracting(all.entries.filter { $0.entry.kernel?.function == "scale" }, all)
    let scale = try #require(Report(rest).kernels.first { $0.kernel.function == "scale" })
    #expect(scale.winner == nil)
    #expect(scale.outcome == .failed)
    #expect(scale.remark.contains("its winner was retracted, it is wrong"))
    #expect(scale.meanSpeedup == nil)
    #expect(
      KernelBlame().text(rest, kernel: scale.kernel).contains("no winner; retracted: "))
  }

  /// `lineage` with every winner of `entries` retracted.
  private static func retracting(
    _ entries: [StoredEntry], _ lineage: Lineage
  ) throws -> Lineage {
    let winners = entries.filter { $0.entry.content.kind == "winner" }
    return try Lineage(
      lineage.entries.map(\.entry)
        + winners.map { stored in
          LineageEntry(
            time: .init(milliseconds: 0),
            .retracted(
              Retracted(
                winner: stored.id, kernel: stored.entry.kernel!, judgement: .zero,
                reason: "it is wrong")))
        })
  }
}

/// Every old lineage can be logged, shown, reported and audited.
@Suite struct OldReports {
  static func state(_ name: String) -> StateDirectory {
    StateDirectory(
      FilePath(fixtures.appending(path: "lineage/\(name)").path(percentEncoded: false)))
  }

  /// The audit of a lineage whose project is not there, with figures that do not change.
  static func audit(_ state: StateDirectory) throws -> AuditReport {
    let lineage = try Lineage.read(state)
    let figures = CalibrationFigures(
      date: "2026-11-30", machine: "a machine", judge: "one state", planted: "10 mutants",
      acceptedWrong: "0 of 8", acceptedUnknown: 2,
      levels: [.init(level: "L2", asked: 10, refuted: "80 %", notPassed: "80 %")],
      equalPrograms: .init(
        date: "2026-11-22", campaigns: 9, falseWinners: 0, smallestEffect: 0.01, note: "idle"),
      calibratedJudge: .zero, presentJudge: nil, page: nil)
    return AuditReport(
      lineage, verification: try Lineage.verify(state), directory: ".ratchet",
      level: .init(level: "L1", origin: ".ratchet.yml"),
      retractedFiles: lineage.retractedFiles(ObjectStore(state)) { _ in nil },
      calibration: figures
    ) { _ in nil }
  }

  static let names = [
    "format-1", "format-1-statistics", "format-1-checkpoints", "format-1-retraction",
    "format-1-from-later",
  ]

  @Test(arguments: names) func everyOneCanBeReported(_ name: String) throws {
    let state = Self.state(name)
    let lineage = try Lineage.read(state)
    let standings = lineage.standings
    for stored in lineage.entries {
      #expect(EntryDetails(standings: standings).text(stored).contains(stored.id.hex))
      #expect(EntrySummary(standings: standings).line(stored).hasPrefix(stored.id.short))
    }
    let report = Report(lineage)
    #expect(!report.kernels.isEmpty)
    #expect(TextReport(report).text().contains(report.kernels[0].kernel.function))
    #expect(MarkdownReport(report).text.contains(report.kernels[0].kernel.function))
    #expect(try jsonText(ReportDocument(report)).contains("ratchet.report/1"))
    #expect(LineageTree().text(lineage).contains("original"))
    for kernel in lineage.kernels { #expect(!KernelBlame().text(lineage, kernel: kernel).isEmpty) }
    let audit = try Self.audit(state)
    #expect(AuditText(audit).text.contains("set by .ratchet.yml"))
    #expect(try jsonText(audit).contains("ratchet.audit/1"))
  }

  @Test func theListIsThatOfTheFolder() throws {
    let folder = fixtures.appending(path: "lineage")
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter {
      FileManager.default.fileExists(
        atPath: folder.appending(path: "\($0)/lineage.jsonl").path())
    }
    #expect(Set(found) == Set(Self.names))
  }

  @Test func anAuditTellsWhatIsInTheSources() throws {
    let state = Self.state("format-1-checkpoints")
    let lineage = try Lineage.read(state)
    let audit = AuditReport(
      lineage, verification: try Lineage.verify(state), directory: ".ratchet",
      level: .init(level: "L3", origin: "the default")
    ) { _ in .zero }
    #expect(audit.files.map(\.isAsRecorded) == [false])
    #expect(audit.log.checkpoint?.signedBy != nil)
    #expect(audit.campaigns.first?.ended == .ceiling)
    #expect(audit.sections.first { $0.kinds == ["approval"] }?.events.count == 2)
    #expect(AuditText(audit).text.contains("campaigns\n  2026-11-30T22:00:05.250Z 5d0c17aa by ada"))
  }
}
