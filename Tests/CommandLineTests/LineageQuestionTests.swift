import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

/// What can be asked of a lineage, small or with an index.
@Suite struct LineageQuestionTests {
  private func count(_ sample: SampleLineage, _ arguments: String...) throws -> Int {
    let run = try sample.tool.run(["lineage", "log", "--oneline"] + arguments)
    #expect(run.status == 0, "\(run.errors)")
    return run.output.split(separator: "\n").count
  }

  @Test func logIsFilteredByKindVerdictPassAndTime() throws {
    let sample = try SampleLineage()
    #expect(try count(sample, "--kind", "baseline") == 2)
    #expect(try count(sample, "--kind", "campaignStarted") == 1)
    #expect(try count(sample, "--verdict", "tested") == 2)
    #expect(try count(sample, "--verdict", "proved") == 0)
    #expect(try count(sample, "--pass", "tile") == 2)
    #expect(try count(sample, "--pass", "unroll") == 4)
    #expect(try count(sample, "--pass", "unroll", "--kernel", "scale", "--kind", "winner") == 1)
    #expect(try count(sample, "--since", "1h") == 12)
    #expect(try count(sample, "--until", "1h") == 0)
    #expect(try count(sample, "--since", "2020-01-31", "-n", "5") == 5)
    #expect(try count(sample, "--until", "2020-01-31T12:30") == 0)
    #expect(try count(sample, "--until", "9999-12-31T23:59:59Z") == 12)
    let today = Timestamp.now.description.prefix(10)
    #expect(try count(sample, "--until", String(today)) == 12)
    let unknown = try sample.tool("lineage", "log", "--pass", "tiel")
    #expect(unknown.status == 0)
    #expect(unknown.errors.contains("no entries match; no pass is called 'tiel'"))
  }

  @Test(arguments: [
    (["--since", "yesterday"], "'yesterday' is no moment for --since"),
    (["--since", "2026-02-30"], "'2026-02-30' is no moment"),
    (["--until", "2026-13-01"], "'2026-13-01' is no moment for --until"),
    (["--since", "-3d"], "--since"), (["--since", "3"], "'3' is no moment"),
    (["--since", "99999999d"], "is no moment"), (["--since", "d"], "'d' is no moment"),
    (["--verdict", "good"], "no verdict 'good'; there are refuted"),
    (["--kind", "win"], "no kind 'win'"), (["--outcome", "lost"], "no outcome 'lost'"),
    (["--graph", "--format", "json"], "--graph is drawn in text only"),
    (["--count=-1"], "cannot be negative"),
  ])
  func badConditionsAreRefusedInOneLine(arguments: [String], message: String) throws {
    let project = try ProjectFolder()
    let run = try project.tool.run(["lineage", "log"] + arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test func theGraphHangsCandidatesBelowWhatTheyCameFrom() throws {
    let sample = try SampleLineage()
    let run = try sample.tool(
      "lineage", "log", "--oneline", "--graph", "--kernel", "scale")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix("* ") && lines[0].contains("kernel finished"))
    #expect(lines[1].hasPrefix("* \(sample.scale.prefix(12)) winner"))
    #expect(lines[2].hasPrefix("* ") && lines[2].contains("better than all before"))
    #expect(lines[3].hasPrefix("| * \(sample.refused.prefix(12)) proposal"))
    #expect(lines[4] == "|/")
    #expect(lines[5].contains("baseline"))
  }

  @Test func showTellsTheMachineTheTextAndTheChange() throws {
    let sample = try SampleLineage()
    let run = try sample.tool("lineage", "show", sample.scale)
    for piece in [
      "machine: test, 2 cores", "compiler: clang 21.0.0 -O3", "cost: 3.0 s CPU",
      "which 'ratchet lineage show \(sample.scale.prefix(12)) --source' prints",
      "+    a[i] = a[i] + a[i];",
    ] {
      #expect(run.output.contains(piece), "\(piece) is not in:\n\(run.output)")
    }
    let source = try sample.tool("lineage", "show", sample.scale, "--source")
    #expect(source.output == SampleLineage.scaled)
    let none = try sample.tool("lineage", "show", sample.refused, "--source")
    #expect(none.status == 2)
    #expect(none.errors.contains("has no text"))
    let both = try sample.tool("lineage", "show", sample.scale, "--source", "--format", "json")
    #expect(both.status == 64)
    let json = try sample.tool("lineage", "show", sample.scale, "--format", "json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((object?["machine"] as? [String: Any])?["cpu"] as? String == "test")
    #expect((object?["patch"] as? String)?.contains("+    a[i] = a[i] + a[i];") == true)
  }

  /// The same commands on a lineage that is long enough for an index: they say the same about what was there before.
  @Test func aLongLineageIsAskedByWayOfAnIndex() throws {
    let sample = try SampleLineage()
    let commands = [
      ["lineage", "show", sample.scale], ["lineage", "diff", sample.scale],
      ["lineage", "diff", sample.scale, sample.total], ["lineage", "tree", "--kernel", "scale"],
      ["lineage", "blame", "scale"], ["lineage", "blame", "src/loops.c"],
      ["lineage", "log", "--kind", "winner"], ["lineage", "log", "--kernel", "total", "--graph"],
      ["lineage", "log", "--verdict", "tested", "--pass", "unroll", "--format", "json"],
      ["lineage", "log", "--kernel", "nobody"], ["lineage", "show", "ffff"],
    ]
    _ = try sample.tool("apply", sample.scale)
    let before = try commands.map { try sample.tool.run($0) }
    try sample.lengthen(to: 400_000)
    let index = sample.project.path + "/.ratchet/index.sqlite"
    for (command, before) in zip(commands, before) {
      let run = try sample.tool.run(command)
      #expect(run.output == before.output, "\(command)")
      #expect(run.status == before.status, "\(command)")
      #expect(FileManager.default.fileExists(atPath: index))
    }
    #expect(try sample.tool("lineage", "verify").status == 0)
    let stops = try sample.tool("lineage", "log", "--kind", "stopRequested", "--oneline")
    #expect(stops.output.split(separator: "\n").count > 1_000)
    // A writer takes the index for its own.
    #expect(try sample.tool("revert", sample.scale).status == 0)
    #expect(try sample.tool("lineage", "log", "--kind", "reverted").output.contains("reverted"))
  }

  @Test func aDamagedLineUnderAnIndexEndsWithFour() throws {
    let sample = try SampleLineage()
    try sample.lengthen(to: 300_000)
    #expect(try sample.tool("lineage", "show", sample.scale).status == 0)
    let log = sample.project.url.appendingPathComponent(".ratchet/lineage.jsonl")
    var bytes = try Data(contentsOf: log)
    let place = try #require(bytes.range(of: Data(#""winner":{"#.utf8)))
    bytes[place.upperBound + 30] ^= 1
    try bytes.write(to: log)
    let run = try sample.tool("lineage", "log", "--kernel", "scale")
    #expect(run.status == 4)
    #expect(run.output.isEmpty)
    #expect(run.errorLines.count == 1)
    #expect(run.errors.contains("entry 5"))
  }
}

extension SampleLineage {
  /// Adds entries that say nothing until the log has more than `size` bytes.
  func lengthen(to size: Int) throws {
    let url = project.url.appendingPathComponent(".ratchet/lineage.jsonl")
    let lineage = try Lineage.read(StateDirectory(FilePath(project.path + "/.ratchet")))
    var bytes = try Data(contentsOf: url)
    var head = lineage.head
    while bytes.count <= size {
      let entry = LineageEntry(
        time: .now, .stopRequested(StopRequested(by: "nobody", reason: "\(bytes.count)")))
      let line = try entry.line(after: head)
      bytes += line.bytes
      head = line.id
    }
    try bytes.write(to: url)
  }
}
