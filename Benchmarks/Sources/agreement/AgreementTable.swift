import Campaigns
import Foundation

/// What two runs of one campaign found, kernel by kernel.
struct AgreementTable: Encodable {
  typealias Interval = Campaign.Report.Interval

  /// One kernel; a run without a winner has no speedup.
  struct Row: Encodable {
    var kernel: String
    var speedups: [Interval?]
    var recipes: [String?]
    /// Whether the runs agree: both won, none did, or the only winner's interval holds 1.
    var agrees: Bool
    /// Of the larger to the smaller median, where both won.
    var ratio: Double?

    init(_ first: Campaign.Report.Kernel, _ second: Campaign.Report.Kernel) {
      kernel = "\(first.file):\(first.function)"
      let both = [first, second]
      speedups = both.map { $0.outcome == "improved" ? $0.speedup : nil }
      recipes = both.map { $0.outcome == "improved" ? $0.recipe : nil }
      let won = speedups.compactMap { $0 }
      agrees = won.count != 1 || won[0].low <= 1
      ratio =
        won.count == 2
        ? max(won[0].median, won[1].median) / min(won[0].median, won[1].median) : nil
    }
  }

  var schema = "ratchet.agreement/1"
  var date: String
  var path: String
  var budget: String
  var seed: Int
  var machine: Machine
  var compiler: Compiler
  var rows: [Row]
  /// Kernels in all, won in both runs, won in one only, and of these the ones that do not agree.
  var kernels: Int
  var wonTwice: Int
  var wonOnce: Int
  var disagreements: Int
  /// Over the kernels that won twice: median and largest ratio of the two medians.
  var medianRatio: Double?
  var largestRatio: Double?

  init(_ campaign: Campaign, first: Campaign.Report, second: Campaign.Report, date: String) {
    self.date = date
    (path, budget, seed) = (campaign.path, campaign.budget, campaign.seed)
    (machine, compiler) = (first.machine, first.compiler)
    rows = first.kernels.compactMap { kernel in
      second.kernels.first { $0.file == kernel.file && $0.function == kernel.function }
        .map { Row(kernel, $0) }
    }
    kernels = rows.count
    wonTwice = rows.count { $0.ratio != nil }
    wonOnce = rows.count { $0.speedups.compactMap { $0 }.count == 1 }
    disagreements = rows.count { !$0.agrees }
    let ratios = rows.compactMap(\.ratio).sorted()
    medianRatio = ratios.isEmpty ? nil : ratios[ratios.count / 2]
    largestRatio = ratios.last
  }

  var lines: [String] {
    rows.map { row in
      let runs = row.speedups.map { interval in
        interval.map { String(format: "%.2f [%.2f, %.2f]", $0.median, $0.low, $0.high) }
          ?? "no gain"
      }
      return "\(row.agrees ? "  " : "! ")\(row.kernel): \(runs.joined(separator: " and "))"
    } + [
      "\(kernels) kernels: \(wonTwice) won in both runs, \(wonOnce) in one, of which "
        + "\(disagreements) with an interval above 1"
    ]
  }
}
