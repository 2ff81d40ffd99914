import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Writers in processes of their own that are killed at any moment.
///
/// `make durability` runs sixteen of them for a thousand entries each.
@Suite struct KilledWritersTests {
  private let writers: Int
  private let entries: Int
  private let kills: Int

  init() {
    let isWhole = ProcessInfo.processInfo.environment["RATCHET_DURABILITY"] != nil
    (writers, entries, kills) = isWhole ? (16, 1000, 200) : (4, 60, 12)
  }

  @Test func killedWritersLeaveNoGapAndNoDuplicate() throws {
    let scratch = try Scratch()
    let state = scratch.state()
    let appenders = (0..<writers).map {
      Appender(name: "writer \($0)", state: state, count: entries)
    }
    for appender in appenders { try appender.start() }
    var random = SystemRandomNumberGenerator()
    var killed = 0
    while appenders.contains(where: { !$0.hasEnded }) {
      usleep(UInt32.random(in: 500..<20_000, using: &random))
      if killed < kills, let victim = appenders.filter({ !$0.hasEnded }).randomElement() {
        victim.kill()
        killed += 1
      }
      for appender in appenders where appender.wasKilled { try appender.start() }
    }
    #expect(killed > 0)
    let lineage = try Lineage.read(state)
    #expect(lineage.entries.count == writers * entries)
    for appender in appenders {
      let numbers = lineage.entries.compactMap { stored -> Int? in
        guard case .stopRequested(let request) = stored.entry.content,
          request.by == appender.name
        else { return nil }
        return Int(request.reason)
      }
      #expect(numbers == Array(0..<entries), "\(appender.name)")
      #expect(Set(appender.acknowledged).isSubset(of: numbers), "\(appender.name)")
      #expect(appender.failures == [], "\(appender.name)")
    }
    #expect(try Lineage.verify(state).defect == nil)
  }
}

/// A process that adds entries until it has added all of them.
private final class Appender {
  let name: String
  private let state: StateDirectory
  private let count: Int
  private var process = Process()
  private var output: [FilePath] = []
  private(set) var failures: [String] = []

  init(name: String, state: StateDirectory, count: Int) {
    (self.name, self.state, self.count) = (name, state, count)
  }

  /// The numbers that were acknowledged to any of its runs.
  var acknowledged: [Int] {
    output.flatMap { file in
      (try? String(contentsOfFile: file.string, encoding: .utf8))?.split(separator: "\n")
        .compactMap { Int($0) } ?? []
    }
  }

  var hasEnded: Bool {
    guard !process.isRunning, process.terminationReason == .exit else { return false }
    if process.terminationStatus != 0 { failures.append("status \(process.terminationStatus)") }
    return true
  }

  var wasKilled: Bool { !process.isRunning && process.terminationReason == .uncaughtSignal }

  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

  func start() throws {
    let file = parent.appending("\(name) \(output.count)")
    try Data().write(to: URL(filePath: file.string))
    output.append(file)
    process = Process()
    process.executableURL = URL(filePath: lineageAppender)
    process.arguments = [state.path.string, name, "\(count)", "20"]
    process.standardOutput = FileHandle(forWritingAtPath: file.string)
    try process.run()
  }

  private var parent: FilePath { state.path.removingLastComponent() }

}

/// The helper program, beside the test bundle.
let lineageAppender: String = {
  let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
  var folder = URL(filePath: bundle).deletingLastPathComponent()
  while folder.path() != "/" {
    let candidate = folder.appending(component: "lineage-appender").path(percentEncoded: false)
    if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    folder.deleteLastPathComponent()
  }
  return "lineage-appender"
}()
