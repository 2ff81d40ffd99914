import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import OptimizationAgent

/// `ratchet kernels PATH…`: what was found, its contract, or why it was skipped.
struct KernelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Lists every function that has a loop, with its contract or why it is skipped.")

  @OptionGroup var input: InputOptions

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let (options, configuration) = try input.campaignOptions()
      let policy = try AutonomyPolicy.applying(to: input.paths)
      let survey = try Survey(options: options, configuration: configuration)
      switch format {
      case .text:
        for note in survey.notes { complain(note) }
        say(KernelTable.text(survey, policy))
      case .json: try sayJSON(KernelTable.Document(survey, policy))
      }
    }
  }
}

/// The list of kernels in both formats.
enum KernelTable {
  static func text(_ survey: Survey, _ policy: AutonomyPolicy) -> String {
    var text = ""
    for kernel in survey.kernels {
      let nest = "\(kernel.loops) loop\(kernel.loops == 1 ? "" : "s"), depth \(kernel.depth)"
      let name = "\(kernel.name.file):\(kernel.line): \(kernel.name.function)"
      text += printable("\(name): \(nest), contract \(kernel.contractOrigin)") + "\n"
      for clause in kernel.clauses { text += "    \(printable(clause))\n" }
    }
    for skipped in survey.skipped {
      let name = "\(skipped.name.file):\(skipped.line): \(skipped.name.function)"
      text += printable("\(name): skipped: \(skipped.reason)") + "\n"
      if let remedy = skipped.remedy { text += "    settle it with: \(printable(remedy))\n" }
    }
    let found = "\(survey.kernels.count) kernel\(survey.kernels.count == 1 ? "" : "s")"
    return text + "\(found), \(survey.skipped.count) skipped\n"
      + printable(policy.description) + "\n"
  }

  struct Document: Encodable {
    struct Kernel: Encodable {
      var file: String
      var function: String
      var line: Int
      var loops: Int
      var depth: Int
      var contract: [String]
      var contractSource: String
      var flags: [String]
    }
    struct Skipped: Encodable {
      var file: String
      var function: String
      var line: Int
      var reason: String
      var remedy: String?
    }
    var schema = "ratchet.kernels/1"
    var kernels: [Kernel]
    var skipped: [Skipped]
    /// The highest level that may be had, and what sets it.
    var level: AutonomyLevel
    var levelOrigin: String

    init(_ survey: Survey, _ policy: AutonomyPolicy) {
      (level, levelOrigin) = (policy.maximum, policy.origin)
      kernels = survey.kernels.map {
        Kernel(
          file: $0.name.file, function: $0.name.function, line: $0.line, loops: $0.loops,
          depth: $0.depth, contract: $0.clauses, contractSource: $0.contractOrigin,
          flags: $0.kernel.build.arguments)
      }
      skipped = survey.skipped.map {
        Skipped(
          file: $0.name.file, function: $0.name.function, line: $0.line, reason: $0.reason,
          remedy: $0.remedy)
      }
    }
  }
}
