import ExperimentRecords
import Foundation
import LineageLog
import Testing

/// `ratchet lineage rejudge`, and what a retraction does everywhere.
@Suite struct RejudgeTests {
  @Test func aPlantedWrongWinnerIsRetractedWithItsDescendants() throws {
    let planted = try PlantedLineage()
    #expect(try planted.tool("apply", planted.wrongID).status == 0)
    let run = try planted.tool("lineage", "rejudge", "--format", "json")
    #expect(run.status == 1, "\(run.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "ratchet.lineage.rejudge/1")
    let retracted = try #require(document["retracted"] as? [[String: Any]])
    #expect(retracted.count == 3)
    let judged = try #require(document["judged"] as? [[String: Any]])
    // What descends from the wrong one, which was judged first as it is applied, is settled.
    #expect(judged.count == 2)
    let files = try #require(document["files"] as? [[String: Any]])
    #expect(files.count == 1)
    #expect(files.first?["file"] as? String == "src/loops.c")
    #expect(files.first?["presence"] as? String == "present")
    try expectRetraction(in: planted)
    // This build has judged all of them.
    let again = try planted.tool("lineage", "rejudge")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("1 judged by it before"))
    #expect(again.output.contains("'ratchet revert \(planted.wrongID.prefix(12))' takes it out"))
    #expect(try planted.tool("revert", planted.wrongID).status == 0)
    #expect(try planted.project.read("src/loops.c") == Data(PlantedLineage.original.utf8))
    for id in [planted.wrongID, planted.heirID, planted.restingID] {
      expectOneLine(try planted.tool("apply", id), status: 1, says: ["is retracted"])
      expectOneLine(try planted.tool("approve", id), status: 1, says: ["is retracted"])
    }
    #expect(try planted.tool("apply", "--all").output.contains("applied src/loops.c:scale"))
    #expect(try planted.project.read("src/loops.c") == Data(PlantedLineage.right.utf8))
    #expect(try planted.tool("lineage", "verify").status == 0)
  }

  /// Log, show, tree, blame, report, export and audit tell of it.
  private func expectRetraction(in planted: PlantedLineage) throws {
    let short = String(planted.wrongID.prefix(12))
    let log = try planted.tool("lineage", "log", "--oneline", "--outcome", "winner").output
    let marked = log.split(separator: "\n").filter { $0.contains(" winner [retracted] ") }
    #expect(marked.count == 3, "\(log)")
    let last = try planted.tool("lineage", "log", "--oneline", "--outcome", "retracted").output
    #expect(last.split(separator: "\n").count == 3)
    let show = try planted.tool("lineage", "show", short).output
    #expect(show.contains("retracted: it is refuted"), "\(show)")
    #expect(
      try planted.tool("lineage", "tree").output.contains("\(short) [retracted] winner"))
    let blame = try planted.tool("lineage", "blame", "src/loops.c").output
    #expect(blame.contains("\(short) is retracted"), "\(blame)")
    let steps = try planted.tool("lineage", "blame", "total").output
    #expect(steps.contains("no winner; retracted: \(planted.restingID.prefix(12))"))
    let report = try planted.tool("report").output
    #expect(report.contains("3 winners retracted, counted in no figure"), "\(report)")
    #expect(report.contains("retracted: \(short)"))
    let markdown = try planted.tool("report", "--format", "markdown").output
    #expect(markdown.contains("### Retracted, counted in no figure"))
    let json = try planted.tool("report", "--format", "json").output
    #expect(json.contains(#""retractedWinners" : 3"#))
    let export = try planted.tool("lineage", "export").output
    #expect(export.contains(#""standing" : "retracted""#))
    let audit = try planted.tool("audit").output
    #expect(audit.contains("src/loops.c holds the retracted winner '\(short)'"), "\(audit)")
  }

  @Test func aRightWinnerStands() throws {
    let planted = try PlantedLineage(isWrong: false)
    let run = try planted.tool("lineage", "rejudge", planted.rightID)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("stands"))
    #expect(try planted.count("rejudged") == 1)
    #expect(try planted.count("retracted") == 0)
    #expect(try planted.tool("lineage", "verify").status == 0)
    // Named, it is judged again.
    #expect(try planted.tool("lineage", "rejudge", planted.rightID).status == 0)
    #expect(try planted.count("rejudged") == 2)
  }

  /// The original is shown to be equivalent to itself, and this form of it is only tested.
  @Test func aWinnerThatAStricterGateDoesNotPassIsRetracted() throws {
    let planted = try PlantedLineage(isWrong: false, text: SampleLineage.scaled)
    let run = try planted.tool("lineage", "rejudge")
    #expect(run.status == 1, "\(run.output)\(run.errors)")
    #expect(run.output.contains("retracted: it is tested now where bounded is required"))
    #expect(try planted.count("retracted") == 1)
    expectOneLine(try planted.tool("apply", planted.rightID), status: 1, says: ["is retracted"])
  }

  @Test func aDryRunWritesNothing() throws {
    let planted = try PlantedLineage()
    let before = try planted.project.snapshot()
    let run = try planted.tool("lineage", "rejudge", "--dry-run")
    #expect(run.status == 0)
    #expect(run.output.contains("4 winners to be judged by ratchet"))
    #expect(try planted.project.snapshot() == before)
    let one = try planted.tool("lineage", "rejudge", "--dry-run", "--kernel", "total")
    #expect(one.output.contains("1 winner to be judged"))
  }

  @Test func whatIsNoWinnerIsRefused() throws {
    let planted = try PlantedLineage(isWrong: false)
    let before = try planted.project.snapshot()
    expectOneLine(
      try planted.tool("lineage", "rejudge", planted.proposalID), status: 2,
      says: ["is no winner but of kind 'proposal'"])
    expectOneLine(try planted.tool("lineage", "rejudge", "00000000"), status: 2, says: ["no entry"])
    expectOneLine(
      try planted.tool("lineage", "rejudge", "--kernel", "nobody"), status: 2,
      says: ["no kernel 'nobody'"])
    #expect(try planted.tool("lineage", "rejudge", "abcd", "--kernel", "scale").status == 64)
    #expect(try planted.project.snapshot() == before)
  }

  @Test func aLineageWithoutWinnersHasNothingToJudge() throws {
    let planted = try PlantedLineage(isWrong: false, copies: 0)
    let run = try planted.tool("lineage", "rejudge")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("0 winners judged"))
    #expect(try planted.tool("audit").status == 0)
  }

  @Test func aWinnerThatCannotBeJudgedHereIsInDoubt() throws {
    let planted = try PlantedLineage(isWrong: false)
    let run = try planted.tool(
      "lineage", "rejudge", "--cc", "no-such-compiler", planted.rightID)
    #expect(run.status == 3, "\(run.output)\(run.errors)")
    #expect(run.output.contains("in doubt: it cannot be judged here"))
    expectOneLine(try planted.tool("apply", planted.rightID), status: 1, says: ["is in doubt"])
    #expect(try planted.tool("report").output.contains("in doubt"))
    #expect(try planted.tool("lineage", "rejudge", planted.rightID).status == 0)
    #expect(try planted.tool("apply", planted.rightID).status == 0)
  }

  @Test func killedInTheMiddleItGoesOn() throws {
    let planted = try PlantedLineage(isWrong: false, copies: 4)
    let running = try planted.tool.start(["lineage", "rejudge"])
    try waitForAJudgement(of: planted, running)
    running.send(SIGKILL)
    _ = try running.finish()
    let judged = try planted.count("rejudged")
    #expect((1..<4).contains(judged))
    let rest = try planted.tool("lineage", "rejudge")
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(rest.output.contains("\(4 - judged) winner"))
    #expect(try planted.count("rejudged") == 4)
    #expect(try planted.tool("lineage", "verify").status == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func askedToStopItEndsSoonWithAValidLog(_ signal: Int32) throws {
    let planted = try PlantedLineage(isWrong: false, copies: 4)
    let running = try planted.tool.start(["lineage", "rejudge"])
    try waitForAJudgement(of: planted, running)
    let start = ContinuousClock.now
    running.send(signal)
    let run = try running.finish()
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.output.contains("the same command goes on"))
    #expect(try planted.tool("lineage", "verify").status == 0)
    #expect(try planted.count("rejudged") < 4)
  }

  @Test func aStopFileForbidsIt() throws {
    let planted = try PlantedLineage()
    try planted.project.write("", to: ".ratchet/STOP")
    let run = try planted.tool("lineage", "rejudge")
    #expect(run.status == 3)
    #expect(run.errorLines.count == 1)
    #expect(try planted.count("rejudged") == 0)
  }

  private func waitForAJudgement(of planted: PlantedLineage, _ running: Running) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try planted.count("rejudged") == 0, running.isRunning, ContinuousClock.now < deadline {
      usleep(5_000)
    }
    #expect(running.isRunning)
  }
}
