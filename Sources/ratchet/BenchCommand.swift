import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent
import SystemPackage

/// `ratchet bench PATH…`: original, winners and other compilers side by side.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Times original, winners and other compilers in pairs, in one run.")

  @OptionGroup var input: InputOptions
  @OptionGroup var stateOption: StateOption

  @Option(help: "A compiler with flags, such as \"gcc -O3 -march=native\"; may be repeated.")
  var against: [String] = []

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() async throws {
    try await withEndings {
      let (options, configuration) = try input.campaignOptions()
      let survey = try Survey(options: options, configuration: configuration)
      let state = StateDirectory(
        FilePath(stateOption.state ?? Survey.stateDirectory(options)))
      let lineage = try state.exists() ? (try Lineage.read(state), ObjectStore(state)) : nil
      let bench = try await Bench(
        options: options, survey: survey, against: against,
        lineage: lineage.map { (entries: $0.0, objects: $0.1) })
      let rows = try await bench.run { row in
        if format == .text { say(BenchTable.text(row)) }
      }
      switch format {
      case .text: say(BenchTable.means(rows))
      case .json: try sayJSON(BenchTable.Document(rows))
      }
    }
  }
}

/// The figures of a bench run in both formats.
enum BenchTable {
  static func text(_ row: Bench.Row) -> String {
    var text = printable(row.kernel.description) + "\n"
    if let failure = row.failure { return text + "    not measured: \(failure)\n" }
    if row.contestants.isEmpty { text += "    no winner, and nothing to compare with\n" }
    for contestant in row.contestants {
      text += "    \(contestant.name)"
      if let note = contestant.note { text += ": \(note)" }
      text += "\n"
      for measurement in contestant.measurements { text += "        \(line(measurement))\n" }
    }
    return text
  }

  private static func line(_ measurement: Measurement) -> String {
    let before = measurement.baselineNanoseconds / 1000
    let after = measurement.candidateNanoseconds / 1000
    return "\(measurement.workload): \(ratio(measurement.speedup))"
      + String(format: ", %.1f µs → %.1f µs a call", before, after)
      + " (\(measurement.loads) loads, \(measurement.pairs) pairs)"
  }

  static func ratio(_ interval: ConfidenceInterval) -> String {
    String(format: "%.2f× [%.2f, %.2f]", interval.median, interval.low, interval.high)
  }

  /// Geometric means of every contestant over the kernels that it was measured on, each kernel being
  /// the mean over its workloads.
  static func means(_ rows: [Bench.Row]) -> String {
    var lines: [String] = []
    for name in names(rows) {
      let kernels = rows.compactMap { row in
        row.contestants.first { $0.name == name && !$0.measurements.isEmpty }
      }
      let intervals = kernels.map { mean($0.measurements.map(\.speedup)) }
      guard !intervals.isEmpty else { continue }
      lines.append(
        "\(name): geometric mean \(ratio(mean(intervals))) over \(intervals.count) kernels")
    }
    return lines.isEmpty ? "nothing was measured\n" : lines.joined(separator: "\n") + "\n"
  }

  private static func names(_ rows: [Bench.Row]) -> [String] {
    var seen: Set<String> = []
    return rows.flatMap(\.contestants).map(\.name).filter { seen.insert($0).inserted }
  }

  private static func mean(_ intervals: [ConfidenceInterval]) -> ConfidenceInterval {
    func geometric(_ values: [Double]) -> Double {
      exp(values.map { log($0) }.reduce(0, +) / Double(max(1, values.count)))
    }
    return ConfidenceInterval(
      median: geometric(intervals.map(\.median)), low: geometric(intervals.map(\.low)),
      high: geometric(intervals.map(\.high)))
  }

  struct Document: Encodable {
    struct Kernel: Encodable {
      struct Contestant: Encodable {
        var name: String
        var measurements: [Measurement]
        var note: String?
      }
      var file: String
      var function: String
      var failure: String?
      var contestants: [Contestant]
    }
    var schema = "ratchet.bench/1"
    var kernels: [Kernel]

    init(_ rows: [Bench.Row]) {
      kernels = rows.map { row in
        Kernel(
          file: row.kernel.file, function: row.kernel.function, failure: row.failure,
          contestants: row.contestants.map {
            Kernel.Contestant(name: $0.name, measurements: $0.measurements, note: $0.note)
          })
      }
    }
  }
}
