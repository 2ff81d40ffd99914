import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import Reporting

/// `ratchet lineage show ID`: everything that one entry says.
struct LineageShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows everything that one entry says, its machine, and what it changes.")

  @Argument(help: "The first digits of an entry's id, four or more.")
  var id: String

  @OptionGroup var state: ExistingState

  @Flag(help: "Print nothing but the file that the entry's recipe gave, or that was read.")
  var source = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if source, format == .json { throw ValidationError("--source prints no JSON") }
  }

  func run() async throws {
    try await withEndings {
      let questions = try state.questions()
      let stored = try questions.entry(idPrefix: id)
      let sources = EntrySources(questions)
      if source { return say(try sources.text(of: stored)) }
      let surroundings = try sources.surroundings(of: stored)
      switch format {
      case .text:
        say(
          EntryDetails(style: .output, standings: try questions.standings())
            .text(stored, in: surroundings))
      case .json: try sayJSON(Document(stored, surroundings, try questions.standings()))
      }
    }
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.entry/1"
    var entries: [EntryDocument]
    /// Where the campaign of the entry ran, and what built its candidates.
    var machine: Machine?
    var compiler: Compiler?
    /// The entry whose file the patch is for, and the patch.
    var parent: Digest?
    var patch: String?

    init(
      _ stored: StoredEntry, _ surroundings: EntrySurroundings, _ standings: Standings
    ) {
      entries = [EntryDocument(stored, in: standings)]
      (machine, compiler) = (surroundings.campaign?.machine, surroundings.campaign?.compiler)
      (parent, patch) = (surroundings.parent, surroundings.diff?.text)
    }
  }
}
