import Campaigns
import Foundation

/// What one campaign did.
struct CampaignResult: Encodable {
  var binary: String
  var seed: Int
  var wallSeconds: Double
  /// Of the whole process and its children, as the system counts them.
  var cpuSeconds: Double
  var kernels: Int
  /// Compiled and measured.
  var candidates: Int
  /// Everything that was proposed, refused ones and duplicates included.
  var proposals: Int
  var improved: Int
  /// Over all kernels, those without gain counting for 1.
  var geometricMean: Double
  /// CPU seconds by phase, as the campaign booked them.
  var phases: [String: Double]
  var machine: Machine
  var compiler: Compiler

  init(_ campaign: Campaign, of binary: Binary) throws {
    let ended = try campaign.run()
    self.binary = binary.name
    seed = campaign.seed
    wallSeconds = ended.wallSeconds
    cpuSeconds = ended.cpuSeconds
    let found = ended.report.kernels
    kernels = found.count
    candidates = found.reduce(0) { $0 + $1.evaluations }
    proposals = Self.count("\"kind\":\"proposal\"", in: ended.log)
    improved = found.count { $0.outcome == "improved" }
    geometricMean = Self.mean(found.map { $0.speedup?.median ?? 1 })
    phases = ended.report.cost.phases ?? [:]
    machine = ended.report.machine
    compiler = ended.report.compiler
  }

  private static func count(_ text: String, in data: Data) -> Int {
    String(decoding: data, as: UTF8.self).components(separatedBy: text).count - 1
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 1 : exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  var candidatesPerSecond: Double { Double(candidates) / wallSeconds }
  var proposalsPerSecond: Double { Double(proposals) / wallSeconds }
  /// Everything but compiler, verification and measurement, of all CPU time.
  var overheadShare: Double {
    let others = ["compile", "examine", "measure"].reduce(0) { $0 + (phases[$1] ?? 0) }
    return max(0, 1 - others / cpuSeconds)
  }

  var line: String {
    String(
      format: "%@ seed %d: %d candidates in %.1f s, %.2f a second, %.2f proposals a second, "
        + "overhead %.1f %%, geometric mean %.2f", binary, seed, candidates, wallSeconds,
      candidatesPerSecond, proposalsPerSecond, 100 * overheadShare, geometricMean)
  }
}

/// Median, lowest and highest of repeated runs.
struct Spread: Encodable {
  var median: Double
  var low: Double
  var high: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else {
      (median, low, high) = (0, 0, 0)
      return
    }
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    (low, high) = (first, last)
  }

  func text(_ decimals: Int) -> String {
    String(format: "%.\(decimals)f [%.\(decimals)f, %.\(decimals)f]", median, low, high)
  }
}

/// All campaigns of one binary.
struct Summary: Encodable {
  var name: String
  var runs: Int
  var candidatesPerSecond: Spread
  var proposalsPerSecond: Spread
  var overheadShare: Spread
  var geometricMean: Spread
  /// Share of all CPU time by phase; `other` is what no phase was booked on.
  var phaseShares: [String: Spread]

  init(_ binary: Binary, _ results: [CampaignResult]) {
    let own = results.filter { $0.binary == binary.name }
    name = binary.name
    runs = own.count
    candidatesPerSecond = Spread(own.map(\.candidatesPerSecond))
    proposalsPerSecond = Spread(own.map(\.proposalsPerSecond))
    overheadShare = Spread(own.map(\.overheadShare))
    geometricMean = Spread(own.map(\.geometricMean))
    var shares: [String: Spread] = [:]
    for phase in Set(own.flatMap(\.phases.keys)) {
      shares[phase] = Spread(own.map { ($0.phases[phase] ?? 0) / $0.cpuSeconds })
    }
    shares["other"] = Spread(
      own.map { 1 - $0.phases.values.reduce(0, +) / $0.cpuSeconds })
    phaseShares = shares
  }

  var text: String {
    let shares = phaseShares.sorted { $0.value.median > $1.value.median }.map {
      String(format: "%@ %.1f %%", $0.key, 100 * $0.value.median)
    }
    return "\(name), \(runs) runs: \(candidatesPerSecond.text(2)) candidates a second, "
      + "\(proposalsPerSecond.text(2)) proposals a second, overhead "
      + "\(overheadShare.text(3)) of CPU time; \(shares.joined(separator: ", "))"
  }
}

/// The file that is kept.
struct Document: Encodable {
  var schema = "ratchet.throughput/1"
  var date: String
  var budget: String
  var path: String
  var functions: [String]
  var binaries: [Summary]
  var campaigns: [CampaignResult]
}
