import Dispatch
import Foundation
import OptimizationAgent
import Synchronization

/// Work that a stop need not wait for.
enum Interruptible {
  /// What `work` gives; `nil` as soon as a stop is requested before that.
  ///
  /// The work itself goes on until the process ends, which then has to be soon; what it started ends with the
  /// process. Where the process has not ended after a second and a half, it is ended.
  static func value<Value: Sendable>(
    until stop: StopSignal, _ work: @escaping @Sendable () async -> Value
  ) async -> Value? {
    await withCheckedContinuation { continuation in
      let first = First(continuation)
      stop.onRequest {
        DispatchQueue.global().asyncAfter(deadline: .now() + 1.5) {
          exit(Ending.stopped.rawValue)
        }
        first.resume(returning: nil)
      }
      Task { first.resume(returning: await work()) }
    }
  }

  /// Takes the first of two answers.
  private final class First<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value?, Never>?>

    init(_ continuation: CheckedContinuation<Value?, Never>) {
      self.continuation = Mutex(continuation)
    }

    func resume(returning value: Value?) {
      let waiting = continuation.withLock { continuation in
        defer { continuation = nil }
        return continuation
      }
      waiting?.resume(returning: value)
    }
  }
}
