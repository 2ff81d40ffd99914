public import ExperimentRecords
import Foundation

/// Keeps the peaks of this machine between campaigns, one file for each fingerprint.
///
/// They are a machine's and no project's, so they stand beside other caches of the user and not in
/// a state directory: `$XDG_CACHE_HOME/ratchet`, else `~/.cache/ratchet`. A file that is missing,
/// cannot be read, or has another fingerprint inside is measured again; every campaign's own record
/// holds the peaks that it went by.
public struct PeakStore: Sendable {
  private let directory: String

  /// Keeps files in `directory`, the user's cache when `nil`.
  public init(directory: String? = nil) {
    self.directory = directory ?? Self.userCache
  }

  /// The peaks of `machine`, measured by `probe` when they are not known.
  ///
  /// - Parameter isFresh: Measures in any case and keeps the higher figures.
  public func peaks(
    of machine: Machine, compiler: Compiler, probe: PeakProbe, isFresh: Bool = false
  ) async throws(CompileError) -> MachinePeaks {
    let fingerprint = PeakProbe.fingerprint(of: machine, compiler)
    let known = read(fingerprint)
    if let known, !isFresh { return known }
    let measured = try await probe.measure(machine)
    let peaks = known.map { $0.raised(by: measured) } ?? measured
    keep(peaks)
    return peaks
  }

  /// Where the peaks with this fingerprint are kept.
  public func path(_ fingerprint: String) -> String {
    "\(directory)/machine-\(fingerprint).json"
  }

  func read(_ fingerprint: String) -> MachinePeaks? {
    guard let data = FileManager.default.contents(atPath: path(fingerprint)) else { return nil }
    do {
      let peaks = try JSONDecoder().decode(MachinePeaks.self, from: data)
      return peaks.fingerprint == fingerprint ? peaks : nil
    } catch {
      return nil  // a damaged cache is measured anew
    }
  }

  /// A cache that cannot be written costs a second in every campaign and nothing else.
  func keep(_ peaks: MachinePeaks) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      try encoder.encode(peaks).write(
        to: URL(fileURLWithPath: path(peaks.fingerprint)), options: .atomic)
    } catch { return }
  }

  private static var userCache: String {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/ratchet" }
    return NSHomeDirectory() + "/.cache/ratchet"
  }
}
