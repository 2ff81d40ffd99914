import Diagnostics
import ExperimentRecords
import Foundation
import OptimizationAgent
import Synchronization

/// Brings a campaign to its end within two seconds of a request to stop, whatever it is doing.
///
/// While sources are read there is nothing to put away, and the process ends at once. A campaign is asked
/// first: its task is cancelled, which ends compilers and candidates, and it closes its record by itself. One
/// that is in a long computation of its own, as the judge's interpreter is, is left after `patience`: its
/// record is closed from here, and the process exits, which takes what it started along.
final class Halt: Sendable {
  /// From the request to leaving the campaign.
  static let patience = 1.0
  /// From the request to the end of the process, should even the log take long.
  static let limit = 1.8

  private struct Work {
    var cancel: @Sendable () -> Void
    var abandon: @Sendable () -> Void
  }

  /// Where requests come from.
  let stop: StopSignal
  private let work = Mutex<Work?>(nil)
  private let queue = DispatchQueue(label: "ratchet.halt")

  /// Watches for requests to stop from here on.
  init(_ stop: StopSignal) {
    self.stop = stop
    stop.onRequest { [self] in respond() }
    stop.watch()
  }

  /// Says what a request ends from here on.
  ///
  /// - Parameters:
  ///   - cancel: Asks what is under way to end.
  ///   - abandon: Closes its record in its place; the process exits afterwards.
  func begin(cancel: @escaping @Sendable () -> Void, abandon: @escaping @Sendable () -> Void) {
    work.withLock { $0 = Work(cancel: cancel, abandon: abandon) }
  }

  /// Ends watching: what is left to do cannot be stopped, and is short.
  func release() {
    stop.release()
    work.withLock { $0 = nil }
  }

  private func respond() {
    guard let work = work.withLock({ $0 }) else {
      complain("stopped by \(printable(stop.reason ?? "a person"))")
      _exit(Ending.stopped.rawValue)
    }
    work.cancel()
    queue.asyncAfter(deadline: .now() + Self.patience) { work.abandon() }
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) {
      _exit(Ending.stopped.rawValue)
    }
  }
}
