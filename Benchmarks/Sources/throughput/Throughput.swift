import ArgumentParser
import Campaigns
import Foundation

/// Measures how many candidates a second campaigns get through, and which share of their CPU time is
/// the agent's own.
@main
struct Throughput: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "throughput",
    abstract: "Candidates per second and overhead per phase of repeated campaigns.")

  @Option(help: "Name and path of a binary to measure, NAME=PATH; may be given more than once.")
  var binary: [String] = ["current=../.build/release/ratchet"]

  @Option(help: "The directory to optimize.")
  var path = "../fixtures/kernels/tour"

  @Option(help: "The kernels in it, one of each kind by default; may be given more than once.")
  var function = [
    "matmul_vla", "laplacian_7pt", "box_blur_columns", "fir_filter", "csr_multiply",
    "pairwise_squared",
  ]

  @Option(help: "What each kernel may take.")
  var budget = "10s"

  @Option(help: "Campaigns of each binary; binaries take turns.")
  var runs = 3

  @Option(help: "Seed of the first campaign; the next ones count on.")
  var seed = 1

  @Option(help: "Where the JSON goes; default: results/throughput-<date>.json.")
  var output: String?

  func run() throws {
    let binaries = try binary.map(Binary.init)
    var results: [CampaignResult] = []
    for number in 0..<runs {
      // In turn, so that a machine that grows slower does so for all.
      for binary in binaries {
        let campaign = Campaign(
          binary: binary.path, path: path, functions: function, budget: budget,
          seed: seed + number)
        let result = try CampaignResult(campaign, of: binary)
        print(result.line)
        results.append(result)
      }
    }
    let document = Document(
      date: Date.now.formatted(.iso8601), budget: budget, path: path, functions: function,
      binaries: binaries.map { Summary($0, results) }, campaigns: results)
    for summary in document.binaries { print(summary.text) }
    let file = output ?? "results/throughput-\(document.date.prefix(10)).json"
    try ResultFile.write(document, to: file)
  }
}

/// A build of Ratchet under a name.
struct Binary {
  var name: String
  var path: String

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw ValidationError("a binary is written NAME=PATH") }
    (name, path) = (parts[0], parts[1])
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw ValidationError("'\(path)' is no program; run 'make build' first")
    }
  }
}
