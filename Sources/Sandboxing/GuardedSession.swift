import Foundation
import Synchronization

/// A foreign program under limits that answers one question after another on its descriptor 3.
///
/// A message is its length in eight bytes, the lowest first, and so many bytes. The program is
/// killed when an answer does not come in time, when the whole session has lasted too long, when the
/// last owner lets go of it, and when this process dies; a session that has been killed answers no more.
public final class GuardedSession: Sendable {
  private let group: ProcessGroup
  private let stream: Mutex<Int32>
  private static let longestAnswer = 64 << 20

  /// Starts `program`.
  ///
  /// - Parameters:
  ///   - wall: for the whole session.
  ///   - memory: bytes that it may map.
  public init(
    _ program: String, _ arguments: [String] = [], with runner: Runner,
    environment: [String: String] = GuardedCommand.plainEnvironment,
    wall: Duration, memory: Int
  ) throws(RunnerError) {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Self.streamKind, 0, &ends) == 0 else {
      throw .cannotStart(errno: errno)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    let milliseconds = String(max(1, Int(wall.seconds * 1000)))
    let mebibytes = String(max(1, memory >> 20))
    do throws(RunnerError) {
      group = try ProcessGroup.start(
        [runner.path, "guard", milliseconds, mebibytes, "/", program] + arguments,
        environment: environment,
        descriptors: [(1, STDERR_FILENO), (2, STDERR_FILENO), (3, ends[1])])
    } catch {
      close(ends[0])
      throw error
    }
    stream = Mutex(ends[0])
    let group = group
    // Somebody has to wait for it, so that nothing of it stays behind.
    Task.detached { _ = await group.wait() }
  }

  deinit { end() }

  /// Kills the program.
  public func end() {
    stream.withLock { stream in
      if stream >= 0 { close(stream) }
      stream = -1
    }
    group.kill()
  }

  /// The answer to a message; blocks the calling thread for at most `wall`, then kills the program.
  ///
  /// - Throws: `RunnerError.timedOut`; `RunnerError.failed` when the program has ended.
  public func ask(_ message: [UInt8], wall: Duration) throws(RunnerError) -> [UInt8] {
    let deadline = ContinuousClock.now + wall
    let descriptor = stream.withLock { $0 }
    do throws(RunnerError) {
      guard descriptor >= 0 else { throw .failed(status: 0) }
      let count = UInt64(message.count)
      let head = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
      try Self.send(head + message, to: descriptor, until: deadline)
      let length = try Self.receive(8, from: descriptor, until: deadline)
        .reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard length <= Self.longestAnswer else { throw .failed(status: 0) }
      return try Self.receive(Int(length), from: descriptor, until: deadline)
    } catch {
      end()
      throw error
    }
  }

  private static func send(
    _ bytes: [UInt8], to stream: Int32, until deadline: ContinuousClock.Instant
  ) throws(RunnerError) {
    var done = 0
    while done < bytes.count {
      try wait(stream, POLLOUT, until: deadline)
      let length = bytes.withUnsafeBytes {
        Foundation.send(stream, $0.baseAddress! + done, bytes.count - done, withoutWaiting)
      }
      if length < 0, errno == EINTR || errno == EAGAIN { continue }
      guard length > 0 else { throw .failed(status: 0) }
      done += length
    }
  }

  private static func receive(
    _ count: Int, from stream: Int32, until deadline: ContinuousClock.Instant
  ) throws(RunnerError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      try wait(stream, POLLIN, until: deadline)
      let length = bytes.withUnsafeMutableBytes {
        recv(stream, $0.baseAddress! + done, count - done, withoutWaiting)
      }
      if length < 0, errno == EINTR || errno == EAGAIN { continue }
      guard length > 0 else { throw .failed(status: 0) }
      done += length
    }
    return bytes
  }

  private static func wait(
    _ stream: Int32, _ event: Int32, until deadline: ContinuousClock.Instant
  ) throws(RunnerError) {
    while true {
      let left = ContinuousClock.now.duration(to: deadline).seconds
      guard left > 0 else { throw .timedOut }
      var watched = pollfd(fd: stream, events: Int16(event), revents: 0)
      let ready = poll(&watched, 1, Int32(min(left * 1000 + 1, 60_000)))
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .cannotStart(errno: errno) }
    }
  }

  // A peer that has ended is an error of the call, no signal.
  #if canImport(Glibc)
    private static let withoutWaiting = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    private static let streamKind = Int32(SOCK_STREAM.rawValue)
  #else
    private static let withoutWaiting = MSG_DONTWAIT
    private static let streamKind = SOCK_STREAM
  #endif
}
