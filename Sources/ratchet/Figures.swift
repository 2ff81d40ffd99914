import ExperimentRecords
import Foundation

/// How numbers are written where no report of `Reporting` does it.
enum Figures {
  /// `1.83× [1.79, 1.86]`
  static func interval(_ interval: ConfidenceInterval) -> String {
    String(format: "%.2f× [%.2f, %.2f]", interval.median, interval.low, interval.high)
  }

  /// `31.2 s`
  static func seconds(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }

  /// `1.5 %`
  static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  /// `n=512, m=3`
  static func sizes(_ sizes: [String: Int]) -> String {
    sizes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }
}
