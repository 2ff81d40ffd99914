import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog

/// `ratchet revert ID`: takes an applied winner out of the source.
struct RevertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert", abstract: "Takes an applied winner out of the source, byte for byte.",
    discussion: "Refused when the file has changed since.")

  @Argument(help: "The id of the winner or of its application, or its first digits.")
  var id: String?

  @Flag(help: "Revert every winner that is applied.")
  var all = false

  @OptionGroup var state: ExistingState

  func validate() throws {
    guard (id != nil) != all else {
      throw ValidationError("name one id, or give --all")
    }
  }

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      let sources = try SourceChanges(directory, command: "ratchet revert")
      for id in try ids(in: sources) {
        try sources.checkStop()
        let reverted = try sources.revert(id)
        say("reverted \(id.short): its change is out of \(printable(reverted.file))\n")
      }
    }
  }

  /// The winners to take out, the last applied first.
  private func ids(in sources: SourceChanges) throws -> [Digest] {
    if let id { return [try sources.lineage.entry(idPrefix: id).id] }
    let layers = sources.lineage.appliedSources.sorted { $0.key < $1.key }
      .flatMap { $0.value.current.layers.reversed() }
    if layers.isEmpty { complain("nothing is applied") }
    return layers.map(\.applied)
  }
}
