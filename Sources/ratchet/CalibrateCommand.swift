import ArgumentParser
import Diagnostics
import EquivalenceChecking
import Foundation

/// `ratchet calibrate`: the judge's kill rates over a folder of pairs that it accepts.
struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Plants defects into every candidate of a folder and tells how many the judge finds.",
    discussion: """
      A pair is NAME.original.c and NAME.candidate.c, whose first lines say \
      '//! function: F' and, where needed, '//! cflags: …'. Outcomes are added to the file of \
      --outcomes, one JSON object a line, so that the table can be filled in several sittings.
      """,
    shouldDisplay: false)

  @Argument(help: "The folder of pairs.")
  var folder: String

  @Option(help: "The file that outcomes are added to.")
  var outcomes: String

  @Option(help: "Begin no mutant after so many seconds.")
  var seconds = 60.0

  @Option(help: "Judge every so many-th mutant of each candidate.")
  var stride = 1

  @Option(help: "Write the table of all outcomes so far to this file.")
  var table: String?

  func validate() throws {
    guard stride > 0 else { throw ValidationError("--stride must be at least 1") }
  }

  func run() async throws {
    try await withEndings {
      let environment = try await JudgedFunction.environment(nil)
      let deadline = Date().addingTimeInterval(seconds)
      for pair in try CalibrationPair.all(in: folder) where Date() < deadline {
        let kernel = try JudgedFunction.kernel(
          pair.function, in: pair.original, compiler: nil, flags: pair.flags)
        let run = CalibrationRun(
          calibration: Calibration(original: kernel, environment: environment),
          subject: pair.name, outcomes: outcomes, seconds: deadline.timeIntervalSinceNow,
          stride: stride)
        _ = try await run.table(of: pair.candidate)
      }
      let result = KillTable(try CalibrationRun.read(outcomes))
      say(CalibrationText(result).text)
      guard let table else { return }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      try PlainFiles.write(
        Array(try encoder.encode(result)) + [10], to: table, remedy: "name a writable place for it")
    }
  }
}

/// A pair of files whose candidate is right.
private struct CalibrationPair {
  var name: String
  var original: String
  var function: String
  var flags: String
  /// Without the lines that speak of the pair.
  var candidate: [UInt8]

  static func all(in folder: String) throws -> [CalibrationPair] {
    let suffix = ".candidate.c"
    let files: [String]
    do { files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw InputError(
        "cannot read it", at: SourceLocation(file: folder), remedy: "name a folder of pairs")
    }
    return try files.filter { $0.hasSuffix(suffix) }.map { file in
      try CalibrationPair(folder: folder, name: String(file.dropLast(suffix.count)))
    }
  }

  private init(folder: String, name: String) throws {
    let path = "\(folder)/\(name).candidate.c"
    let text = String(
      decoding: try PlainFiles.read(path, remedy: "name a folder of pairs"), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let notes = lines.prefix { $0.hasPrefix("//!") }
    func note(_ key: String) -> Substring? {
      notes.lazy.compactMap { line in
        line.firstRange(of: key).map { line[$0.upperBound...] }
      }.first
    }
    guard let function = note("function:")?.split(separator: " ").first else {
      throw InputError(
        "its first lines name no function", at: SourceLocation(file: path),
        remedy: "write '//! function: NAME' there")
    }
    self.name = name
    original = "\(folder)/\(name).original.c"
    self.function = String(function)
    flags = "-O3 -march=native -std=gnu11" + String(note("cflags:") ?? "")
    candidate = Array(lines.dropFirst(notes.count).joined(separator: "\n").utf8)
  }
}
