import ArgumentParser
import CandidateExecution
import ExperimentRecords
import Foundation
import OptimizationAgent
import Sandboxing

/// `ratchet aa`: campaigns with known answers on this machine, and the table of what they gave.
struct NoiseTableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aa",
    abstract: "Runs campaigns without a gain, with a planted one and with a planted loss.",
    discussion: """
      Outcomes are added to the file of --outcomes, one JSON object a line, so that the table can be \
      filled in several sittings.
      """,
    shouldDisplay: false)

  @Option(help: "The file that outcomes are added to.")
  var outcomes: String

  @Option(help: "Stop after so many seconds.")
  var seconds = 60.0

  @Option(help: "The C compiler to measure with.")
  var cc = "clang"

  @Option(help: "Write the table of all outcomes so far to this file.")
  var table: String?

  @Option(help: "Write the noise of all outcomes so far to this file.")
  var noise: String?

  @Option(help: "What else the machine did meanwhile; stands in the table.")
  var note = "nothing is known of what else ran"

  @Option(help: "Null campaigns that are resampled per subject and shape.")
  var resampled = 2000

  func run() async throws {
    try await withEndings {
      let runner = try Runner()
      let compiler = try await CompilerProbe(runner: runner).resolve(cc)
      var all = try read()
      let deadline = Date().addingTimeInterval(seconds)
      let trials = TrialCampaign(compiler: compiler, runner: runner)
      while Date() < deadline {
        let (kind, subject) = Self.turn(all.count)
        let outcome = try await trials.run(kind, on: subject, seed: UInt64(all.count) + 1)
        all.append(outcome)
        try add(outcome)
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      if let table {
        let machine = MachineProbe.current(compilers: [compiler])
        let made = NoiseTable(
          all, machine: machine, compiler: compiler, note: note, resampledNulls: resampled)
        try PlainFiles.write(
          Array(try encoder.encode(made)) + [10], to: table, remedy: "name a writable place for it")
      }
      if let noise {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let recording = NoiseTable.recording(all, measured: Date().formatted(.iso8601))
        try PlainFiles.write(
          Array(try encoder.encode(recording)) + [10], to: noise,
          remedy: "name a writable place for it")
      }
      say("\(all.count) campaigns")
    }
  }

  /// Of ten: seven nulls, two gains, one loss, on the subjects by turns; nothing is planted in the
  /// stream, whose time does not follow its work to the thousandth.
  private static func turn(_ number: Int) -> (TrialCampaign.Kind, TrialSubject) {
    let (round, place) = (number / 10, number % 10)
    switch place {
    case 3: return (.gain, .stores)
    case 7: return (.gain, .chain)
    case 9: return (.loss, round.isMultiple(of: 2) ? .stores : .chain)
    case 0: return (.null, .stream)
    default: return (.null, place.isMultiple(of: 2) ? .chain : .stores)
    }
  }

  private func read() throws -> [TrialCampaign.Outcome] {
    guard FileManager.default.fileExists(atPath: outcomes) else { return [] }
    return try String(contentsOfFile: outcomes, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(TrialCampaign.Outcome.self, from: Data($0.utf8))
    }
  }

  private func add(_ outcome: TrialCampaign.Outcome) throws {
    try PlainFiles.append(
      Array(try JSONEncoder().encode(outcome)) + [10], to: outcomes,
      remedy: "name a writable place for outcomes")
  }
}
