import ArgumentParser
import Campaigns
import Foundation

/// Runs the same campaign twice and tells where the two disagree.
@main
struct Agreement: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agreement",
    abstract: "Two runs of one campaign: kernels that won in one of them only, and how surely.")

  @Option(help: "The program to measure.")
  var binary = "../.build/release/ratchet"

  @Option(help: "The directory to optimize.")
  var path = "../fixtures/kernels/tour"

  @Option(help: "The kernels in it, all by default; may be given more than once.")
  var function: [String] = []

  @Option(help: "What each kernel may take.")
  var budget = "10s"

  @Option(help: "Seed of both runs.")
  var seed = 1

  @Option(help: "Where the JSON goes; default: results/agreement-<date>.json.")
  var output: String?

  func run() throws {
    guard FileManager.default.isExecutableFile(atPath: binary) else {
      throw ValidationError("'\(binary)' is no program; run 'make build' first")
    }
    let campaign = Campaign(
      binary: binary, path: path, functions: function, budget: budget, seed: seed)
    let (first, second) = (try campaign.run(), try campaign.run())
    let table = AgreementTable(
      campaign, first: first.report, second: second.report, date: Date.now.formatted(.iso8601))
    for line in table.lines { print(line) }
    try ResultFile.write(
      table, to: output ?? "results/agreement-\(table.date.prefix(10)).json")
  }
}
