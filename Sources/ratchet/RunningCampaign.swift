import Foundation
import OptimizationAgent
import Synchronization

/// The campaign that this process runs, for whoever has to end it in its place.
final class RunningCampaign: Sendable {
  private enum State {
    case notBegun
    case running(Campaign)
    case ended
  }

  private let state = Mutex(State.notBegun)
  private let report: @Sendable (Campaign.Summary) throws -> Void

  /// - Parameter report: Prints what a campaign leaves that is ended in its place.
  init(report: @escaping @Sendable (Campaign.Summary) throws -> Void) { self.report = report }

  /// Says which one it is, once it holds the lock of its lineage.
  func begin(_ campaign: Campaign) {
    state.withLock { $0 = .running(campaign) }
  }

  /// Lets go of it, and so of the lock.
  func end() {
    state.withLock { $0 = .ended }
  }

  /// Closes the record of a campaign that does not end by itself, prints its report and ends the process.
  /// Does nothing while it ends by itself.
  func abandon() {
    switch state.withLock({ $0 }) {
    case .ended: return
    case .notBegun: _exit(Ending.stopped.rawValue)
    case .running(let campaign):
      do {
        guard let summary = try campaign.abandon() else { return }
        try report(summary)
      } catch {
        complain(.error("\(error)"))
      }
      _exit(Ending.stopped.rawValue)
    }
  }
}
