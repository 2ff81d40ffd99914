import Diagnostics
import ExperimentRecords
import Foundation
import KernelModel
import OptimizationAgent
import Passes

/// A right text that defects are planted into, and the original that the judge compares it with.
struct CalibrationSubject {
  /// Names it for ever; no machine's path.
  var name: String
  var kernel: Kernel
  var candidate: [UInt8]

  /// The subjects of a folder.
  ///
  /// A pair is NAME.original.c and NAME.candidate.c, whose first lines say `//! function: F` and,
  /// where needed, `//! cflags: …`: its candidate is one subject and its original, against itself,
  /// another. In a folder without pairs every function with a loop is a subject, and rewrites of it are.
  static func all(in folder: String) throws -> [CalibrationSubject] {
    let suffix = ".candidate.c"
    let files: [String]
    do { files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw InputError(
        "cannot read it", at: SourceLocation(file: folder), remedy: "name a folder of C files")
    }
    let pairs = files.filter { $0.hasSuffix(suffix) }
    if pairs.isEmpty { return try functions(in: folder) }
    return try pairs.flatMap { try pair(String($0.dropLast(suffix.count)), in: folder) }
  }

  private static func functions(in folder: String) throws -> [CalibrationSubject] {
    let survey = try Survey(
      options: CampaignOptions(paths: [folder]), configuration: Configuration())
    return try survey.kernels.flatMap { surveyed in
      let name = "\(surveyed.name.file):\(surveyed.name.function)"
      let itself = CalibrationSubject(
        name: name, kernel: surveyed.kernel, candidate: surveyed.kernel.source.bytes)
      return try [itself] + rewrites(of: surveyed.kernel, name)
    }
  }

  /// What the passes make of a kernel, as far as they do not refuse. Whether it is right is for the
  /// judge to say, who sees the text alone.
  private static func rewrites(of kernel: Kernel, _ name: String) throws -> [CalibrationSubject] {
    let labels = kernel.function.body.loopLabels
    guard let outer = labels.first, let inner = labels.last else { return [] }
    return try ["unroll(loop: \(inner), by: 4)", "unroll_jam(loop: \(outer), by: 2)"].compactMap {
      let recipe = try Recipe(parsing: $0)
      do throws(Refusal) {
        let candidate = try RecipeRunner().apply(recipe, to: kernel).emitFinished()
        return CalibrationSubject(name: "\(name) \($0)", kernel: kernel, candidate: candidate)
      } catch {
        return nil
      }
    }
  }

  private static func pair(_ name: String, in folder: String) throws -> [CalibrationSubject] {
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
    let kernel = try JudgedFunction.kernel(
      String(function), in: "\(folder)/\(name).original.c", compiler: nil,
      flags: "-O3 -march=native -std=gnu11" + String(note("cflags:") ?? ""))
    let candidate = Array(lines.dropFirst(notes.count).joined(separator: "\n").utf8)
    return [
      CalibrationSubject(name: name, kernel: kernel, candidate: candidate),
      CalibrationSubject(
        name: "\(name).original", kernel: kernel, candidate: kernel.source.bytes),
    ]
  }
}
