import Foundation
import Testing

/// A project whose one kernel walks its matrix down the columns, which any search finds out.
final class StridedProject {
  static let source = """
    #include "sums.h"

    /* Adds every column of the matrix to the sums. */
    void column_sums(int n, double sums[restrict static n], const double a[restrict static n * n])
    {
      for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
          sums[j] += a[i * n + j]; /* strided */
    }

    """
  static let faster = source.replacingOccurrences(
    of: "  for (int j = 0; j < n; j++)\n    for (int i = 0; i < n; i++)\n",
    with: "  for (int i = 0; i < n; i++)\n    for (int j = 0; j < n; j++)\n")
  /// Right, and left from the middle, which no proof for all sizes follows.
  static let left = source.replacingOccurrences(
    of: "for (int i = 0; i < n; i++)\n      sums[j] += a[i * n + j]; /* strided */",
    with: "for (int i = 0;; i++) {\n      if (i >= n) break;\n      sums[j] += a[i * n + j];\n    }"
  )
  static let wrong = source.replacingOccurrences(of: "i = 0; i < n", with: "i = 1; i < n")

  let folder: ProjectFolder
  var tool: RatchetTool { folder.tool }
  var text: String {
    get throws { String(decoding: try folder.read("src/sums.c"), as: UTF8.self) }
  }

  init() throws {
    folder = try ProjectFolder()
    try folder.write(Self.source, to: "src/sums.c")
    try folder.write(
      "void column_sums(int n, double sums[restrict static n], const double a[restrict static n * n]);\n",
      to: "src/sums.h")
    try folder.write(
      """
      version: 1
      workloads:
        column_sums:
          - name: large
            sizes: {n: 1000}
      """, to: ".ratchet.yml")
  }

  /// Starts a campaign that would last, and waits until it has tried something.
  func startLongCampaign() throws -> Running {
    let running = try tool.start(["optimize", ".", "--budget", "300s"])
    let log = folder.url.appendingPathComponent(".ratchet/lineage.jsonl")
    let deadline = Date().addingTimeInterval(60)
    while Date() < deadline, running.isRunning {
      if let text = try? String(contentsOf: log, encoding: .utf8),
        text.contains(#""kind":"proposal""#)
      {
        return running
      }
      usleep(20_000)
    }
    return running
  }
}

/// Campaigns as users run them. They are timed, so that they run one after the other.
@Suite(.serialized) struct CampaignTests {
  @Test func aCampaignFromSearchToRevert() throws {
    let project = try StridedProject()
    let tool = project.tool
    let run = try tool("optimize", ".", "--budget", "6evals", "--format", "json")
    #expect(run.status == 0, "\(run.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "ratchet.optimize/1")
    #expect(["budget", "completed"].contains(document["stopReason"] as? String))
    let kernel = try #require((document["kernels"] as? [[String: Any]])?.first)
    #expect(kernel["file"] as? String == "src/sums.c")
    #expect(kernel["outcome"] as? String == "improved", "\(run.output)")
    #expect(["bounded", "proved"].contains(kernel["verdict"] as? String))
    let entry = try #require(kernel["entry"] as? String)
    let patch = try #require(kernel["patch"] as? String)

    #expect(try tool("lineage", "verify").status == 0)
    try checkReports(tool)
    try checkPatch(project, patch)

    let replay = try tool("lineage", "replay", entry)
    #expect(replay.status == 0, "\(replay.errors)")
    #expect(replay.output.contains("gives the same bytes"))
    #expect(replay.output.contains("the same verdict"), "\(replay.output)")
    #expect(try tool("lineage", "export", entry, "-o", "bundle").status == 0)
    let bundle = try tool("lineage", "verify", "bundle")
    #expect(bundle.status == 0, "\(bundle.errors)")
    #expect(bundle.output.contains("entries are shown to be in the log of checkpoint"))

    #expect(try tool("apply", entry).status == 0)
    #expect(try project.text != StridedProject.source)
    #expect(
      try tool.other("cc", "-Wall", "-Werror", "-c", "src/sums.c", "-o", "sums.o").status == 0)
    #expect(try tool("revert", entry).status == 0)
    #expect(try project.text == StridedProject.source)
    #expect(try tool("lineage", "verify").status == 0)
  }

  private func checkReports(_ tool: RatchetTool) throws {
    let text = try tool("report")
    #expect(text.status == 0)
    #expect(text.output.contains("KERNEL"))
    #expect(text.output.contains("src/sums.c:column_sums"))
    let markdown = try tool("report", "--format", "markdown", "-o", "report.md")
    #expect(markdown.status == 0)
    #expect(markdown.output.isEmpty)
    #expect(try tool.other("grep", "-q", "column_sums", "report.md").status == 0)
    let json = try tool("report", "--format", "json")
    let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    #expect((document as? [String: Any])?["schema"] as? String == "ratchet.report/1")
  }

  private func checkPatch(_ project: StridedProject, _ patch: String) throws {
    let tool = project.tool
    #expect(try tool.other("git", "apply", "--check", patch).status == 0)
    #expect(try tool.other("patch", "-p1", "-i", patch).status == 0)
    #expect(try project.text != StridedProject.source)
    #expect(try tool.other("patch", "-R", "-p1", "-i", patch).status == 0)
    #expect(try project.text == StridedProject.source)
  }

  @Test func theGainInsideAProgramIsMeasuredAndReported() throws {
    let project = try StridedProject()
    try project.folder.write(
      """
      #include <stdio.h>
      #include "sums.h"
      static double a[1200 * 1200], sums[1200];
      int main(void) {
        for (int k = 0; k < 20; k++) column_sums(1200, sums, a);
        printf("%g\\n", sums[7]);
      }
      """, to: "src/main.c")
    try project.folder.write(
      """
      version: 1
      workloads:
        column_sums:
          - name: large
            sizes: {n: 1000}
      program:
        build: cc -O2 src/main.c src/sums.c -o sums
        run: ./sums
      """, to: ".ratchet.yml")
    let tool = project.tool
    let run = try tool("optimize", ".", "--budget", "4evals")
    #expect(run.status == 0, "\(run.errors)")
    let json = try tool("report", "--format", "json")
    let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let programs = (document as? [String: Any])?["programs"] as? [[String: Any]]
    let program = try #require(programs?.first, "\(json.output)")
    #expect(program["run"] as? String == "./sums")
    let speedup = try #require(program["speedup"] as? [String: Any])
    let bounds = try ["low", "median", "high"].map { try #require(speedup[$0] as? Double) }
    #expect(bounds[0] > 0 && bounds == bounds.sorted(), "\(speedup)")
    #expect((program["winners"] as? [Any])?.count == 1)
    #expect(try tool("report").output.contains("./sums"))
    #expect(!FileManager.default.fileExists(atPath: project.folder.path + "/sums"))
  }

  @Test func aProgramThatFailsIsToldAndLosesNothing() throws {
    let project = try StridedProject()
    try project.folder.write(
      """
      version: 1
      workloads:
        column_sums:
          - name: large
            sizes: {n: 1000}
      program:
        run: ./not-there
      """, to: ".ratchet.yml")
    let run = try project.tool("optimize", ".", "--budget", "4evals")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("the program's command './not-there' failed"), "\(run.errors)")
    #expect(run.output.contains("1 improved"), "\(run.output)")
    #expect(try project.tool("lineage", "verify").status == 0)
  }

  @Test func applyingAtTheEndIsUndoneByRevert() throws {
    let project = try StridedProject()
    let run = try project.tool(
      "optimize", "src", "--budget", "4evals", "--apply", "--quiet", "--state", "st")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.isEmpty)
    #expect(run.output.contains("(applied)"), "\(run.output)")
    #expect(try project.text != StridedProject.source)
    let reverted = try project.tool("revert", "--all", "--state", "st")
    #expect(reverted.status == 0, "\(reverted.errors)")
    #expect(try project.text == StridedProject.source)
  }

  @Test func anInterruptEndsInASafeStateAndResumes() throws {
    let project = try StridedProject()
    let running = try project.startLongCampaign()
    let start = Date()
    running.send(SIGINT)
    let run = try running.finish()
    #expect(Date().timeIntervalSince(start) < 2)
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.output.contains("--resume"))
    #expect(!run.output.contains("no gain found"), "\(run.output)")
    #expect(try project.tool("lineage", "verify").status == 0)
    #expect(try project.text == StridedProject.source)
    let early = try project.tool("optimize", ".", "--budget", "4evals", "--resume")
    expectOneLine(early, status: 3, says: ["stopped by Ctrl-C", "ratchet stop --clear"])
    #expect(try project.tool.clearStop().status == 0)
    try checkResuming(project)
  }

  @Test func anInterruptWhileReadingChangesNothing() throws {
    let project = try StridedProject()
    let path = try project.folder.write("#!/bin/sh\nexec sleep 5\n", to: "slow-cc")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let before = try project.folder.snapshot()
    let running = try project.tool.start(["optimize", ".", "--cc", "./slow-cc"])
    usleep(500_000)
    running.send(SIGINT)
    #expect(try running.finish().status == 3)
    #expect(try project.folder.snapshot() == before)
  }

  @Test func aKilledCampaignResumes() throws {
    let project = try StridedProject()
    let running = try project.startLongCampaign()
    running.send(SIGKILL)
    #expect(try running.finish().status == 128 + SIGKILL)
    try checkResuming(project)
  }

  private func checkResuming(_ project: StridedProject) throws {
    let resumed = try project.tool("optimize", ".", "--budget", "4evals", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    // What was stopped is searched again, and then won.
    #expect(resumed.output.contains("1 improved"), "\(resumed.output)")
    #expect(try project.tool("lineage", "verify").status == 0)
    let again = try project.tool("optimize", ".", "--resume")
    expectOneLine(again, status: 2, says: ["nothing to resume: the last campaign ended"])
  }

  @Test func stopEndsACampaign() throws {
    let project = try StridedProject()
    let running = try project.startLongCampaign()
    let second = try project.tool("optimize", ".")
    expectOneLine(second, status: 2, says: ["process \(running.pid)", "ratchet stop"])
    let start = Date()
    let stop = try project.tool("stop")
    #expect(stop.status == 0, "\(stop.errors)")
    #expect(stop.output.contains("stopped process \(running.pid)"))
    #expect(Date().timeIntervalSince(start) < 3)
    #expect(try running.finish().status == 3)
    #expect(try project.folder.snapshot()[".ratchet/STOP"] != nil)
    #expect(try project.tool("lineage", "verify").status == 0)
  }

  @Test func dryRunsWriteNothing() throws {
    let project = try StridedProject()
    let before = try project.folder.snapshot()
    let run = try project.tool("optimize", ".", "--dry-run")
    #expect(run.status == 0)
    #expect(run.output.contains("column_sums"))
    #expect(try project.folder.snapshot() == before)
  }
}

@Suite struct VerifyCommandTests {
  @Test func exitCodesTellTheVerdict() throws {
    let project = try StridedProject()
    try project.folder.write(StridedProject.faster, to: "src/faster.c")
    try project.folder.write(StridedProject.wrong, to: "src/wrong.c")
    let tool = project.tool
    let common = ["--function", "column_sums", "--cflags", "-O2 -I src"]
    let right = try tool.run(["verify", "src/sums.c", "src/faster.c"] + common)
    #expect(right.status == 0, "\(right.output)\(right.errors)")
    #expect(right.output.hasPrefix("proved"))
    try project.folder.write(StridedProject.left, to: "src/left.c")
    let weak = try tool.run(["verify", "src/sums.c", "src/left.c", "--require", "proved"] + common)
    #expect(weak.status == 3)
    #expect(weak.output.hasPrefix("bounded only"), "\(weak.output)")
    let enough = try tool.run(["verify", "src/sums.c", "src/left.c"] + common)
    #expect(enough.status == 0, "\(enough.output)")
    let wrong = try tool.run(
      ["verify", "src/sums.c", "src/wrong.c", "--format", "json", "--reproducer", "show.c"] + common
    )
    #expect(wrong.status == 1, "\(wrong.output)\(wrong.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(wrong.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "ratchet.verify/1")
    #expect(document["verdict"] as? String == "refuted")
    let counterexample = try #require(document["counterexample"] as? [String: Any])
    #expect((counterexample["cell"] as? String)?.hasPrefix("sums") == true)
    #expect(
      try tool.other("cc", "-O2", "-I", "src", "show.c", "-o", "show", "-lm").status == 0)
    #expect(try tool.other("./show").output.isEmpty == false)
  }

  @Test func anOriginalPassesAgainstItself() throws {
    let project = try StridedProject()
    let run = try project.tool(
      "verify", "src/sums.c", "src/sums.c", "--function", "column_sums", "--format", "json")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
    #expect((document as? [String: Any])?["counterexample"] is NSNull)
  }

  @Test func anEmptyRecipeGivesBackEveryByte() throws {
    let project = try StridedProject()
    let run = try project.tool("transform", "src/sums.c", "--function", "column_sums")
    #expect(run.status == 0)
    #expect(run.output == StridedProject.source)
    let recipe = try project.tool(
      "transform", "src/sums.c", "--function", "column_sums", "--recipe",
      "interchange(order: [i, j])")
    #expect(recipe.output.contains("for (int i = 0; i < n; i++)"))
    #expect(recipe.output.contains("/* strided */"))
  }
}
