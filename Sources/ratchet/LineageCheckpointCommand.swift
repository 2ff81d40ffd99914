import ArgumentParser
import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// `ratchet lineage checkpoint`: seals all entries up to now.
struct LineageCheckpointCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Seals all entries up to now, and prints the seal to keep elsewhere.",
    discussion: """
      Campaigns and changes of sources end with one by themselves. 'ratchet lineage verify --checkpoint' \
      checks that a log extends it. With a key ('openssl genpkey -algorithm ed25519 -out KEY', named by \
      --key or RATCHET_SIGNING_KEY) checkpoints are signed.
      """)

  @OptionGroup var state: ExistingState

  @Option(
    help: ArgumentHelp("The private Ed25519 key to sign with (PEM).", valueName: "file"))
  var key: String?

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      let signing = try key.map { (path) throws(LineageError) in
        try SigningKey(file: FilePath(path))
      }
      let writer = try LineageWriter(directory, command: "ratchet lineage checkpoint")
      let stored = try writer.checkpoint(signedBy: try signing ?? SigningKey.configured())
      guard case .checkpoint(let checkpoint) = stored.entry.content else { return }
      switch format {
      case .json: try sayJSON(Document(checkpoint: checkpoint))
      case .text: say("\(checkpoint.entries):\(checkpoint.root)\n")
      }
    }
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.checkpoint/1"
    var checkpoint: Checkpoint
  }
}

extension SigningKey {
  /// The key that the environment names; `nil` when it names none.
  static func configured() throws(LineageError) -> SigningKey? {
    let path = ProcessInfo.processInfo.environment["RATCHET_SIGNING_KEY"] ?? ""
    return path.isEmpty ? nil : try SigningKey(file: FilePath(path))
  }
}
