import Diagnostics
import EquivalenceChecking
import Foundation

/// The mutants of one candidate, judged one after the other; sittings add up.
struct CalibrationRun {
  let calibration: Calibration
  let subject: String
  /// A file of outcomes, one JSON object a line; nil to keep none.
  let outcomes: String?
  let seconds: Double?
  /// Every so many-th mutant is judged.
  var stride = 1

  /// Judges what is not known yet, and sums up everything known of this candidate.
  func table(of candidate: [UInt8]) async throws -> KillTable {
    var known = try outcomes.map(Self.read)?.filter { $0.subject == subject } ?? []
    let names = Set(known.map(\.name))
    let mutants: [Mutant]
    do {
      mutants = try calibration.mutants(of: candidate)
    } catch {
      throw InputError(
        "the candidate has no mutants: \(error)", remedy: "name a candidate that the judge accepts")
    }
    let deadline = seconds.map { Date().addingTimeInterval($0) }
    for (number, mutant) in mutants.enumerated() where number.isMultiple(of: stride) {
      if let deadline, Date() >= deadline { break }
      let place = MutantOutcome(
        subject: subject, defect: mutant.defect, place: mutant.place, answers: [:], seconds: 0)
      if names.contains(place.name) { continue }
      let outcome = await calibration.judge(mutant, of: subject)
      known.append(outcome)
      try add(outcome)
    }
    return KillTable(known)
  }

  /// The outcomes in a file; none when it is not there.
  static func read(_ path: String) throws -> [MutantOutcome] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let text = String(
      decoding: try PlainFiles.read(path, remedy: "name a file of outcomes"), as: UTF8.self)
    return try text.split(separator: "\n").enumerated().map { number, line in
      do { return try JSONDecoder().decode(MutantOutcome.self, from: Data(line.utf8)) } catch {
        throw InputError(
          "not an outcome of a mutant", at: SourceLocation(file: path, line: number + 1),
          remedy: "name another file")
      }
    }
  }

  private func add(_ outcome: MutantOutcome) throws {
    guard let outcomes else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try PlainFiles.append(
      Array(try encoder.encode(outcome)) + [10], to: outcomes,
      remedy: "name a writable place for outcomes")
  }
}
