import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// Stops from every phase, by every means. `RATCHET_STOPS` says how many of each phase; they are timed, and
/// run one after the other.
@Suite(.serialized, .enabled(if: TerminalRun.isPossible)) struct StoppingCampaignTests {
  /// Tries of each phase.
  static let tries = ProcessInfo.processInfo.environment["RATCHET_STOPS"].flatMap(Int.init) ?? 1

  /// What a person can do.
  enum Means: CaseIterable {
    case controlC, terminate, file, command
  }

  /// Where a campaign is when it is stopped.
  enum Phase: String, CaseIterable {
    case compile, examine, measure, record
  }

  private static let product = """
    void product(int n, double c[restrict static n * n], const double a[restrict static n * n],
                 const double b[restrict static n * n]) {
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
          for (int k = 0; k < n; k++)
            c[i * n + j] += a[i * n + k] * b[k * n + j];
    }

    """

  private func project() throws -> ProjectFolder {
    let project = try ProjectFolder()
    try project.write(Self.product, to: "product.c")
    try project.write(
      "version: 1\nworkloads:\n  product:\n    - name: large\n      sizes: {n: 160}\n",
      to: ".ratchet.yml")
    return project
  }

  @Test(arguments: Phase.allCases) func aStopHaltsACampaignWithinTwoSeconds(_ phase: Phase) throws {
    for number in 0..<Self.tries {
      // Each phase begins with another one, so that a single try of each takes all of them.
      let first = Phase.allCases.firstIndex(of: phase) ?? 0
      let means = Means.allCases[(number + first) % Means.allCases.count]
      let project = try project()
      let running = try TerminalRun(
        [RatchetTool.path, "optimize", ".", "--budget", "300s"], in: project.url)
      // Not always as the phase begins, and not always the first of its kind.
      let isReached = reach(phase, running, project, skipping: number / 4 % 3)
      try #require(isReached, "the campaign ended before '\(phase)': \(running.text)")
      usleep(UInt32.random(in: 0...120_000))
      try stop(running, by: means, in: project)
      try checkAfterwards(running, project)
    }
  }

  private func reach(
    _ phase: Phase, _ running: TerminalRun, _ project: ProjectFolder, skipping count: Int
  ) -> Bool {
    let log = project.path + "/.ratchet/lineage.jsonl"
    let words = phase == .examine ? ["examine", "verify"] : [phase.rawValue]
    if phase == .record {
      // The log grows while an entry is recorded.
      guard running.wait(until: { self.size(of: log) > 0 }) else { return false }
      for _ in 0...count {
        let before = size(of: log)
        guard running.wait(until: { self.size(of: log) > before }) else { return false }
      }
      return true
    }
    return running.wait {
      let text = running.text
      let seen = words.map { text.components(separatedBy: " · \($0) · ").count - 1 }
      return seen.reduce(0, +) > count && words.contains { text.hasSuffix(self.tail(text, of: $0)) }
    }
  }

  /// The last line of progress, if it is of this phase; something that no text ends with otherwise.
  private func tail(_ text: String, of phase: String) -> String {
    let line = text.components(separatedBy: "\r").last { !$0.isEmpty } ?? ""
    return line.contains(" · \(phase) · ") ? line : "\u{0}"
  }

  private func size(of path: String) -> Int {
    var about = stat()
    return stat(path, &about) == 0 ? Int(about.st_size) : 0
  }

  private func stop(_ running: TerminalRun, by means: Means, in project: ProjectFolder) throws {
    let start = ContinuousClock.now
    switch means {
    case .controlC: kill(running.pid, SIGINT)
    case .terminate: kill(running.pid, SIGTERM)
    case .file: try project.write("", to: ".ratchet/STOP")
    case .command:
      let command = try project.tool("stop")
      #expect(command.status == 0, "\(command.errors)")
    }
    let status = running.finish()
    let seconds = ContinuousClock.now - start
    #expect(seconds < .seconds(2), "by \(means)")
    #expect(status == 3, "\(running.text)")
    #expect(running.text.contains("stopped by"), "\(running.text)")
  }

  private func checkAfterwards(_ running: TerminalRun, _ project: ProjectFolder) throws {
    #expect(try project.read("product.c") == Data(Self.product.utf8))
    let names = try project.snapshot().keys
    #expect(!names.contains { $0.hasSuffix(".ratchet") && $0 != ".ratchet" }, "\(names)")
    let end = Date().addingTimeInterval(1)
    while !running.survivors.isEmpty, Date() < end { usleep(10_000) }
    #expect(running.survivors.isEmpty)
    let state = StateDirectory(FilePath(project.path + "/.ratchet"))
    #expect(try Lineage.verify(state).defect == nil)
    let lineage = try Lineage.read(state)
    #expect(lineage.campaigns.last?.ended?.reason == .stopped)
    #expect(lineage.pendingStop != nil)
    let resumed = try project.tool("optimize", ".", "--resume")
    #expect(resumed.status == 3)
    #expect(resumed.errors.contains("ratchet stop --clear"), "\(resumed.errors)")
  }

  @Test func aStopWhileSourcesAreReadLeavesNothingBehind() throws {
    let project = try project()
    for number in 0..<40 {
      try project.write(
        Self.product.replacing("product(", with: "product_\(number)("),
        to: "more/product\(number).c")
    }
    try project.makeDirectory(".ratchet")
    let before = try project.snapshot()
    for number in 0..<Self.tries {
      let means: [Means] = [.controlC, .terminate, .file]
      let running = try TerminalRun(
        [RatchetTool.path, "optimize", ".", "--budget", "300s"], in: project.url)
      usleep(UInt32.random(in: 200_000...600_000))
      try stop(running, by: means[number % 3], in: project)
      try? FileManager.default.removeItem(atPath: project.path + "/.ratchet/STOP")
      #expect(try project.snapshot() == before)
    }
  }

  @Test func aStopWhileWinnersAreAppliedLeavesNoChangeHalfMade() throws {
    for number in 0..<Self.tries {
      let sample = try SampleLineage()
      let tool = sample.tool
      let running = try tool.start(["apply", "--all"])
      usleep(UInt32.random(in: 0...60_000))
      let start = ContinuousClock.now
      running.send(number % 2 == 0 ? SIGINT : SIGTERM)
      _ = try running.finish()
      #expect(ContinuousClock.now - start < .seconds(2))
      let names = try sample.project.snapshot().keys
      #expect(!names.contains("src/.loops.c.ratchet"), "\(names)")
      #expect(try tool("lineage", "verify").status == 0)
      #expect(try tool("revert", "--all").status == 0)
      #expect(try sample.project.read("src/loops.c") == Data(SampleLineage.original.utf8))
    }
  }

  @Test func onlyAPersonClearsAStop() throws {
    let project = try project()
    let running = try TerminalRun(
      [RatchetTool.path, "optimize", ".", "--budget", "300s"], in: project.url)
    try #require(reach(.measure, running, project, skipping: 0))
    try stop(running, by: .command, in: project)
    let tool = project.tool
    let begun = try tool("optimize", ".", "--budget", "1evals")
    expectOneLine(begun, status: 3, says: ["STOP", "ratchet stop --clear"])
    let piped = try tool("stop", "--clear")
    expectOneLine(piped, status: 2, says: ["needs a person at a terminal"])
    #expect(try tool.clearStop().status == 0)
    let log = try tool("lineage", "log", "-n", "1")
    #expect(log.output.contains("let what"), "\(log.output)")
    #expect(try tool("lineage", "verify").status == 0)
    let resumed = try tool("optimize", ".", "--budget", "2evals", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    let nothing = try tool.clearStop()
    #expect(nothing.output.contains("nothing is stopped"), "\(nothing.output)")
  }
}

extension RatchetTool {
  /// Clears a stop as a person does, at a terminal.
  func clearStop() throws -> Run {
    try other("script", "-qec", "'\(Self.path)' stop --clear", "/dev/null")
  }
}
