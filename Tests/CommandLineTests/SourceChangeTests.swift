import Foundation
import Testing

@Suite struct SourceChangeTests {
  private func source(_ sample: SampleLineage) throws -> String {
    String(decoding: try sample.project.read("src/loops.c"), as: UTF8.self)
  }

  @Test func applyAndRevertGiveBackEveryByte() throws {
    let sample = try SampleLineage()
    #expect(try sample.tool("apply", sample.scale).status == 0)
    #expect(try source(sample) == SampleLineage.scaled)
    #expect(try sample.tool("apply", sample.total).status == 0)
    #expect(try sample.tool("revert", sample.scale).status == 0)
    #expect(try source(sample) == SampleLineage.totalled)
    #expect(try sample.tool("revert", sample.total).status == 0)
    #expect(try source(sample) == SampleLineage.original)
    #expect(try sample.tool("lineage", "verify").status == 0)
  }

  @Test func revertAllTakesEverythingOut() throws {
    let sample = try SampleLineage()
    _ = try sample.tool("apply", sample.scale)
    #expect(try sample.tool("apply", "--all").output.contains("applied src/loops.c:total"))
    #expect(try source(sample) != SampleLineage.scaled)
    expectOneLine(try sample.tool("apply"), status: 64, says: ["--all"])
    #expect(try sample.tool("revert", "--all").status == 0)
    #expect(try source(sample) == SampleLineage.original)
  }

  @Test func aChangedFileIsLeftAlone() throws {
    let sample = try SampleLineage()
    try sample.project.write(SampleLineage.original + "// mine\n", to: "src/loops.c")
    let before = try sample.project.snapshot()
    let apply = try sample.tool("apply", sample.scale)
    #expect(apply.status == 1)
    #expect(apply.output.isEmpty)
    #expect(apply.errorLines.count == 1)
    #expect(apply.errors.contains("the file has changed"))
    #expect(try sample.project.snapshot()["src/loops.c"] == before["src/loops.c"])
    try sample.project.write(SampleLineage.original, to: "src/loops.c")
    #expect(try sample.tool("apply", sample.scale).status == 0)
    try sample.project.write(SampleLineage.scaled + "// mine\n", to: "src/loops.c")
    #expect(try sample.tool("revert", sample.scale).status == 1)
    #expect(try source(sample) == SampleLineage.scaled + "// mine\n")
  }

  @Test func aWinnerIsNotAppliedTwice() throws {
    let sample = try SampleLineage()
    _ = try sample.tool("apply", sample.scale)
    let again = try sample.tool("apply", sample.scale)
    #expect(again.status == 1)
    #expect(again.errors.contains("already"))
    let other = try sample.tool("revert", sample.total)
    #expect(other.status == 2)
    #expect(other.errors.contains("is not applied"))
  }

  @Test func approvalNeedsATerminal() throws {
    let sample = try SampleLineage()
    let run = try sample.tool("approve", sample.scale)
    #expect(run.status == 2)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.contains("in a terminal"))
    let log = try sample.tool("lineage", "log", "-n", "1", "--oneline")
    #expect(log.output.contains("action refused"), "\(log.output)")
    #expect(log.output.contains("an approval needs a person at a terminal"))
    #expect(try sample.tool("lineage", "log", "--outcome", "approval").output.isEmpty)
  }

  @Test func stopWithoutACampaignLeavesItsFileAlone() throws {
    let sample = try SampleLineage()
    let before = try sample.project.snapshot()
    let run = try sample.tool("stop")
    #expect(run.status == 0)
    #expect(run.output.contains("no campaign is running"))
    var after = try sample.project.snapshot()
    #expect(after.removeValue(forKey: ".ratchet/STOP") != nil)
    #expect(after == before)
  }
}
