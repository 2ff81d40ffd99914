import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import Reporting

/// `ratchet report`: what a lineage holds, for people, reviews and programs.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Reports what was won, how sure that is, and what it cost.")

  @OptionGroup var state: ExistingState
  @OptionGroup var output: OutputFile

  @Option(help: "How to write: text, markdown or json.")
  var format = Format.text

  @Option(help: "Only this campaign; default: the newest winner of every kernel.")
  var campaign: String?

  /// The formats of reports.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, markdown, json, html

    static var allValueStrings: [String] { ["text", "markdown", "json"] }
  }

  func run() async throws {
    try await withEndings {
      guard format != .html else {
        throw InputError(
          "reports in HTML are not there yet", remedy: "choose --format text, markdown or json")
      }
      let (lineage, _) = try state.lineage()
      let report = Report(lineage, scope: try scope(in: lineage))
      try output.write(try bytes(of: report))
    }
  }

  private func scope(in lineage: Lineage) throws -> Report.Scope {
    guard let campaign else { return .everything }
    guard lineage.campaigns.contains(where: { $0.name == campaign }) else {
      let names = lineage.campaigns.suffix(5).map { "'\($0.name)'" }.joined(separator: ", ")
      throw InputError(
        "no campaign '\(campaign)'", remedy: names.isEmpty ? nil : "the last ones are \(names)")
    }
    return .campaign(campaign)
  }

  private func bytes(of report: Report) throws -> [UInt8] {
    let isForTerminal = output.output == nil
    switch format {
    case .text:
      let text = TextReport(report, style: isForTerminal ? .output : .plain)
      return Array(text.text(width: isForTerminal ? TerminalStyle.width : 100).utf8)
    case .markdown: return Array(MarkdownReport(report).text.utf8)
    case .json, .html: return try jsonBytes(ReportDocument(report))
    }
  }
}
