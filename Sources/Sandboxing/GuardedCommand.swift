import Foundation

/// A foreign program, a compiler say, under limits: it ends with everything that it started, at its
/// wall limit, on cancellation, or when this process dies. It gains no privilege, leaves no core file and
/// writes at most 256 MiB into a file, its outputs being files.
public struct GuardedCommand: Hashable, Sendable {
  /// How a program ended.
  public enum Status: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
  }

  /// What a program left behind.
  public struct Result: Hashable, Sendable {
    public var status: Status
    /// What it wrote to its two outputs, as far as the limit goes.
    public var output: [UInt8]
    public var errors: [UInt8]
    /// Processor time of the program and its children.
    public var cpuSeconds: Double
  }

  /// The absolute path of the program.
  public var program: String
  /// The words after its name; they pass through no shell.
  public var arguments: [String]
  /// The working directory; this process's when `nil`.
  public var directory: String?
  /// The whole environment.
  public var environment: [String: String]
  /// When it is killed.
  public var wall: Duration
  /// Most bytes kept of each output.
  public var outputLimit: Int
  /// Bytes that each process may map, and that all together may use where control groups are to be
  /// had; `nil` for no limit.
  public var memory: Int?

  /// Creates a command; nothing is started.
  public init(
    _ program: String, _ arguments: [String], directory: String? = nil,
    environment: [String: String] = GuardedCommand.plainEnvironment,
    wall: Duration = .seconds(30), outputLimit: Int = 1 << 20, memory: Int? = 8 << 30
  ) {
    self.program = program
    self.arguments = arguments
    self.directory = directory
    self.environment = environment
    self.wall = wall
    self.outputLimit = outputLimit
    self.memory = memory
  }

  /// What compilers need of the environment, with messages in English.
  public static let plainEnvironment: [String: String] = {
    let all = ProcessInfo.processInfo.environment
    let kept = ["PATH", "HOME", "TMPDIR", "C_INCLUDE_PATH", "CPATH", "LIBRARY_PATH", "SDKROOT"]
    var environment = all.filter { kept.contains($0.key) }
    environment["LC_ALL"] = "C"
    return environment
  }()

  /// Runs the program to its end. Cancelling the task ends it.
  public func run(with runner: Runner) async throws(RunnerError) -> Result {
    let output = try AnonymousFile()
    let errors = try AnonymousFile()
    let milliseconds = max(1, Int(wall.seconds * 1000))
    let mebibytes = memory.map { max(1, $0 >> 20) } ?? 0
    let limits = [String(milliseconds), String(mebibytes)]
    let group = try ProcessGroup.start(
      [runner.path, "guard"] + limits + [directory ?? ".", program] + arguments,
      environment: environment,
      descriptors: [(1, output.descriptor), (2, errors.descriptor)])
    let ending = await group.waiting(atMost: wall + .seconds(5))
    if Task.isCancelled { throw .cancelled }
    let status: Status =
      switch ending.status {
      case -SIGALRM, -SIGKILL: .timedOut
      case ..<0: .signalled(-ending.status)
      default: .exited(ending.status)
      }
    return Result(
      status: status, output: try output.contents(most: outputLimit),
      errors: try errors.contents(most: outputLimit), cpuSeconds: ending.cpuSeconds)
  }
}
