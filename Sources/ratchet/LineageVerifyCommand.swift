import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// `ratchet lineage verify [BUNDLE]`: checks every byte of the log and of the object store, or of a bundle.
struct LineageVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Checks every byte of the log and of the object store, or of a bundle; exit code 4 when one differs.",
    discussion: """
      Without a checkpoint that was kept elsewhere, it cannot tell a log that somebody wrote anew from the \
      one that was there. An evidence bundle, as 'ratchet lineage export ID -o DIR' writes it, is checked \
      without the lineage and without its sources. Only a key (--public-key) or a checkpoint (--checkpoint) \
      that came another way tells that nobody made it up.
      """)

  @Argument(
    help: ArgumentHelp(
      "The directory of an evidence bundle; default: the lineage.", valueName: "bundle"))
  var bundle: String?

  @OptionGroup var state: ExistingState

  @Option(
    help: ArgumentHelp(
      "A checkpoint, as 'lineage checkpoint' printed it: the log must extend what it covers; a bundle's must be it.",
      valueName: "entries:root"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "A public Ed25519 key (PEM): a checkpoint, or a bundle's statements, must be signed by it.",
      valueName: "file"))
  var publicKey: String?

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func validate() throws {
    if bundle != nil, state.state != nil {
      throw ValidationError("a bundle is checked without a lineage: leave --state out")
    }
  }

  func run() async throws {
    try await withEndings {
      if let bundle { return try verify(bundle) }
      let directory = try state.directory()
      let report = try Lineage.verify(
        directory, extending: try pinned(), sealedBy: try trustedKey())
      if let defect = report.defect { throw LineageError.damaged(defect) }
      switch format {
      case .json: try sayJSON(Document(report))
      case .text: say("\(directory.path): \(text(report))\n")
      }
    }
  }

  private func verify(_ path: String) throws {
    let key = try trustedKey()
    let checkpoint = try pinned()
    do {
      let bundle = try EvidenceBundle(directory: FilePath(path))
      let report = try bundle.verify(signedBy: key, checkpoint: checkpoint)
      switch format {
      case .json: try sayJSON(BundleDocument(report, vouched: key != nil || checkpoint != nil))
      case .text:
        let text = BundleText(report, key: key, isPinned: checkpoint != nil).text
        say("\(printable(path)): \(text)")
      }
    } catch let defect as BundleDefect {
      complain(defect.diagnostic(in: path))
      throw ExitCode(defect.exitCode)
    }
  }

  private func text(_ report: VerificationReport) -> String {
    var text = "\(report.entries) entries and \(report.objects) objects are as they were written; "
    text += "the last is \(report.head.short)"
    if checkpoint != nil { text += "\nthey extend what the checkpoint covers" }
    if let sealed = report.sealed { text += "\nthe key has sealed \(sealed) of them" }
    return text
  }

  private func pinned() throws -> Checkpoint? {
    guard let text = checkpoint else { return nil }
    guard let pinned = Checkpoint(text) else {
      throw InputError(
        "'\(text)' is no checkpoint",
        remedy: "give what 'ratchet lineage checkpoint' printed: entries:root")
    }
    return pinned
  }

  private func trustedKey() throws -> PublicKey? {
    try publicKey.map { try PublicKey(file: FilePath($0)) }
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.verify/1"
    var verified = true
    var entries: Int
    var objects: Int
    var head: Digest
    /// Entries that a checkpoint by the given key covers.
    var sealed: Int?

    init(_ report: VerificationReport) {
      (entries, objects, head) = (report.entries, report.objects, report.head)
      sealed = report.sealed
    }
  }
}
