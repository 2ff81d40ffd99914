import ArgumentParser
import Campaigns
import EquivalenceChecking
import Foundation

/// Measures the judge's interpreter: operations a second of one core in each of its domains.
@main
struct Interpreter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpreter",
    abstract: "Operations a second of the interpreter that compares programs.")

  @Option(help: "Comparisons of each kernel; the domains take turns.")
  var runs = 5

  @Option(help: "Where the JSON goes; default: results/interpreter-<date>.json.")
  var output: String?

  func run() throws {
    var rows: [Row] = []
    for subject in Subject.all {
      let throughput = try subject.throughput()
      var figures: [InterpreterThroughput.Domain: [InterpreterThroughput.Figures]] = [:]
      for _ in 0..<runs {
        for domain in subject.domains {
          figures[domain, default: []].append(
            try throughput.measure(domain, sizes: subject.sizes))
        }
      }
      for domain in subject.domains {
        let row = Row(subject.name, domain, figures[domain] ?? [])
        print(row.text)
        rows.append(row)
      }
    }
    let document = Document(date: Date.now.formatted(.iso8601), runs: runs, rows: rows)
    try ResultFile.write(
      document, to: output ?? "results/interpreter-\(document.date.prefix(10)).json")
  }
}

struct Document: Codable {
  var date: String
  var runs: Int
  var rows: [Row]
}

/// One kernel in one domain: the median of its runs, the least and the greatest.
struct Row: Codable {
  var kernel: String
  var domain: InterpreterThroughput.Domain
  var steps: Int
  var operations: Int
  var seconds: [Double]

  init(
    _ kernel: String, _ domain: InterpreterThroughput.Domain,
    _ figures: [InterpreterThroughput.Figures]
  ) {
    self.kernel = kernel
    self.domain = domain
    steps = figures.first?.steps ?? 0
    operations = figures.first?.operations ?? 0
    let sorted = figures.map(\.seconds).sorted()
    seconds = sorted.isEmpty ? [] : [sorted[sorted.count / 2], sorted[0], sorted[sorted.count - 1]]
  }

  var text: String {
    guard seconds.count == 3, seconds[0] > 0 else { return "\(kernel): nothing measured" }
    let what = operations > 0 ? operations : steps
    let rate = Double(what) / seconds[0] / 1e6
    let name = "\(kernel), \(domain.rawValue)".padding(toLength: 24, withPad: " ", startingAt: 0)
    return name
      + String(
        format: "%6.3f s [%.3f, %.3f]  %5.1f M steps  %5.1f M operations  %6.1f M/s",
        seconds[0], seconds[1], seconds[2], Double(steps) / 1e6, Double(operations) / 1e6, rate)
  }
}
