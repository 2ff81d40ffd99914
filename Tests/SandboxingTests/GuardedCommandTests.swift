import Foundation
import Testing

@testable import Sandboxing

@Suite struct GuardedCommandTests {
  private let runner: Runner

  init() throws { runner = try Runner() }

  private func shell(_ script: String, wall: Duration = .seconds(10)) async throws
    -> GuardedCommand.Result
  {
    try await GuardedCommand("/bin/sh", ["-c", script], wall: wall).run(with: runner)
  }

  @Test func outputAndStatusComeBack() async throws {
    let result = try await shell("echo out; echo err >&2; exit 7")
    #expect(result.status == .exited(7))
    #expect(result.output == Array("out\n".utf8))
    #expect(result.errors == Array("err\n".utf8))
  }

  @Test func aSignalIsToldFromAnExit() async throws {
    #expect(try await shell("kill -SEGV $$").status == .signalled(SIGSEGV))
  }

  @Test func wordsPassThroughNoShell() async throws {
    let result = try await GuardedCommand("/bin/echo", ["$(id)", "; exit 3"]).run(with: runner)
    #expect(String(decoding: result.output, as: UTF8.self) == "$(id) ; exit 3\n")
  }

  @Test func theDirectoryIsTheOneAskedFor() async throws {
    let result = try await GuardedCommand("/bin/pwd", [], directory: "/usr").run(with: runner)
    #expect(String(decoding: result.output, as: UTF8.self) == "/usr\n")
  }

  @Test func aHangingProgramEndsWithAllThatItStarted() async throws {
    let mark = "8\(UInt32.random(in: 100_000...999_999))"
    let started = ContinuousClock.now
    let result = try await shell(
      "setsid sleep \(mark) & trap '' TERM; sleep \(mark)", wall: .milliseconds(300))
    #expect(result.status == .timedOut)
    #expect(ContinuousClock.now - started < .seconds(300))
    #expect(processes(mentioning: mark).isEmpty)
  }

  @Test func whatAProgramLeavesRunningIsEnded() async throws {
    let mark = "8\(UInt32.random(in: 100_000...999_999))"
    let result = try await shell("setsid sleep \(mark) & exit 0")
    #expect(result.status == .exited(0))
    #expect(processes(mentioning: mark).isEmpty)
  }

  @Test func cancellationEndsTheProgram() async throws {
    let mark = "8\(UInt32.random(in: 100_000...999_999))"
    let task = Task { try await shell("sleep \(mark)", wall: .seconds(60)) }
    while processes(mentioning: mark).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let started = ContinuousClock.now
    task.cancel()
    await #expect(throws: RunnerError.cancelled) { try await task.value }
    #expect(ContinuousClock.now - started < .seconds(300))
    #expect(processes(mentioning: mark).isEmpty)
  }

  @Test func aMissingRunnerIsNamed() {
    #expect(throws: RunnerError.notFound(["/nowhere/runner"])) {
      _ = try RunnerLocation.find(environment: ["RATCHET_RUNNER": "/nowhere/runner"])
    }
  }
}

/// Processes whose command line holds `mark`.
func processes(mentioning mark: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.filter { name in
    guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
    else { return false }
    return String(decoding: line, as: UTF8.self).contains(mark)
  }
}
