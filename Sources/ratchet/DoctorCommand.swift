import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation

/// `ratchet doctor`: what this machine offers, and what it can resolve.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks toolchain, sandbox and noise of this machine.",
    discussion: "Exit code 1 when something that 'optimize' needs is missing.")

  @Option(help: "The C compiler to measure with.")
  var cc: String?

  @Flag(help: "Leave the measurement of noise out.")
  var fast = false

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let checkup = await Checkup.make(compiler: cc, measuresNoise: !fast)
      switch format {
      case .text: say(checkup.text(in: .output))
      case .json: try sayJSON(checkup)
      }
      if !checkup.missing.isEmpty { throw Ending.refused }
    }
  }
}
