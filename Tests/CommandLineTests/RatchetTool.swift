import Foundation

/// The built executable, run as a user runs it.
struct RatchetTool {
  /// What a run left behind.
  struct Run {
    var status: Int32
    var output: String
    var errors: String

    /// The lines of standard error.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  /// Where it runs.
  var directory: URL
  /// Variables that differ from this process's; an empty value removes one.
  var environment: [String: String] = [:]

  init(in directory: URL) { self.directory = directory }

  /// The path of the executable, beside the test bundle.
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(
      decoding: buffer[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let arguments = CommandLine.arguments.filter { $0.contains(".xctest") }
    let candidates = ([own] + arguments).flatMap { path in
      let folder = (path as NSString).deletingLastPathComponent
      return [folder, (folder as NSString).deletingLastPathComponent].map { $0 + "/ratchet" }
    }
    return candidates.first(where: FileManager.default.isExecutableFile(atPath:)) ?? "ratchet"
  }()

  /// Runs it to its end.
  func callAsFunction(_ arguments: String...) throws -> Run { try run(arguments) }

  /// Runs it to its end.
  func run(_ arguments: [String]) throws -> Run { try start(arguments).finish() }

  /// Starts it.
  func start(_ arguments: [String]) throws -> Running {
    try Running(Self.path, arguments, directory: directory, environment: environment)
  }

  /// Runs any other program where this one runs.
  func other(_ program: String, _ arguments: String...) throws -> Run {
    try Running("/usr/bin/env", [program] + arguments, directory: directory, environment: [:])
      .finish()
  }
}

/// A program that was started.
final class Running {
  private let process = Process()
  private let folder: URL

  /// The process.
  var pid: pid_t { process.processIdentifier }

  /// Whether it still runs.
  var isRunning: Bool { process.isRunning }

  init(
    _ program: String, _ arguments: [String], directory: URL, environment changes: [String: String]
  ) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ratchet-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["out", "err"] {
      try Data().write(to: folder.appendingPathComponent(name))
    }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = directory
    var environment = ProcessInfo.processInfo.environment
    for (name, value) in changes { environment[name] = value.isEmpty ? nil : value }
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    // Files take any amount of output without anybody reading.
    process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("out"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("err"))
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(pid, signal) }

  /// Waits for the end.
  func finish() throws -> RatchetTool.Run {
    process.waitUntilExit()
    let status =
      process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
    return .init(status: status, output: try read("out"), errors: try read("err"))
  }

  private func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }
}
