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
  var id: String?

  @Flag(help: "Apply the newest winner of every kernel.")
  var all = false

  @OptionGroup var state: ExistingState

  func validate() throws {
    guard (id != nil) != all else { throw ValidationError("name one id, or give --all") }
  }

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      let sources = try SourceChanges(directory, command: "ratchet apply")
      guard let id else { return try applyAll(sources) }
      let stored = try sources.lineage.entry(idPrefix: id)
      let applied = try sources.apply(stored.id)
      say(
        "applied \(stored.id.short) to \(printable(applied.file)); "
          + "'ratchet revert \(stored.id.short)' undoes it\n")
      try sources.checkStop()
    }
  }

  private func applyAll(_ sources: SourceChanges) throws {
    let winners = sources.lineage.latestWinners.sorted { $0.key < $1.key }.map(\.value.id)
    let outcome = try sources.applyAll(winners)
    for kernel in outcome.applied { say("applied \(printable(kernel.description))\n") }
    if !outcome.applied.isEmpty { say("'ratchet revert --all' undoes it\n") }
    try sources.checkStop()
    guard outcome.ending == Ending.done else { throw outcome.ending }
    if outcome.applied.isEmpty { complain("nothing to apply") }
  }
}
