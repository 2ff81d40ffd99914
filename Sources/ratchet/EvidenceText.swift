import ExperimentRecords
import Foundation

/// Pieces of evidence in words.
enum EvidenceText {
  /// `L2 differential passed: 812 inputs, seed 7, branches 100.0 %: detail`
  static func line(_ evidence: Evidence) -> String {
    var facts: [String] = []
    if let inputs = evidence.inputs { facts.append("\(inputs) inputs") }
    if let seed = evidence.seed { facts.append("seed \(seed)") }
    if let coverage = evidence.branchCoverage {
      facts.append("branches \(Figures.percent(coverage))")
    }
    if !evidence.compilers.isEmpty { facts.append("built by \(evidence.compilers.count) commands") }
    let head = "\(evidence.level.rawValue) \(evidence.method) \(evidence.result.rawValue)"
    let parts = [facts.joined(separator: ", "), evidence.detail].filter { !$0.isEmpty }
    return ([head] + parts).joined(separator: ": ")
  }

  /// The evidence from the weakest to the strongest: what did not pass first, then what rests on
  /// the fewest inputs or leaves branches out.
  static func weakestFirst(_ evidence: [Evidence]) -> [Evidence] {
    evidence.enumerated().sorted { a, b in
      let (left, right) = (weakness(a.element), weakness(b.element))
      return left == right ? a.offset < b.offset : left.lexicographicallyPrecedes(right)
    }.map(\.element)
  }

  /// Smaller for weaker.
  private static func weakness(_ evidence: Evidence) -> [Double] {
    let result: Double =
      switch evidence.result {
      case .failed: 0
      case .inconclusive: 1
      case .passed: 2
      }
    return [
      result, evidence.branchCoverage ?? 1, evidence.assumptions.isEmpty ? 1 : 0,
      Double(evidence.inputs ?? .max),
    ]
  }
}
