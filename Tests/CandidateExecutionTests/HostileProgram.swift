import Foundation
import Sandboxing

@testable import CandidateExecution

/// One program of `fixtures/hostile`: C that tries to harm or to fool, and what has to become of it.
///
/// A program begins with lines `//! key: value`:
///
///     tries             what it does, for people
///     expect            what has to become of it; alternatives stand between bars
///     mode              call: `int hostile(void)` is called (the default); arrays: called on arrays of
///                       50 numbers; time: timed against an honest original, `b[i] = 2 * a[i] + 1`
///     memory            bytes that it may map, in mode call
///     threads           that it may have
///     limit             load, when it hangs before it was called
///     calls             twice, to be called again in the same process
///     calls per batch   in mode time
///     needs             a layer of the sandbox, or x86-64, without which it means nothing
struct HostileProgram: CustomStringConvertible {
  enum Mode: String {
    case call, arrays, time
  }

  var name: String
  var text: String
  var keys: [String: String]

  var expected: [String] {
    (keys["expect"] ?? "").components(separatedBy: " | ")
  }
  var mode: Mode { keys["mode"].flatMap(Mode.init) ?? .call }
  var threads: Int { keys["threads"].flatMap(Int.init) ?? 1 }
  var description: String { name }

  /// How long it may go on when nothing else ends it.
  var limit: Duration {
    switch mode {
    case .time: Self.call + Self.timing
    default: keys["limit"] == "load" ? Self.call + .seconds(2) : Self.call
    }
  }

  static let call: Duration = .milliseconds(300)
  static let timing: Duration = .milliseconds(150)
  static let cells = 50

  /// All programs, by name.
  static let all: [HostileProgram] = {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/hostile")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return files.filter { $0.hasSuffix(".c") }.sorted().compactMap { file in
      guard
        let text = try? String(
          contentsOf: directory.appendingPathComponent(file), encoding: .utf8)
      else { return nil }
      return HostileProgram(name: String(file.dropLast(2)), text: text, keys: keys(of: text))
    }
  }()

  private static func keys(of text: String) -> [String: String] {
    var keys: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard line.hasPrefix("//! "), let colon = line.range(of: ": ") else { break }
      keys[String(line[..<colon.lowerBound].dropFirst(4))] = String(line[colon.upperBound...])
    }
    return keys
  }

  /// Whether the program means anything on this machine.
  func applies(with layers: SandboxLayers) -> Bool {
    guard let need = keys["needs"] else { return true }
    #if arch(x86_64)
      if need == "x86-64" { return true }
    #endif
    return layers.names.contains(need)
  }
}

extension CallOutcome {
  /// The outcome in the corpus's words; `result` says whether the function gives a number.
  func words(result: Bool) -> String {
    switch self {
    case .returned(let value) where value.damage != nil: "damage"
    case .returned(let value) where result:
      "returned \(value.result.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) })"
    case .returned: "returned"
    case .fault(let fault): "fault \(Self.name(fault.signal))"
    case .timedOut: "timed out"
    case .exited(let status): "exited \(status)"
    case .killed(let signal): "killed \(Self.name(signal))"
    case .forbiddenCall: "forbidden"
    case .notLoaded: "not loaded"
    case .outOfTime: "out of time"
    }
  }

  private static func name(_ signal: Int) -> String {
    let names = [
      4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
      11: "SIGSEGV", 31: "SIGSYS",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}

extension PairedTiming {
  /// What became of a timed program, in the corpus's words.
  var words: String {
    switch verdict {
    case .agreed:
      let ratio = PairedStatistics([self]).speedup()?.median ?? 1
      return ratio < 0.6 ? "slower" : "agreed"
    case .wrongOutput(.candidate, _, _, _, _): return "wrong output"
    case .wrongOutput(.original, _, _, _, _): return "wrong output of the original"
    case .failed(.candidate, let reason): return "failed: \(reason)"
    case .failed(.original, let reason): return "original failed: \(reason)"
    }
  }
}
