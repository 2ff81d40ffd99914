import Foundation

/// Starts `ratchet-runner`, one process group per job.
public struct Runner: Hashable, Sendable {
  /// The path of the executable.
  public let path: String

  /// Uses the executable at `path`.
  public init(path: String) { self.path = path }

  /// What the runner is started with; tests alone give it anything.
  var environment: [String: String] = [:]

  /// Uses the executable that `RunnerLocation` finds.
  public init() throws(RunnerError) { path = try RunnerLocation.find() }

  /// Hands over one job and returns the runner's answer. The formats are the runner's own, described
  /// at the heads of `job.c` and `result.c`.
  ///
  /// The runner keeps to `wall` itself. Cancelling the task ends the job with all its processes.
  public func run(job: [UInt8], wall: Duration) async throws(RunnerError) -> [UInt8] {
    let input = try AnonymousFile()
    let output = try AnonymousFile()
    try input.write(job)
    let group = try ProcessGroup.start(
      [path, "run"], environment: environment,
      descriptors: [(3, input.descriptor), (1, output.descriptor), (2, STDERR_FILENO)])
    let ending = await group.waiting(atMost: wall + .seconds(5))
    if Task.isCancelled { throw .cancelled }
    switch ending.status {
    case 0: return try output.contents()
    case 3, -SIGKILL: throw .timedOut
    default: throw .failed(status: ending.status)
    }
  }

  /// What of the sandbox this machine allows, as the runner tells it.
  public func doctor() async throws(RunnerError) -> SandboxReport {
    let output = try AnonymousFile()
    let group = try ProcessGroup.start(
      [path, "doctor"], environment: [:],
      descriptors: [(1, output.descriptor), (2, STDERR_FILENO)])
    let ending = await group.waiting(atMost: .seconds(10))
    guard ending.status == 0 else { throw .failed(status: ending.status) }
    return try SandboxReport(json: try output.contents())
  }
}

extension ProcessGroup {
  /// Waits; ends the group when the time is over or the task is cancelled.
  func waiting(atMost limit: Duration) async -> Ending {
    let alarm = Task {
      try await Task.sleep(for: limit)
      self.kill()
    }
    defer { alarm.cancel() }
    return await withTaskCancellationHandler {
      await self.wait()
    } onCancel: {
      self.end()
    }
  }
}
