import Foundation
import KernelModel
import KernelParsing

@testable import EquivalenceChecking

/// A pair of files in `fixtures/equivalence` or `fixtures/exploits` with the expected verdict in the
/// candidate's first lines: `//! function: NAME expect: refuted level: L0 rule: calls`,
/// `//! cflags: …`, `//! compiler: gcc`, and words on what the case shows.
struct CorpusCase: Sendable {
  var name: String
  var folder: String
  var function: String
  var expectation: String
  var level: String?
  /// The rule of L0 that refuses it.
  var rule: String?
  var flags: [String]
  /// The project's compiler; nil for the one that the machine offers first.
  var compiler: String?
  var originalPath: String
  /// The candidate without the lines that speak to this reader.
  var candidate: [UInt8]

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/equivalence").path

  private static func directory(_ folder: String) -> String {
    folder == "exploits"
      ? URL(fileURLWithPath: root).deletingLastPathComponent().path + "/exploits"
      : "\(root)/\(folder)"
  }

  /// All cases of a folder, by name.
  static func all(in folder: String) throws -> [CorpusCase] {
    let directory = directory(folder)
    let suffix = ".candidate.c"
    let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    let wanted = ProcessInfo.processInfo.environment["CORPUS_CASE"]
    return try files.filter { $0.hasSuffix(suffix) }.compactMap { file in
      let name = String(file.dropLast(suffix.count))
      if let wanted, !name.contains(wanted) { return nil }
      let text = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
      return try CorpusCase(name: name, folder: folder, directory: directory, text: text)
    }
  }

  static func named(_ name: String, in folder: String) throws -> CorpusCase {
    let directory = directory(folder)
    let text = try String(contentsOfFile: "\(directory)/\(name).candidate.c", encoding: .utf8)
    return try CorpusCase(name: name, folder: folder, directory: directory, text: text)
  }

  private init(name: String, folder: String, directory: String, text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let notes = lines.prefix { $0.hasPrefix("//!") }
    var words: [String: String] = [:]
    var flags: [String] = []
    for note in notes {
      let parts = note.dropFirst(3).split(separator: " ").map(String.init)
      if parts.first == "cflags:" {
        flags = Array(parts.dropFirst())
        continue
      }
      for (key, value) in zip(parts, parts.dropFirst()) where key.hasSuffix(":") {
        words[key] = value
      }
    }
    self.name = name
    self.folder = folder
    function = words["function:"] ?? ""
    expectation = words["expect:"] ?? ""
    level = words["level:"]
    rule = words["rule:"]
    compiler = words["compiler:"]
    self.flags = ["-O3", "-march=native", "-std=gnu11"] + flags
    originalPath = "\(directory)/\(name).original.c"
    candidate = Array(lines.dropFirst(notes.count).joined(separator: "\n").utf8)
  }

  /// The original's bytes.
  func original() throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: originalPath)))
  }

  /// The original with its contract.
  func kernel(_ parser: KernelParser) throws -> Kernel {
    let build = BuildFlags(
      compiler: nil, arguments: flags, directory: Self.directory(folder), database: nil)
    let file = try parser.parseText(original(), at: originalPath, build: build)
    guard let kernel = file.kernel(named: function) else {
      let reason = file.skipped.first { $0.name == function }?.reason ?? "not found"
      throw CorpusError(message: "\(name): '\(function)' cannot be read: \(reason)")
    }
    return kernel.withInferredContract
  }
}

struct CorpusError: Error {
  var message: String
}
