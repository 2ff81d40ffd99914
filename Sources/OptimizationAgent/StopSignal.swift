import Dispatch
import Foundation
import Synchronization

/// A person's or the system's wish that the campaign ends, from wherever it comes.
///
/// Sources: SIGINT, SIGTERM, a file `STOP` in the state directory (which `ratchet stop` writes).
public final class StopSignal: @unchecked Sendable {
  // `sources` is touched by `watch` and `release` alone, under its lock.
  private struct State {
    var reason: String?
    var actions: [@Sendable () -> Void] = []
  }
  private let state = Mutex(State())
  private let stopFile: String?
  private let sourcesLock = NSLock()
  private var sources: [any DispatchSourceProtocol] = []

  /// Watches for the file `STOP` in the state directory; for signals alone when there is none to watch.
  public init(stateDirectory: String?) {
    stopFile = stateDirectory.map { $0 + "/STOP" }
  }

  /// Why the campaign should stop; nil while it should not.
  public var reason: String? {
    if let stopFile, Self.isThere(stopFile) { request("the file \(stopFile)") }
    return state.withLock { $0.reason }
  }

  /// Whether something has this name: a directory or a link that leads nowhere stops as well as a file.
  public static func isThere(_ stopFile: String) -> Bool {
    var about = stat()
    return lstat(stopFile, &about) == 0
  }

  /// Asks for a stop; only the first reason is kept. Actions run once.
  public func request(_ reason: String) {
    let actions = state.withLock { state -> [@Sendable () -> Void] in
      guard state.reason == nil else { return [] }
      state.reason = reason
      return state.actions
    }
    for action in actions { action() }
  }

  /// Runs the action when a stop is requested; at once when it has been.
  public func onRequest(_ action: @escaping @Sendable () -> Void) {
    let isRequested = state.withLock { state -> Bool in
      if state.reason == nil { state.actions.append(action) }
      return state.reason != nil
    }
    if isRequested { action() }
  }

  /// Turns SIGINT and SIGTERM into requests, and looks for the stop file ten times a second, until
  /// `release()`.
  public func watch() {
    let queue = DispatchQueue(label: "ratchet.stop")
    var watched: [any DispatchSourceProtocol] = []
    for (number, name) in [(SIGINT, "Ctrl-C"), (SIGTERM, "SIGTERM")] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in self?.request(name) }
      source.resume()
      watched.append(source)
    }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + .milliseconds(100), repeating: .milliseconds(100))
    timer.setEventHandler { [weak self] in _ = self?.reason }
    timer.resume()
    watched.append(timer)
    sourcesLock.withLock { sources = watched }
  }

  /// Ends watching and restores the default handling of the signals.
  public func release() {
    sourcesLock.withLock {
      for source in sources { source.cancel() }
      sources = []
    }
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }
}
