import Foundation

/// A run on the terminal that `script` makes, so that progress is told while it lasts.
final class TerminalRun {
  /// Whether there is a `script` here.
  static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

  private let script: Process
  private let folder: URL
  private var output: URL { folder.appendingPathComponent("out") }
  /// The program itself, `script` being its parent.
  private(set) var pid: pid_t = 0

  struct NotStarted: Error {}

  /// Starts `words` in `directory` and waits until the program runs.
  init(_ words: [String], in directory: URL) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ratchet-terminal-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appendingPathComponent("out"))
    script = Process()
    script.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    let command = "exec " + words.map { "'\($0)'" }.joined(separator: " ")
    script.arguments = ["-qfec", command, "/dev/null"]
    script.currentDirectoryURL = directory
    script.standardInput = FileHandle.nullDevice
    script.standardOutput = try FileHandle(forWritingTo: output)
    script.standardError = FileHandle.nullDevice
    try script.run()
    pid = try Self.child(of: script.processIdentifier, running: words[0])
  }

  deinit {
    if script.isRunning { script.terminate() }
    try? FileManager.default.removeItem(at: folder)
  }

  var isRunning: Bool { script.isRunning }

  /// What it has written so far.
  var text: String {
    (try? Data(contentsOf: output)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Waits until `condition` holds; false when the program ends before.
  func wait(until condition: () -> Bool) -> Bool {
    while isRunning {
      if condition() { return true }
      usleep(1000)
    }
    return false
  }

  /// Waits for the end; the exit status, and 128 and the signal's number for one that a signal ended.
  func finish() -> Int32 {
    script.waitUntilExit()
    return script.terminationStatus
  }

  /// Processes that it started and that are still there: those of its session.
  var survivors: [pid_t] {
    Self.processes().filter { $0.session == pid && $0.state != "Z" }.map(\.pid)
  }

  private static func child(of parent: pid_t, running program: String) throws -> pid_t {
    let end = Date().addingTimeInterval(5)
    while Date() < end {
      let child = processes().first { $0.parent == parent }
      if let child,
        (try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(child.pid)/exe")) == program
      {
        return child.pid
      }
      usleep(500)
    }
    throw NotStarted()
  }

  private struct Entry {
    var pid: pid_t
    var state: String
    var parent: pid_t
    var session: pid_t
  }

  /// All processes, by proc(5).
  private static func processes() -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { name in
      guard let pid = pid_t(name),
        let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat")
      else { return nil }
      // The program's name, in parentheses, may hold anything.
      let text = String(decoding: data, as: UTF8.self)
      let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
      guard fields.count > 3, let parent = pid_t(fields[1]), let session = pid_t(fields[3]) else {
        return nil
      }
      return Entry(pid: pid, state: String(fields[0]), parent: parent, session: session)
    }
  }
}
