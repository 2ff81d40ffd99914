import Foundation
import Testing

/// Every command that reads a lineage reads those of old versions, and leaves them as they are.
@Suite struct OldLineageCommandTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/lineage")

  private static let commands = [
    ["lineage", "verify"], ["lineage", "log"], ["lineage", "log", "--format", "json"],
    ["lineage", "tree"], ["lineage", "export"], ["lineage", "rejudge", "--dry-run"], ["report"],
    ["report", "--format", "markdown"], ["report", "--format", "json"], ["audit"],
    ["audit", "--format", "json"],
  ]

  @Test(arguments: [
    "format-1", "format-1-statistics", "format-1-checkpoints", "format-1-retraction",
    "format-1-from-later",
  ])
  func isReadAndLeftAsItIs(_ name: String) throws {
    let project = try ProjectFolder()
    let state = project.path + "/.ratchet"
    try FileManager.default.copyItem(
      atPath: Self.folder.appending(path: name).path(), toPath: state)
    let before = try project.snapshot()
    for command in Self.commands {
      let run = try project.tool.run(command)
      #expect(run.status == 0, "\(command): \(run.errors)")
      #expect(!run.output.isEmpty, "\(command)")
    }
    #expect(try project.snapshot() == before)
  }

  @Test(arguments: ["format-2", "version-2"])
  func aHigherVersionIsRefusedInOneLine(_ name: String) throws {
    let project = try ProjectFolder()
    try FileManager.default.copyItem(
      atPath: Self.folder.appending(path: "refused/\(name)").path(),
      toPath: project.path + "/.ratchet")
    let before = try project.snapshot()
    for command in Self.commands + [["lineage", "rejudge"], ["apply", "--all"]] {
      expectOneLine(
        try project.tool.run(command), status: 2, says: ["another version", "use a newer ratchet"])
    }
    #expect(try project.snapshot()[".ratchet/lineage.jsonl"] == before[".ratchet/lineage.jsonl"])
  }
}
