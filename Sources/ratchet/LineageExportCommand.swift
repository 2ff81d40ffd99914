import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// `ratchet lineage export`: the whole lineage as one JSON document.
struct LineageExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the whole lineage as one JSON document.")

  @OptionGroup var state: ExistingState

  @OptionGroup var output: OutputFile

  func run() async throws {
    try await withEndings {
      let (lineage, _) = try state.lineage()
      let standings = lineage.standings
      let document = EntriesDocument(
        schema: "ratchet.lineage/1",
        entries: lineage.entries.map { EntryDocument($0, in: standings) })
      try output.write(try jsonBytes(document))
    }
  }
}
