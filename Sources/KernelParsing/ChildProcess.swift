#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One run of a program without a shell, with a wall limit on its whole process group.
struct ChildProcess {
  /// How a run ended.
  struct Outcome {
    var standardOutput: [UInt8] = []
    var standardError: [UInt8] = []
    /// The exit code; nil when a signal ended the program.
    var exitCode: Int32?
    var signal: Int32?
  }

  /// Why there is no outcome.
  enum Failure: Error, Equatable {
    /// The program cannot be started, with the system's reason.
    case notStarted(String)
    /// It did not end within the limit and was killed.
    case timedOut
    /// It wrote more than the limit and was killed.
    case tooMuchOutput
  }

  var path: String
  var arguments: [String]
  var directory: String?
  var input: [UInt8] = []
  var wallLimit: Double = 20
  var outputLimit = 256 << 20

  /// Runs the program to its end.
  func run() throws(Failure) -> Outcome {
    let files = try Channels()
    defer { files.closeAll() }
    let process = try spawn(files)
    files.closeChildEnds()
    do throws(Failure) {
      var outcome = try exchange(files, process)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      if status & 0x7F == 0 {
        outcome.exitCode = (status >> 8) & 0xFF
      } else {
        outcome.signal = status & 0x7F
      }
      return outcome
    } catch {
      kill(-process, SIGKILL)
      kill(process, SIGKILL)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      throw error
    }
  }

  private func spawn(_ files: Channels) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, files.input.read, 0)
    posix_spawn_file_actions_adddup2(&actions, files.output.write, 1)
    posix_spawn_file_actions_adddup2(&actions, files.errors.write, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    // `env -C` changes the directory; the system's own file action for it is hidden from Swift.
    let prefix = directory.map { ["env", "-C", $0] } ?? []
    let words = prefix + [path] + arguments
    var argv = words.map { strdup($0) } + [nil]
    defer { for pointer in argv { free(pointer) } }
    var process = pid_t()
    let code = posix_spawnp(&process, words[0], &actions, &attributes, &argv, environ)
    guard code == 0 else { throw .notStarted(String(cString: strerror(code))) }
    return process
  }

  /// Feeds the input and collects both outputs until both are closed.
  private func exchange(_ files: Channels, _ process: pid_t) throws(Failure) -> Outcome {
    var outcome = Outcome()
    var written = 0
    let deadline = Self.now() + wallLimit
    if input.isEmpty { files.closeInput() }
    var isOutputOpen = true
    var areErrorsOpen = true
    while isOutputOpen || areErrorsOpen {
      let left = deadline - Self.now()
      guard left > 0 else { throw .timedOut }
      var polls = [
        pollfd(fd: isOutputOpen ? files.output.read : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: areErrorsOpen ? files.errors.read : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: files.isInputOpen ? files.input.write : -1, events: Int16(POLLOUT), revents: 0),
      ]
      guard poll(&polls, 3, Int32(min(left * 1000 + 1, 1000))) > 0 else { continue }
      if polls[0].revents != 0 {
        isOutputOpen = Self.drain(files.output.read, into: &outcome.standardOutput)
      }
      if polls[1].revents != 0 {
        areErrorsOpen = Self.drain(files.errors.read, into: &outcome.standardError)
      }
      if polls[2].revents != 0 { feed(files, &written) }
      guard outcome.standardOutput.count + outcome.standardError.count <= outputLimit else {
        throw .tooMuchOutput
      }
    }
    return outcome
  }

  private func feed(_ files: Channels, _ written: inout Int) {
    let count = input[written...].withUnsafeBytes {
      write(files.input.write, $0.baseAddress, min($0.count, 1 << 16))
    }
    if count > 0 { written += count }
    if written == input.count || (count < 0 && errno != EAGAIN && errno != EINTR) {
      files.closeInput()
    }
  }

  /// Reads what is there; false at the end of the stream.
  private static func drain(_ descriptor: Int32, into buffer: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &chunk, chunk.count)
    if count > 0 { buffer += chunk[..<count] }
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN))
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The three pipes of a run.
private final class Channels {
  struct Pipe {
    var read: Int32
    var write: Int32
  }
  private(set) var input: Pipe
  private(set) var output: Pipe
  private(set) var errors: Pipe
  private(set) var isInputOpen = true

  init() throws(ChildProcess.Failure) {
    input = try Self.open()
    output = try Self.open()
    errors = try Self.open()
    // A program that ends early must not block or kill the writer.
    _ = fcntl(input.write, F_SETFL, O_NONBLOCK)
    signal(SIGPIPE, SIG_IGN)
  }

  private static func open() throws(ChildProcess.Failure) -> Pipe {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .notStarted(String(cString: strerror(errno))) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return Pipe(read: ends[0], write: ends[1])
  }

  func closeInput() {
    if isInputOpen { close(input.write) }
    isInputOpen = false
  }

  func closeChildEnds() {
    for end in [input.read, output.write, errors.write] { close(end) }
    input.read = -1
    output.write = -1
    errors.write = -1
  }

  func closeAll() {
    closeInput()
    for end in [input.read, output.read, output.write, errors.read, errors.write] where end >= 0 {
      close(end)
    }
  }
}
