import Foundation
import Testing

@Suite struct AuditTests {
  @Test func onePageTellsLevelLogSourcesAndLimits() throws {
    let sample = try SampleLineage()
    #expect(try sample.tool("apply", sample.scale).status == 0)
    try sample.project.write("version: 1\nlevel: L2\n", to: ".ratchet.yml")
    let before = try sample.project.snapshot()
    let run = try sample.tool("audit")
    #expect(run.status == 0, "\(run.errors)")
    for piece in [
      "level: L2 at most, set by", ".ratchet.yml",
      "14 entries and 5 objects are as they were written",
      "not signed; 0 since", "src/loops.c, as recorded: scale by \(sample.scale.prefix(12))",
      "c0ffee00 by tester: completed", "applied src/loops.c:scale: winner",
      "known to be wrong and accepted:",
    ] {
      #expect(run.output.contains(piece), "\(piece) is not in:\n\(run.output)")
    }
    let json = try sample.tool("audit", "--format", "json")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "ratchet.audit/1")
    #expect(try sample.project.snapshot() == before)
  }

  @Test func aChangedFileAndADamagedLogAreTold() throws {
    let sample = try SampleLineage()
    _ = try sample.tool("apply", sample.scale)
    try sample.project.write("// mine\n" + SampleLineage.scaled, to: "src/loops.c")
    #expect(try sample.tool("audit").output.contains("src/loops.c, changed since"))
    let log = sample.project.url.appendingPathComponent(".ratchet/lineage.jsonl")
    var bytes = try Data(contentsOf: log)
    bytes[bytes.count - 20] ^= 1
    try bytes.write(to: log)
    expectOneLine(try sample.tool("audit"), status: 4, says: ["entry"])
  }
}
