import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage
import Testing

@Suite struct BundleCommandTests {
  /// A bundle of the sample's first winner in a directory in which nothing else is, the sample being gone.
  private func bundleAlone(signed: Bool = false) throws -> (
    alone: ProjectFolder, checkpoint: String
  ) {
    let alone = try ProjectFolder()
    var sample: SampleLineage? = try SampleLineage()
    guard var tool = sample?.tool else { return (alone, "") }
    if signed { tool.environment["RATCHET_SIGNING_KEY"] = try writeKey(in: alone) }
    let checkpoint = try tool("lineage", "checkpoint").output.trimmingCharacters(in: .newlines)
    let export = try tool("lineage", "export", sample?.scale ?? "", "-o", alone.path + "/b")
    #expect(export.status == 0, "\(export.errors)")
    #expect(export.output.contains("12 files about winner"))
    sample = nil
    return (alone, checkpoint)
  }

  /// The key pair of RFC 8032's first test, as openssl writes it.
  private func writeKey(in folder: ProjectFolder) throws -> String {
    let path = try folder.write(
      """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
      -----END PRIVATE KEY-----

      """, to: "key.pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    return path
  }

  @Test func verifiesInAnEmptyDirectoryWithAllElseAbsent() throws {
    let (alone, checkpoint) = try bundleAlone()
    let run = try alone.tool("lineage", "verify", "b")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("b: 12 files are as they were written, and say the same\n"))
    #expect(run.output.contains("src/loops.c:scale: unroll(loop: i, by: 4), tested"))
    #expect(run.output.contains("5 entries are shown to be in the log of checkpoint \(checkpoint)"))
    #expect(run.output.contains("nobody vouches for it as it is checked here"))
    let pinned = try alone.tool("lineage", "verify", "b", "--checkpoint", checkpoint)
    #expect(pinned.status == 0)
    #expect(pinned.output.contains("which is the given one"))
    #expect(!pinned.output.contains("nobody vouches"))
    let other = try alone.tool(
      "lineage", "verify", "b", "--checkpoint", "12:" + String(repeating: "0", count: 64))
    expectOneLine(other, status: 4, says: ["b/entries.jsonl", "not the given one"])
    let json = try alone.tool("lineage", "verify", "b", "--format", "json")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "ratchet.lineage.bundle/1")
    #expect(document["verified"] as? Bool == true)
    #expect(document["vouched"] as? Bool == false)
    #expect(document["proven"] as? Int == 5)
  }

  @Test func anAlteredByteFailsAndNamesTheFile() throws {
    let (alone, _) = try bundleAlone()
    for name in try FileManager.default.contentsOfDirectory(atPath: alone.path + "/b") {
      let bytes = try alone.read("b/" + name)
      var altered = bytes
      altered[bytes.count / 2] ^= 1
      try altered.write(to: alone.url.appendingPathComponent("b/" + name))
      for format in ["text", "json"] {
        let run = try alone.tool("lineage", "verify", "b", "--format", format)
        expectOneLine(run, status: 4, says: ["b/" + name])
      }
      try bytes.write(to: alone.url.appendingPathComponent("b/" + name))
    }
    try alone.write("x", to: "b/more")
    expectOneLine(try alone.tool("lineage", "verify", "b"), status: 4, says: ["b/more"])
    try FileManager.default.removeItem(atPath: alone.path + "/b/more")
    try FileManager.default.removeItem(atPath: alone.path + "/b/candidate.c")
    expectOneLine(
      try alone.tool("lineage", "verify", "b"), status: 4, says: ["b/candidate.c", "is missing"])
  }

  @Test func plainToolsCheckItAsItSays() throws {
    let (alone, _) = try bundleAlone()
    for command in [
      "sha256sum -c --quiet SHA256SUMS",
      "patch -s -o - original.c change.patch | cmp - candidate.c",
      "for n in 1 2 3 4; do d=$(sed -n ${n}p entries.jsonl | cut -c85- | sed 's/}$//' | tr -d '\\n' "
        + "| sha256sum | cut -c-64); sed -n ${n}p entries.jsonl | grep -q \"^{.sha256.:.$d\" || exit 1; done",
    ] {
      let run = try alone.tool.other("sh", "-c", "cd b && " + command)
      #expect(run.status == 0, "\(command): \(run.output)\(run.errors)")
    }
    let readme = String(decoding: try alone.read("b/README.txt"), as: UTF8.self)
    for command in [
      "sha256sum -c SHA256SUMS", "patch -s -o - original.c", "| cut -c85- | sed 's/}$//'",
    ] {
      #expect(readme.contains(command))
    }
  }

  @Test func signaturesAreThoseOfTheGivenKey() throws {
    let (alone, _) = try bundleAlone(signed: true)
    let mine = try alone.write(
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n",
      to: "mine.pem")
    let other = try alone.write(
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n-----END PUBLIC KEY-----\n",
      to: "other.pem")
    let run = try alone.tool("lineage", "verify", "b")
    #expect(run.status == 0)
    #expect(run.output.contains("signed by key"))
    let right = try alone.tool("lineage", "verify", "b", "--public-key", mine)
    #expect(right.status == 0, "\(right.errors)")
    #expect(right.output.contains("both statements are signed by the given key"))
    #expect(!right.output.contains("nobody vouches"))
    expectOneLine(
      try alone.tool("lineage", "verify", "b", "--public-key", other), status: 4,
      says: ["is not signed by the given key"])
  }

  @Test func whatCannotBeExportedIsSaid() throws {
    let sample = try SampleLineage()
    let tool = sample.tool
    let early = try tool("lineage", "export", sample.scale, "-o", "early")
    #expect(early.status == 0)
    #expect(early.errors.contains("no checkpoint covers the winner"))
    #expect(early.errors.contains("it is not signed"))
    #expect(
      try tool("lineage", "verify", "early").output.contains("no entry is shown to be in a log"))
    expectOneLine(
      try tool("lineage", "export", sample.scale, "-o", "early"), status: 2, says: ["not empty"])
    expectOneLine(
      try tool("lineage", "export", sample.refused, "-o", "x"), status: 2, says: ["is no winner"])
    expectOneLine(try tool("lineage", "export", sample.scale), status: 64, says: ["-o"])
    expectOneLine(
      try tool("lineage", "verify", "early", "--state", ".ratchet"), status: 64, says: ["--state"])
    expectOneLine(try tool("lineage", "verify", "src"), status: 2, says: ["no evidence bundle"])
    expectOneLine(try tool("lineage", "verify", "nothing"), status: 2, says: ["no such directory"])
    let digest = ObjectStore.digest(of: Array(SampleLineage.scaled.utf8)).hex
    let path = sample.project.path + "/.ratchet/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    try FileManager.default.removeItem(atPath: path)
    expectOneLine(
      try tool("lineage", "export", sample.scale, "-o", "x"), status: 2, says: ["is missing"])
    #expect(!FileManager.default.fileExists(atPath: sample.project.path + "/x"))
  }
}
