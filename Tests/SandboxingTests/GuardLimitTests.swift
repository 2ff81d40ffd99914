import Foundation
import Testing

@testable import Sandboxing

/// What a compiler may use up while it reads a candidate's text.
@Suite struct GuardLimitTests {
  private let runner: Runner

  init() throws { runner = try Runner() }

  private func perl(_ script: String, memory: Int? = 1 << 28) async throws
    -> GuardedCommand.Result
  {
    try await GuardedCommand(
      "/usr/bin/env", ["perl", "-e", script], wall: .seconds(20), outputLimit: 1 << 16,
      memory: memory
    ).run(with: runner)
  }

  @Test func aFloodOfOutputEnds() async throws {
    let result = try await GuardedCommand(
      "/bin/sh", ["-c", "exec yes"], wall: .seconds(20), outputLimit: 1 << 16
    ).run(with: runner)
    #expect(result.status == .signalled(SIGXFSZ))
    #expect(result.output.count == 1 << 16)
  }

  @Test func aFloodOfErrorsEnds() async throws {
    let result = try await GuardedCommand(
      "/bin/sh", ["-c", "exec yes >&2"], wall: .seconds(20), outputLimit: 1 << 16
    ).run(with: runner)
    #expect(result.status == .signalled(SIGXFSZ))
  }

  @Test func aFileCannotGrowWithoutEnd() async throws {
    let path = NSTemporaryDirectory() + "/ratchet-flood-\(UInt32.random(in: 0...(.max)))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let result = try await GuardedCommand(
      "/bin/sh", ["-c", "exec dd if=/dev/zero of=\(path) bs=1M count=400 2>/dev/null"],
      wall: .seconds(20)
    ).run(with: runner)
    #expect(result.status != .exited(0))
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(try #require(size) <= 256 << 20)
  }

  @Test func memoryIsLimited() async throws {
    let script = "my $x = 'x' x (1 << 29); exit 0"
    #expect(try await perl(script).status != .exited(0))
    #expect(try await perl(script, memory: nil).status == .exited(0))
  }

  /// No single process is large here: only a control group adds them up.
  @Test func memoryOfAllProcessesTogetherIsLimited() async throws {
    guard try await runner.doctor().layers.contains(.memoryGroup) else { return }
    let script = """
      my @children; for (1..6) { my $p = fork(); if (!$p) { my $x = 'x' x (40 << 20); sleep 1; exit 0 }
      push @children, $p } my $bad = 0; for (@children) { waitpid($_, 0); $bad++ if $? } exit($bad ? 7 : 0)
      """
    #expect(try await perl(script, memory: 1 << 27).status != .exited(0))
    #expect(try await perl(script, memory: 1 << 30).status == .exited(0))
  }

  @Test func noProgramGainsAPrivilege() async throws {
    let result = try await GuardedCommand(
      "/bin/sh", ["-c", "grep NoNewPrivs /proc/self/status"]
    ).run(with: runner)
    #expect(String(decoding: result.output, as: UTF8.self).hasSuffix("1\n"))
  }

  /// A guard that is killed leaves its group to the next one, and others run beside this test: what
  /// is still there after some more guards have come and gone is left for good.
  @Test func noGroupIsLeft() async throws {
    var left: Set<String> = []
    for turn in 0..<20 {
      _ = try await GuardedCommand("/bin/true", []).run(with: runner)
      let abandoned = try abandonedGroups()
      left = turn == 0 ? abandoned : left.intersection(abandoned)
      if left.isEmpty { break }
    }
    #expect(left.isEmpty)
  }

  /// Paths of groups whose guard is gone.
  private func abandonedGroups() throws -> Set<String> {
    let own = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
    var found: Set<String> = []
    for line in own.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      let path = "/sys/fs/cgroup/\(parts[1])\(parts[2])"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      for name in names where name.hasPrefix("ratchet-") {
        let owner = try #require(pid_t(name.dropFirst("ratchet-".count)))
        if kill(owner, 0) != 0, errno == ESRCH { found.insert("\(path)/\(name)") }
      }
    }
    return found
  }
}
