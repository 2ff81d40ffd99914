import ExperimentRecords
import Foundation
import LineageLog
import Testing

@testable import Reporting

/// The figures that `ratchet audit` prints are those of the pages and tables, and say of which judge.
@Suite struct CalibrationFiguresTests {
  private let renderer = CalibrationRenderer(
    root: fixtures.deletingLastPathComponent(), known: .measured)

  @Test func areUpToDate() throws {
    let rendered = try renderer.render()
    let stored = try? String(contentsOf: renderer.generatedFile, encoding: .utf8)
    if stored != rendered, ProcessInfo.processInfo.environment["RATCHET_UPDATE"] == "1" {
      try rendered.write(to: renderer.generatedFile, atomically: true, encoding: .utf8)
    }
    #expect(
      stored == rendered, "the figures of the audit are stale; refresh them with 'make catalog'")
  }

  @Test func tellOfAJudgeThatWasChangedSince() throws {
    var figures = CalibrationFigures.measured
    figures.calibratedJudge = figures.presentJudge
    #expect(figures.isJudgeChanged == false)
    figures.calibratedJudge = .zero
    #expect(figures.isJudgeChanged == true)
    figures.calibratedJudge = nil
    #expect(figures.isJudgeChanged == nil)
  }

  @Test func aNewCalibrationIsThatOfThePresentJudge() throws {
    var known = CalibrationFigures.measured
    known.calibratedJudge = .zero
    let same = CalibrationRenderer(root: renderer.root, known: known)
    #expect(try same.figures().calibratedJudge == .zero)
    known.page = .zero
    let new = CalibrationRenderer(root: renderer.root, known: known)
    #expect(try new.figures().calibratedJudge == new.figures().presentJudge)
  }
}

/// Makes the Swift text of the figures from what calibrations have left in the repository.
struct CalibrationRenderer {
  /// The repository.
  let root: URL
  /// The figures that were generated last.
  let known: CalibrationFigures

  /// What a page or a table lacks.
  struct Missing: Error { var what: String }

  var generatedFile: URL {
    root.appending(path: "Sources/Reporting/CalibrationFigures+Generated.swift")
  }

  /// The figures of the newest calibrations.
  func figures() throws -> CalibrationFigures {
    let page = try String(
      contentsOf: root.appending(path: "Docs/Calibration.md"), encoding: .utf8)
    let digest = ObjectStore.digest(of: Array(page.utf8))
    let judge = try judgeDigest()
    return CalibrationFigures(
      date: try text(in: page, between: "Date: ", and: ". "),
      machine: try text(in: page, between: "Machine: ", and: ". "),
      judge: try text(in: page, between: "Judge: ", and: [";", ".\n"]),
      planted: try line(of: page, containing: " mutants of ", "right texts:"),
      acceptedWrong: try text(
        in: page, between: "accepted at the default requirement: ", and: ". "),
      acceptedUnknown: try number(in: page, before: " are not known to be."),
      levels: try levels(in: page), equalPrograms: try equalPrograms(),
      calibratedJudge: digest == known.page ? known.calibratedJudge : judge, presentJudge: judge,
      page: digest)
  }

  /// The Swift text.
  func render() throws -> String {
    let figures = try figures()
    let levels = figures.levels.map {
      """
            Level(
              level: \(quoted($0.level)), asked: \($0.asked), refuted: \(quoted($0.refuted)),
              notPassed: \(quoted($0.notPassed))),
      """
    }
    let equal = figures.equalPrograms.map {
      """
      EqualPrograms(
            date: \(quoted($0.date)), campaigns: \($0.campaigns), falseWinners: \($0.falseWinners),
            smallestEffect: \($0.smallestEffect),
            note:
              \(quoted($0.note)))
      """
    }
    return """
      // Generated from Docs/Calibration.md, Benchmarks/results and the judge's sources by `make catalog`.
      // swift-format-ignore-file

      import ExperimentRecords

      extension CalibrationFigures {
        /// The figures of the calibrations that this program was built with.
        public static let measured = CalibrationFigures(
          date: \(quoted(figures.date)),
          machine: \(quoted(figures.machine)),
          judge: \(quoted(figures.judge)),
          planted:
            \(quoted(figures.planted)),
          acceptedWrong: \(quoted(figures.acceptedWrong)),
          acceptedUnknown: \(figures.acceptedUnknown),
          levels: [
      \(levels.joined(separator: "\n"))
          ],
          equalPrograms: \(equal ?? "nil"),
          calibratedJudge: \(digest(figures.calibratedJudge)),
          presentJudge: \(digest(figures.presentJudge)),
          page: \(digest(figures.page)))
      }

      """
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private func digest(_ digest: Digest?) -> String {
    digest.map { "Digest(\n      hex: \"\($0.hex)\")" } ?? "nil"
  }

  /// Of every level the first row of the page's first table that names it.
  private func levels(in page: String) throws -> [CalibrationFigures.Level] {
    guard let start = page.range(of: "## By level"),
      let end = page.range(of: "\n## ", range: start.upperBound..<page.endIndex)
    else { throw Missing(what: "table of levels") }
    return page[start.upperBound..<end.lowerBound].split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 9, cells[0].hasPrefix("L"), let asked = Int(cells[1]) else { return nil }
      return CalibrationFigures.Level(
        level: cells[0], asked: asked, refuted: cells[6], notPassed: cells[7])
    }
  }

  /// The newest table of campaigns on equal programs.
  private func equalPrograms() throws -> CalibrationFigures.EqualPrograms? {
    struct Table: Decodable {
      struct Row: Decodable {
        var kind: String
        var campaigns: Int
        var falseWinners: Int
      }
      var date: String
      var live: [Row]
      var smallestEffect: Double
      var note: String
    }
    let folder = root.appending(path: "Benchmarks/results")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    guard let name = names.last(where: { $0.hasPrefix("aa-") && $0.hasSuffix(".json") })
    else { return nil }
    let table = try JSONDecoder().decode(
      Table.self, from: Data(contentsOf: folder.appending(path: name)))
    let rows = table.live.filter { $0.kind == "null" }
    return CalibrationFigures.EqualPrograms(
      date: String(table.date.prefix(10)), campaigns: rows.reduce(0) { $0 + $1.campaigns },
      falseWinners: rows.reduce(0) { $0 + $1.falseWinners },
      smallestEffect: table.smallestEffect, note: table.note)
  }

  /// The digest over the paths and digests of all files that judge, in the order of their paths.
  private func judgeDigest() throws -> Digest {
    var text = ""
    for folder in ["EquivalenceChecking", "JudgeKernels", "KernelParsing"] {
      let base = root.appending(path: "Sources/\(folder)")
      let names = try FileManager.default.subpathsOfDirectory(atPath: base.path()).sorted()
      for name in names {
        let file = base.appending(path: name)
        guard [".swift", ".c", ".h"].contains(where: name.hasSuffix) else { continue }
        let bytes = Array(try Data(contentsOf: file))
        text += "\(folder)/\(name) \(ObjectStore.digest(of: bytes))\n"
      }
    }
    return ObjectStore.digest(of: Array(text.utf8))
  }

  private func text(in page: String, between start: String, and end: String) throws -> String {
    try text(in: page, between: start, and: [end])
  }

  /// The text behind the first `start`, up to the nearest of `ends`.
  private func text(
    in page: String, between start: String, and ends: [String]
  ) throws -> String {
    guard let first = page.range(of: start) else { throw Missing(what: start) }
    let rest = page[first.upperBound...]
    guard let end = ends.compactMap({ rest.range(of: $0)?.lowerBound }).min() else {
      throw Missing(what: "\(start)…")
    }
    return String(rest[..<end])
  }

  private func line(of page: String, containing words: String...) throws -> String {
    let lines = page.split(separator: "\n").map(String.init)
    guard let line = lines.first(where: { line in words.allSatisfy(line.contains) }) else {
      throw Missing(what: words.joined(separator: "…"))
    }
    return line.replacing("`", with: "")
  }

  private func number(in page: String, before words: String) throws -> Int {
    guard let end = page.range(of: words) else { throw Missing(what: words) }
    let digits = page[..<end.lowerBound].reversed().prefix { $0.isNumber }
    guard let number = Int(String(digits.reversed())) else { throw Missing(what: words) }
    return number
  }
}
