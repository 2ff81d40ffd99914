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
    try PlainFiles.write(bytes, to: output, remedy: "name a writable place for it")
  }
}
