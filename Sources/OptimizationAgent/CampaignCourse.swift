import Synchronization

/// How far a campaign has come, for whoever may have to end its record in its place.
final class CampaignCourse: Sendable {
  private enum State {
    case notBegun
    case running(name: String)
    case ended
  }

  private let state = Mutex(State.notBegun)

  /// Says that the campaign `name` has its first entry.
  func begin(_ name: String) {
    state.withLock { $0 = .running(name: name) }
  }

  /// The name of the running campaign, for the one caller that may write its end; `nil` when it has not
  /// begun, or another writes or has written its end.
  func takeEnd() -> String? {
    state.withLock { state in
      guard case .running(let name) = state else { return nil }
      state = .ended
      return name
    }
  }
}
