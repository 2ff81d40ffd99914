import ArgumentParser
import CandidateExecution
import EquivalenceChecking
import Foundation

/// `ratchet calibrate`: the judge's kill rates over folders of right programs.
struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Plants defects into right programs and tells how many of them the judge finds.",
    discussion: """
      A folder holds pairs, NAME.original.c and NAME.candidate.c, whose first lines say \
      '//! function: F' and, where needed, '//! cflags: …'; or C files, whose functions are \
      compared with themselves. Outcomes are added to the file of --outcomes, one JSON object a \
      line, so that the table can be filled in several sittings.
      """,
    shouldDisplay: false)

  @Argument(help: "Folders of pairs, or of C files.")
  var folders: [String]

  @Option(help: "The file that outcomes are added to.")
  var outcomes: String

  @Option(help: "Begin no mutant after so many seconds.")
  var seconds = 60.0

  @Option(help: "Ask every level of one mutant in so many; the others L0 and L3 first.")
  var every = 8

  @Option(help: "Only subjects whose names contain this.")
  var subject: String?

  @Option(help: "Write the texts of accepted mutants to this folder.")
  var survivors: String?

  @Option(help: "Write the table of all outcomes so far to this file, as JSON.")
  var table: String?

  @Option(help: "Write the table of all outcomes so far to this file, as Markdown.")
  var document: String?

  @Option(help: "What judged and what else ran; stands in the document.")
  var note = "nothing is known of what else ran"

  @Flag(help: "Judge what L3 decides and leave the rest to another sitting.")
  var quick = false

  @Flag(help: "Tell the names of all mutants and judge none.")
  var list = false

  func validate() throws {
    guard every > 0 else { throw ValidationError("--every must be at least 1") }
  }

  func run() async throws {
    try await withEndings {
      if list {
        for name in try await names() { say("\(name)\n") }
        return
      }
      if let survivors {
        try PlainFiles.folder(survivors, remedy: "name a writable place for survivors")
      }
      let environment = try await JudgedFunction.environment(nil)
      let deadline = Date().addingTimeInterval(seconds)
      for subject in try subjects() where Date() < deadline {
        let run = CalibrationRun(
          calibration: Calibration(
            original: subject.kernel, environment: environment,
            sample: CalibrationSample(every: every)),
          subject: subject.name, outcomes: outcomes, survivors: survivors,
          seconds: deadline.timeIntervalSinceNow, isQuick: quick)
        _ = try await run.outcomes(of: subject.candidate)
      }
      try report(environment)
    }
  }

  private func names() async throws -> [String] {
    let environment = try await JudgedFunction.environment(nil)
    return try subjects().flatMap { subject in
      try Calibration(original: subject.kernel, environment: environment)
        .mutants(of: subject.candidate).map {
          MutantOutcome.name(subject.name, $0.defect, $0.place)
        }
    }
  }

  /// In an order that has nothing to do with their names: what a sitting did not reach is a random
  /// part.
  private func subjects() throws -> [CalibrationSubject] {
    let all = try folders.flatMap { try CalibrationSubject.all(in: $0) }
    let wanted = all.filter { subject.map($0.name.contains) ?? true }
    let order = Dictionary(
      wanted.map { ($0.name, CalibrationSample.rank($0.name)) }, uniquingKeysWith: { a, _ in a })
    return wanted.sorted { (order[$0.name] ?? 0, $0.name) < (order[$1.name] ?? 0, $1.name) }
  }

  private func report(_ environment: JudgeEnvironment) throws {
    let known = try CalibrationRun.read(outcomes)
    let result = KillTable(known)
    say(CalibrationText(result).text)
    let remedy = "name a writable place for it"
    if let table {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      try PlainFiles.write(Array(try encoder.encode(result)) + [10], to: table, remedy: remedy)
    }
    guard let document else { return }
    let compilers = [environment.compiler] + (environment.second.map { [$0] } ?? [])
    let text = CalibrationDocument(
      table: result, outcomes: known, machine: MachineProbe.current(compilers: compilers),
      compilers: compilers.map { "\($0.name) \($0.version)" }, every: every, note: note
    ).text
    try PlainFiles.write(Array(text.utf8), to: document, remedy: remedy)
  }
}
