public import Foundation

/// Finds the executables `ratchet-runner` and `ratchet-solver`.
///
/// In this order: what the environment variable `RATCHET_RUNNER` or `RATCHET_SOLVER` names; beside the
/// running executable; in tests, beside the test bundle.
public enum RunnerLocation {
  /// The path of `ratchet-runner`.
  ///
  /// - Throws: `RunnerError.notFound` with every place that was looked at.
  public static func find(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    arguments: [String] = CommandLine.arguments
  ) throws(RunnerError) -> String {
    try find("ratchet-runner", "RATCHET_RUNNER", environment, arguments)
  }

  /// The path of `ratchet-solver`.
  ///
  /// - Throws: `RunnerError.notFound` with every place that was looked at.
  public static func findSolver(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    arguments: [String] = CommandLine.arguments
  ) throws(RunnerError) -> String {
    try find("ratchet-solver", "RATCHET_SOLVER", environment, arguments)
  }

  private static func find(
    _ name: String, _ variable: String, _ environment: [String: String], _ arguments: [String]
  ) throws(RunnerError) -> String {
    if let chosen = environment[variable] {
      guard isExecutable(chosen) else { throw .notFound([chosen]) }
      return chosen
    }
    let candidates = directories(arguments).map { "\($0)/\(name)" }
    guard let found = candidates.first(where: isExecutable) else { throw .notFound(candidates) }
    return found
  }

  private static func directories(_ arguments: [String]) -> [String] {
    var executables = arguments.filter { $0.hasSuffix(".xctest") }
    if let own = ownExecutable() { executables.insert(own, at: 0) }
    return executables.flatMap { executable in
      let bundle = (executable as NSString).deletingLastPathComponent
      // A path inside a bundle, `X.xctest/Contents/…`, is looked at from beside the bundle too.
      return [bundle, (bundle as NSString).deletingLastPathComponent]
    }
  }

  private static func ownExecutable() -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard length > 0 else { return nil }
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func isExecutable(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }
}
