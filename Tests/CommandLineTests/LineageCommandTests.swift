import Foundation
import Testing

@Suite struct LineageCommandTests {
  @Test func logTellsEveryEntryNewestFirst() throws {
    let sample = try SampleLineage()
    let run = try sample.tool("lineage", "log", "--oneline")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 12)
    #expect(lines.first?.contains("campaign ended") == true)
    #expect(lines.last?.contains("campaign started") == true)
    #expect(run.output.contains("winner src/loops.c:scale: unroll(loop: i, by: 4), tested, 1.50×"))
  }

  @Test func logIsFilteredByKernelAndOutcome() throws {
    let sample = try SampleLineage()
    let winners = try sample.tool(
      "lineage", "log", "--oneline", "--kernel", "scale", "--outcome", "winner")
    #expect(winners.output.split(separator: "\n").count == 1)
    #expect(winners.output.hasPrefix(sample.scale.prefix(12)))
    let refused = try sample.tool("lineage", "log", "--oneline", "--outcome", "refused")
    #expect(refused.output.split(separator: "\n").count == 2)
    let unknown = try sample.tool("lineage", "log", "--kernel", "nobody")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("no kernel 'nobody'"))
    #expect(unknown.errors.contains("'scale', 'total'"))
  }

  @Test func showTellsWhatAWinnerRestsOn() throws {
    let sample = try SampleLineage()
    let run = try sample.tool("lineage", "show", String(sample.scale.prefix(8)))
    #expect(run.status == 0)
    for piece in [
      sample.scale, "kernel: src/loops.c:scale", "verdict: tested",
      "L2 Differential passed; 120 inputs, seed 7; 75 % of branches", "after 52,000 calls",
      "small (n = 4096): 3.00 µs → 2.00 µs, 1.50× [1.40, 1.60], 100 pairs in 5 loads",
    ] {
      #expect(run.output.contains(piece), "\(piece) is not in:\n\(run.output)")
    }
  }

  @Test func diffIsAPatchThatToolsTake() throws {
    let sample = try SampleLineage()
    let run = try sample.tool("lineage", "diff", sample.scale)
    #expect(run.status == 0)
    try sample.project.write(run.output, to: "p.patch")
    #expect(try sample.tool.other("git", "apply", "--check", "p.patch").status == 0)
    #expect(try sample.tool.other("patch", "-p1", "-i", "p.patch").status == 0)
    #expect(try sample.project.read("src/loops.c") == Data(SampleLineage.scaled.utf8))
    let none = try sample.tool("lineage", "diff", sample.refused)
    #expect(none.status == 2)
    #expect(none.errorLines.count == 1)
  }

  @Test func treeHangsWinnersBelowTheirProposals() throws {
    let sample = try SampleLineage()
    let run = try sample.tool("lineage", "tree", "--kernel", "scale")
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "src/loops.c:scale")
    #expect(lines.last?.hasPrefix("      └─ \(sample.scale.prefix(12)) winner") == true)
  }

  @Test func blameNamesTheWinnerOfALine() throws {
    let sample = try SampleLineage()
    _ = try sample.tool("apply", sample.scale)
    _ = try sample.tool("apply", sample.total)
    let run = try sample.tool("lineage", "blame", "src/loops.c")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[2].hasPrefix("\(sample.scale.prefix(12)) scale"))
    #expect(lines[12].hasPrefix("\(sample.total.prefix(12)) total"))
    #expect(lines.filter { !$0.hasPrefix(" ") && !$0.isEmpty }.count == 2)
    let steps = try sample.tool("lineage", "blame", "scale")
    #expect(steps.output.contains("unroll(loop: i, by: 4)"))
    #expect(try sample.tool("lineage", "blame", "nobody").status == 2)
  }

  @Test func bisectFindsTheFirstTextForWhichACommandFails() throws {
    let sample = try SampleLineage()
    _ = try sample.tool("apply", sample.total)
    let before = try sample.project.snapshot()
    let run = try sample.tool(
      "lineage", "bisect", "total", "--", "grep", "-q", "sum += ", "src/loops.c")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("first failing entry: \(sample.total.prefix(12)), after winner"))
    #expect(try sample.project.snapshot() == before)
    let none = try sample.tool("lineage", "bisect", "total", "--", "true")
    #expect(none.status == 1)
    let no = try sample.tool("lineage", "bisect", "total", "--", "no-such-command-here")
    #expect(no.status == 2)
    #expect(try sample.tool("lineage", "bisect", "total").status == 64)
  }

  @Test func aCheckpointPinsWhatCameBeforeIt() throws {
    let sample = try SampleLineage()
    let seal = try sample.tool("lineage", "checkpoint")
    let text = seal.output.trimmingCharacters(in: .newlines)
    #expect(text.hasPrefix("12:") && text.count == 67)
    _ = try sample.tool("apply", sample.scale)
    let run = try sample.tool("lineage", "verify", "--checkpoint", text)
    #expect(run.status == 0)
    #expect(run.output.contains("they extend what the checkpoint covers"))
    let other = try sample.tool("lineage", "verify", "--checkpoint", "12:" + sample.scale)
    #expect(other.status == 4)
    #expect(other.errorLines.count == 1)
    let bad = try sample.tool("lineage", "verify", "--checkpoint", "twelve")
    #expect(bad.status == 2)
    // Without a key nobody vouches for it.
    try sample.project.write(
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
      to: "known.pem")
    let unsigned = try sample.tool("lineage", "verify", "--public-key", "known.pem")
    #expect(unsigned.status == 4)
    #expect(unsigned.errors.contains("no checkpoint up to here is signed"))
  }

  @Test func verifyNamesTheEntryOfAChangedByte() throws {
    let sample = try SampleLineage()
    #expect(try sample.tool("lineage", "verify").status == 0)
    let log = sample.project.url.appendingPathComponent(".ratchet/lineage.jsonl")
    var bytes = try Data(contentsOf: log)
    bytes[bytes.count - 20] ^= 1
    try bytes.write(to: log)
    for arguments in [["lineage", "verify"], ["lineage", "verify", "--format", "json"]] {
      let run = try sample.tool.run(arguments)
      #expect(run.status == 4)
      #expect(run.output.isEmpty)
      #expect(run.errorLines.count == 1)
      #expect(run.errors.contains("entry 12"))
    }
    // No other command works on it, and none repairs it.
    #expect(try sample.tool("lineage", "log").status == 4)
    #expect(try sample.tool("apply", sample.scale).status == 4)
    #expect(try Data(contentsOf: log) == bytes)
  }

  @Test func jsonIsOneVersionedDocument() throws {
    let sample = try SampleLineage()
    let cases = [
      (["lineage", "log"], "ratchet.lineage.log/1"),
      (["lineage", "show", sample.scale], "ratchet.lineage.entry/1"),
      (["lineage", "diff", sample.scale], "ratchet.lineage.diff/1"),
      (["lineage", "tree"], "ratchet.lineage.tree/1"),
      (["lineage", "blame", "src/loops.c"], "ratchet.lineage.blame/1"),
      (["lineage", "verify"], "ratchet.lineage.verify/1"),
    ]
    for (arguments, schema) in cases {
      let run = try sample.tool.run(arguments + ["--format", "json"])
      #expect(run.status == 0)
      let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
      #expect((object as? [String: Any])?["schema"] as? String == schema)
    }
    let export = try sample.tool("lineage", "export")
    let document = try JSONSerialization.jsonObject(with: Data(export.output.utf8))
    #expect(((document as? [String: Any])?["entries"] as? [Any])?.count == 12)
  }

  @Test func theStateIsFoundFromBelow() throws {
    let sample = try SampleLineage()
    var tool = sample.tool
    tool.directory = sample.project.url.appendingPathComponent("src")
    #expect(try tool("lineage", "verify").status == 0)
    #expect(try tool("apply", sample.scale).status == 0)
    #expect(try tool("revert", sample.scale).status == 0)
  }
}
