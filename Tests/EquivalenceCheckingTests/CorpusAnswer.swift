import ExperimentRecords
import Foundation

@testable import EquivalenceChecking

/// What one level alone says of a pair of `fixtures/equivalence`.
struct CorpusAnswer: Sendable {
  var test: CorpusCase
  var result: Evidence.Result
  var detail: String
  var seconds: Double
  var line: String {
    "\(test.folder)/\(test.name): \(result.rawValue) \((seconds * 100).rounded() / 100) s  \(detail)"
  }

  /// The answers to all pairs of a folder; `level` names the report.
  static func all(
    in folder: String, level: String, _ examine: @escaping @Sendable (CorpusCase) throws -> Evidence
  ) async throws -> [CorpusAnswer] {
    await JudgeFixture.concurrently(try CorpusCase.all(in: folder)) { test in
      do {
        let evidence = try examine(test)
        let answer = CorpusAnswer(
          test: test, result: evidence.result, detail: evidence.detail, seconds: evidence.seconds)
        report(answer.line, "\(level)-\(folder)")
        return answer
      } catch {
        return CorpusAnswer(test: test, result: .inconclusive, detail: "\(error)", seconds: 0)
      }
    }
  }

  /// Each answer as it comes, for whoever wants to see them all.
  private static func report(_ line: String, _ name: String) {
    guard let directory = ProcessInfo.processInfo.environment["CORPUS_REPORT"],
      let file = fopen("\(directory)/\(name).txt", "a")
    else { return }
    fputs(line + "\n", file)
    fclose(file)
  }

  /// Wrong candidates whose fault is none of operations or values: other levels find them.
  static let outside: [String: String] = [
    "attribute-relaxes-floating-point": "an attribute changes what the compiler may do (L0)",
    "function-becomes-static": "linkage (L0)",
    "typedef-takes-a-name-of-the-file-first": "the rest of the file (L0)",
    "typedef-takes-a-name-of-the-file-second": "the rest of the file (L0)",
    "typedef-takes-a-tag-of-the-file": "the rest of the file (L0)",
  ]
}
