import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog

/// `ratchet lineage verify`: checks every byte of the log and of the object store.
struct LineageVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks every byte of the log and of the object store; exit code 4 when one differs.")

  @OptionGroup var state: ExistingState

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      let report = try Lineage.verify(directory)
      if let defect = report.defect { throw LineageError.damaged(defect) }
      switch format {
      case .json: try sayJSON(Document(report))
      case .text:
        say(
          "\(directory.path): \(report.entries) entries and \(report.objects) objects are as they "
            + "were written; the last is \(report.head.short)\n")
      }
    }
  }

  private struct Document: Encodable {
    var schema = "ratchet.lineage.verify/1"
    var verified = true
    var entries: Int
    var objects: Int
    var head: Digest

    init(_ report: VerificationReport) {
      (entries, objects, head) = (report.entries, report.objects, report.head)
    }
  }
}
