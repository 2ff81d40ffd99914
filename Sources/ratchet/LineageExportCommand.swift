import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// `ratchet lineage export [ID]`: the whole lineage as one JSON document, or what one winner rests on.
struct LineageExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the whole lineage as one JSON document, or an evidence bundle of one winner.",
    discussion: """
      With an id, -o names a new directory for the bundle: original, candidate, patch, evidence, \
      measurements, environment, the log's own lines with proofs that they are in its newest checkpoint, \
      and in-toto statements, signed by the key that RATCHET_SIGNING_KEY names. 'ratchet lineage verify DIR' \
      checks it anywhere.
      """)

  @Argument(help: "A winner, by the first digits of its id.")
  var id: String?

  @OptionGroup var state: ExistingState

  @OptionGroup var output: OutputFile

  func validate() throws {
    if id != nil, output.output == nil {
      throw ValidationError("name a directory for the bundle with -o")
    }
  }

  func run() async throws {
    try await withEndings {
      if let id, let output = output.output { return try exportBundle(of: id, to: output) }
      let (lineage, _) = try state.lineage()
      let standings = lineage.standings
      let document = EntriesDocument(
        schema: "ratchet.lineage/1",
        entries: lineage.entries.map { EntryDocument($0, in: standings) })
      try output.write(try jsonBytes(document))
    }
  }

  private func exportBundle(of id: String, to path: String) throws {
    let key = try SigningKey.configured()
    let bundle = try EvidenceBundle(ofWinner: id, in: try state.directory(), signedBy: key)
    // A bundle that does not hold is not handed out.
    let report: BundleReport
    do { report = try bundle.verify() } catch {
      throw InputError("the bundle would not hold: \(error)")
    }
    try bundle.write(to: FilePath(path))
    say(
      "\(printable(path)): \(report.files) files about winner '\(report.winner.short)' of "
        + "'\(printable(report.kernel.function))'\n")
    let unsigned = key == nil ? ["it is not signed: RATCHET_SIGNING_KEY names no key"] : []
    for note in BundleText(report).reservations + unsigned {
      complain(.note(note, at: SourceLocation(file: path)))
    }
    say("'ratchet lineage verify \(ShellText.quoted(printable(path)))' checks it, anywhere\n")
  }
}
