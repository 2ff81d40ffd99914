import ExperimentRecords
import Foundation
import KernelModel
import KernelParsing
import Testing

/// A C file below `fixtures/passes` that says on its first lines what is done to it.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let file: URL
  let text: String
  let recipe: Recipe
  /// The function; the first one when absent.
  let function: String?
  let flags: [String]
  /// Part of the reason why the recipe is refused; nil when it applies.
  let refusal: String?

  var expectedFile: URL { file.appendingPathExtension("expected") }
  var observedFile: URL { file.appendingPathExtension("observed") }
  var testDescription: String {
    file.deletingLastPathComponent().lastPathComponent + "/" + file.lastPathComponent
  }

  /// Every case of the folder, in the order of names.
  static func discover() throws -> [GoldenCase] {
    let folder = TestFiles.root.appending(path: "fixtures/passes")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try names.filter { $0.hasSuffix(".c") }.sorted()
      .map { try GoldenCase(folder.appending(path: $0)) }
  }

  init(_ file: URL) throws {
    self.file = file
    text = try String(contentsOf: file, encoding: .utf8)
    var values: [String: String] = [:]
    for line in text.split(separator: "\n").prefix(while: { $0.hasPrefix("//! ") }) {
      let parts = line.dropFirst(4).split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { throw GoldenError("\(file.lastPathComponent): '\(line)'") }
      values[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    guard let recipe = values["recipe"] else {
      throw GoldenError("\(file.lastPathComponent) has no '//! recipe:' line")
    }
    self.recipe = try Recipe(parsing: recipe)
    function = values["function"]
    let given = values["cflags"]?.split(separator: " ").map(String.init) ?? []
    flags = ["-O3", "-std=gnu11"] + given
    refusal = values["refused"]
  }

  var usesOpenMP: Bool { flags.contains("-fopenmp") }

  /// The kernel that a text of this case holds.
  ///
  /// - Parameter isOutput: whether pragmas of parallel loops may stand in the text, which is read without
  ///   their meaning then.
  func kernel(in text: String, isOutput: Bool = false) throws -> Kernel {
    let flags = isOutput ? flags.filter { $0 != "-fopenmp" } : flags
    let build = BuildFlags(
      compiler: nil, arguments: flags, directory: file.deletingLastPathComponent().path,
      database: nil)
    let parsed = try KernelParser().parseText(text, at: file.path, build: build)
    let found = function.map { parsed.kernel(named: $0) } ?? parsed.kernels.first
    guard let found else {
      throw GoldenError("no kernel: \(parsed.skipped.map { "\($0.name): \($0.reason)" })")
    }
    return found
  }
}

struct GoldenError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
