import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog

/// `ratchet apply ID`: writes a winner into the source.
struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Writes a winner into the source; 'revert' undoes it.",
    discussion: "Refused when the file is not what the winner was made for.")

  @Argument(help: "The winner's id, or its first digits.")
  var id: String

  @OptionGroup var state: ExistingState

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      let sources = try SourceChanges(directory, command: "ratchet apply")
      let stored = try sources.lineage.entry(idPrefix: id)
      let applied = try sources.apply(stored.id)
      say(
        "applied \(stored.id.short) to \(printable(applied.file)); "
          + "'ratchet revert \(stored.id.short)' undoes it\n")
    }
  }
}
