import ArgumentParser
import LineageLog
import Reporting

/// `ratchet lineage show ID`: everything that one entry says.
struct LineageShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows everything that one entry says.")

  @Argument(help: "The first digits of an entry's id, four or more.")
  var id: String

  @OptionGroup var state: ExistingState

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let (lineage, _) = try state.lineage()
      let stored = try lineage.entry(idPrefix: id)
      switch format {
      case .text: say(EntryDetails(style: .output).text(stored))
      case .json:
        try sayJSON(
          EntriesDocument(schema: "ratchet.lineage.entry/1", entries: [EntryDocument(stored)]))
      }
    }
  }
}
