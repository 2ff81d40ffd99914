import Diagnostics
import EquivalenceChecking
import Foundation

/// The mutants of one candidate, judged one after the other; sittings add up.
struct CalibrationRun {
  let calibration: Calibration
  let subject: String
  /// A file of outcomes, one JSON object a line; nil to keep none.
  let outcomes: String?
  /// A folder for the texts of accepted mutants; nil to keep none.
  var survivors: String?
  let seconds: Double?
  /// Judges only what L3 decides.
  var isQuick = false

  /// Judges what is not known yet; everything that is known of this candidate.
  func outcomes(of candidate: [UInt8]) async throws -> [MutantOutcome] {
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
    let left = mutants.filter {
      !names.contains(MutantOutcome.name(subject, $0.defect, $0.place))
    }
    if left.isEmpty, !known.isEmpty { return known }
    let required = try await calibration.requirement()
    if isQuick, required < .bounded { return known }
    if !isQuick, !known.contains(where: { $0.defect == nil }) {
      let outcome = try await calibration.judge(
        unchanged: candidate, of: subject, required: required)
      known.append(outcome)
      try add(outcome)
    }
    for mutant in left {
      if let deadline, Date() >= deadline { break }
      let outcome = try await calibration.judge(
        mutant, from: candidate, of: subject, required: required, isQuick: isQuick)
      guard let outcome else { continue }
      known.append(outcome)
      try keep(mutant, outcome)
      try add(outcome)
    }
    return known
  }

  /// The outcomes in a file; none when it is not there.
  static func read(_ path: String) throws -> [MutantOutcome] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let text = String(
      decoding: try PlainFiles.read(path, remedy: "name a file of outcomes"), as: UTF8.self)
    let decoder = JSONDecoder()
    return try text.split(separator: "\n").enumerated().map { number, line in
      do { return try decoder.decode(MutantOutcome.self, from: Data(line.utf8)) } catch {
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

  private func keep(_ mutant: Mutant, _ outcome: MutantOutcome) throws {
    guard let survivors, outcome.isAccepted, outcome.nature != .equivalent,
      outcome.answer(of: .l7) != .passed
    else { return }
    let name = outcome.name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" }
    try PlainFiles.write(
      mutant.text, to: "\(survivors)/\(String(name)).c", remedy: "name a folder that is there")
  }
}
