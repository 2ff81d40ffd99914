import ArgumentParser
import Diagnostics
import ExperimentRecords
import LineageLog
import OptimizationAgent
import Reporting
import SystemPackage

/// `ratchet audit`: what an overseer needs, on one page.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "Prints what an overseer needs: level, approvals, changes, retractions, costs, limits.",
    discussion: """
      It verifies the log and every object first (exit code 4 when one differs) and changes nothing.
      """)

  @OptionGroup var state: ExistingState

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      let verification = try Lineage.verify(directory)
      if let defect = verification.defect { throw LineageError.damaged(defect) }
      let lineage = try Lineage.read(directory)
      let place = { (file: String) -> FilePath in
        lineage.presumedRoot(of: directory, holding: file).appending(file)
      }
      let audit = AuditReport(
        lineage, verification: verification, directory: directory.path.string,
        level: try level(place("")),
        retractedFiles: lineage.retractedFiles(ObjectStore(directory)) { place($0) }
      ) { file in
        // A file that cannot be read is shown as such.
        (try? directory.files.contents(of: place(file))).map(ObjectStore.digest(of:))
      }
      switch format {
      case .text: say(AuditText(audit, style: .output).text)
      case .json: try sayJSON(audit)
      }
    }
  }

  /// The level that is to be had in the project at `root`, and what sets it.
  private func level(_ root: FilePath) throws -> AuditReport.Level {
    let policy = try AutonomyPolicy.applying(to: [root.string])
    return .init(level: "L\(policy.maximum.rawValue)", origin: policy.origin)
  }
}
