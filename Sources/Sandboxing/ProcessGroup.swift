import Foundation
import Synchronization

/// A process in a group of its own that is told to end by closing its descriptor 0.
///
/// Whoever holds a `ProcessGroup` may wait once and ask it to end from anywhere, at any time.
final class ProcessGroup: Sendable {
  /// How a process ended.
  struct Ending: Hashable, Sendable {
    /// The exit status, or the negated number of the signal that ended it.
    var status: Int32
    /// Processor time of the process and of all that it waited for.
    var cpuSeconds: Double
  }

  private struct State {
    var process: pid_t
    var lifeline: Int32
    var isReaped = false
  }
  private let state: Mutex<State>

  private init(process: pid_t, lifeline: Int32) {
    state = Mutex(State(process: process, lifeline: lifeline))
  }

  /// Starts `words[0]`. `descriptors` maps numbers in the child to ones of this process.
  static func start(
    _ words: [String], environment: [String: String],
    descriptors: [(child: Int32, own: Int32)]
  ) throws(RunnerError) -> ProcessGroup {
    var lifeline: [Int32] = [0, 0]
    guard pipe(&lifeline) == 0 else { throw .cannotStart(errno: errno) }
    for end in lifeline { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(lifeline[0]) }
    var process: pid_t = 0
    let code = spawn(
      &process, words, environment, [(0, lifeline[0])] + descriptors)
    guard code == 0 else {
      close(lifeline[1])
      throw .cannotStart(errno: code)
    }
    return ProcessGroup(process: process, lifeline: lifeline[1])
  }

  /// Asks the process to end with all that it started; one that does not listen is killed two
  /// seconds later.
  func end() {
    state.withLock { state in
      guard state.lifeline >= 0 else { return }
      close(state.lifeline)
      state.lifeline = -1
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + 2) { self.kill() }
  }

  /// Kills the group, unless the process has been waited for.
  func kill() {
    state.withLock { state in
      if !state.isReaped { _ = Foundation.kill(-state.process, SIGKILL) }
    }
  }

  /// Waits on another thread until the process has ended.
  func wait() async -> Ending {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: self.waitHere()) }
    }
  }

  private func waitHere() -> Ending {
    let process = state.withLock { $0.process }
    var information = siginfo_t()
    // Waits without reaping, so that the number cannot be reused before `kill` is told.
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    return state.withLock { state in
      var status: Int32 = 0
      var usage = rusage()
      while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
      state.isReaped = true
      if state.lifeline >= 0 { close(state.lifeline) }
      state.lifeline = -1
      let signal = status & 0x7f
      return Ending(
        status: signal == 0 ? (status >> 8) & 0xff : -signal,
        cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }
  }
}

private func seconds(_ time: timeval) -> Double {
  Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
}

/// `posix_spawn` in a new process group; returns its error code.
private func spawn(
  _ process: inout pid_t, _ words: [String], _ environment: [String: String],
  _ descriptors: [(child: Int32, own: Int32)]
) -> Int32 {
  var actions = posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  posix_spawnattr_setpgroup(&attributes, 0)
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigfillset(&signals)
  posix_spawnattr_setsigdefault(&attributes, &signals)
  // Own descriptors may have a number that a child's is to have: all are moved out of the way of
  // the low numbers first. `dup2` onto another number also clears close-on-exec.
  var moved: [Int32] = []
  defer { for descriptor in moved { close(descriptor) } }
  for (_, own) in descriptors {
    let copy = fcntl(own, F_DUPFD_CLOEXEC, 64)
    guard copy >= 0 else { return errno }
    moved.append(copy)
  }
  for (index, pair) in descriptors.enumerated() {
    posix_spawn_file_actions_adddup2(&actions, moved[index], pair.child)
  }
  let arguments = words.map { strdup($0) } + [nil]
  let variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
  defer { for pointer in arguments + variables { free(pointer) } }
  return posix_spawn(
    &process, words[0], &actions, &attributes, arguments, variables + [nil])
}
