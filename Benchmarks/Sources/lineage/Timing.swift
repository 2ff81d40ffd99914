import Foundation

/// Seconds of repeated runs.
struct Timing: Codable {
  var median: Double
  var least: Double
  var greatest: Double
  var runs: Int

  init(_ seconds: [Double]) {
    let sorted = seconds.sorted()
    median = sorted[sorted.count / 2]
    (least, greatest, runs) = (sorted[0], sorted[sorted.count - 1], sorted.count)
  }

  /// `12.3 ms [11.9, 14.0]`
  var text: String {
    String(format: "%.1f ms [%.1f, %.1f]", median * 1e3, least * 1e3, greatest * 1e3)
  }
}

/// The seconds that `work` takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try work()
  let elapsed = start.duration(to: .now).components
  return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
}

/// The built program, run on one lineage.
struct Tool {
  var path: String
  var state: String

  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs `lineage` with `arguments` to its end; what it prints is not kept.
  ///
  /// Foundation's `Process` tells the end of one some fifty milliseconds late, as long as a question takes.
  func run(_ arguments: [String]) throws {
    let words = [path, "lineage"] + arguments + ["--state", state]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var list = words.map { strdup($0) } + [nil]
    defer { for word in list { free(word) } }
    var pid: pid_t = 0
    var status: Int32 = 0
    guard posix_spawn(&pid, path, &actions, nil, &list, environ) == 0,
      waitpid(pid, &status, 0) == pid, status == 0
    else { throw Failed(description: "'\(words.joined(separator: " "))' failed") }
  }

  /// How long `runs` runs take, the first being thrown away.
  func timing(_ arguments: [String], runs: Int) throws -> Timing {
    try run(arguments)
    return Timing(try (0..<runs).map { _ in try seconds { try run(arguments) } })
  }
}

/// The most memory that a child has had, in bytes.
func greatestMemoryOfChildren() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
  return usage.ru_maxrss * 1024
}

/// The processor's name, as the system tells it.
func processorName() -> String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
  return line.flatMap { $0.split(separator: ":").last }.map {
    $0.trimmingCharacters(in: .whitespaces)
  } ?? "unknown"
}
