import ArgumentParser
import Diagnostics
import Foundation

/// `-o FILE`.
struct OutputFile: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: "Write to this file instead of standard output.")
  var output: String?

  init() {}

  init(path: String) { output = path }

  /// Writes `bytes` where they are wanted; a file is replaced in one step.
  func write(_ bytes: [UInt8]) throws {
    guard let output else { return say(bytes) }
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw InputError(
        "cannot write the file: \(reason(of: error))", at: SourceLocation(file: output),
        remedy: "name a writable place with --output")
    }
  }
}
