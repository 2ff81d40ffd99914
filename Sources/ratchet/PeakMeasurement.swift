import CandidateExecution
import Diagnostics
import ExperimentRecords
import Foundation
import Sandboxing

/// The section of `doctor` on what one core does at most.
struct PeakMeasurement: Encodable {
  var peaks: MachinePeaks?
  /// Where the figures are kept for this machine.
  var path: String?
  /// Why there are none.
  var problem: String?

  /// The kept figures, or, with `measures`, new ones where none are kept.
  static func make(
    _ machine: Machine, compiler: Compiler, runner: Runner, measures: Bool
  ) async -> PeakMeasurement {
    let store = PeakStore()
    let path = store.path(PeakProbe.fingerprint(of: machine, compiler))
    guard measures || FileManager.default.fileExists(atPath: path) else {
      return PeakMeasurement(problem: "not measured")
    }
    do throws(CompileError) {
      let peaks = try await store.peaks(
        of: machine, compiler: compiler, probe: PeakProbe(runner: runner, compiler: compiler))
      return PeakMeasurement(peaks: peaks, path: path)
    } catch {
      return PeakMeasurement(problem: error.description)
    }
  }

  /// The section for people.
  func text(in style: TerminalStyle) -> String {
    var text = "\n" + style.bold("limits of one core") + "\n"
    guard let peaks else { return text + "  \(printable(problem ?? "not measured"))\n" }
    for (name, rate) in [("double", peaks.double), ("float", peaks.single)] {
      text += "  \(padded(name, to: 8)) \(giga(rate.fused)) GFLOP/s fused, "
      text += "\(giga(rate.apart)) without fusing\n"
    }
    for level in peaks.levels {
      text += "  \(padded(level.name, to: 8)) \(giga(level.readBytesPerSecond)) GB/s read, "
      text += "\(giga(level.triadBytesPerSecond)) triad\n"
    }
    text += "  measured \(peaks.time) with \(printable(peaks.compiler)), kept in "
    return text + "\(printable(path ?? "no file"))\n"
  }

  private func giga(_ value: Double) -> String { String(format: "%6.1f", value / 1e9) }
}
