import ExperimentRecords
import Foundation

/// How numbers are written, the same in every command.
enum Figures {
  /// `1.83× [1.79, 1.86]`: the geometric mean over the workloads, bound by bound.
  static func speedup(_ measurements: [Measurement]) -> String {
    guard let mean = mean(measurements) else { return "not measured" }
    return interval(mean)
  }

  /// The geometric means of medians and bounds.
  static func mean(_ measurements: [Measurement]) -> ConfidenceInterval? {
    guard !measurements.isEmpty else { return nil }
    func mean(_ value: (ConfidenceInterval) -> Double) -> Double {
      exp(measurements.map { log(value($0.speedup)) }.reduce(0, +) / Double(measurements.count))
    }
    return ConfidenceInterval(
      median: mean(\.median), low: mean(\.low), high: mean(\.high),
      level: measurements.map(\.speedup.level).min() ?? 0.95)
  }

  /// `1.83× [1.79, 1.86]`
  static func interval(_ interval: ConfidenceInterval) -> String {
    String(format: "%.2f× [%.2f, %.2f]", interval.median, interval.low, interval.high)
  }

  /// `1.83×`
  static func ratio(_ ratio: Double) -> String { String(format: "%.2f×", ratio) }

  /// A time with the unit that suits it.
  static func time(nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1e3: String(format: "%.0f ns", nanoseconds)
    case ..<1e6: String(format: "%.2f µs", nanoseconds / 1e3)
    case ..<1e9: String(format: "%.2f ms", nanoseconds / 1e6)
    default: String(format: "%.2f s", nanoseconds / 1e9)
    }
  }

  /// `31.2 s`
  static func seconds(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }

  /// `1.5 %`
  static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  /// `n=512, m=3`
  static func sizes(_ sizes: [String: Int]) -> String {
    sizes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }

  /// `52 000`: large counts in groups of three.
  static func count(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    let digits = String(Int(value.rounded(.up)))
    var groups = ""
    for (index, digit) in digits.reversed().enumerated() {
      if index > 0, index % 3 == 0 { groups.append(" ") }
      groups.append(digit)
    }
    return String(groups.reversed())
  }
}
