import ExperimentRecords
import Foundation
import Testing

@testable import LineageLog

@Suite struct EvidenceBundleTests {
  let lineage: WinnerLineage
  let key: SigningKey
  let known: PublicKey

  init() throws {
    let scratch = try Scratch()
    (key, known) = try scratch.keyPair("owner")
    lineage = try WinnerLineage(signedBy: key)
  }

  static let sample = "samples/\(ObjectStore.digest(of: WinnerLineage.samples))"

  @Test func holdsWhatTheWinnerRestsOn() throws {
    let bundle = try lineage.bundle(signedBy: key)
    #expect(Set(bundle.files.keys) == Set(BundleFile.required + [Self.sample]))
    #expect(bundle.files["original.c"] == WinnerLineage.original)
    #expect(bundle.files["candidate.c"] == WinnerLineage.candidate)
    let entries = try BundleEntries(bundle.files["entries.jsonl"] ?? [])
    #expect(
      entries.all.map(\.kind) == [
        "campaignStarted", "baseline", "proposal", "winner", "applied", "checkpoint", "approval",
      ])
    let log = try lineage.scratch.text(of: ".ratchet/lineage.jsonl").split(separator: "\n")
    for line in String(decoding: bundle.files["entries.jsonl"] ?? [], as: UTF8.self).split(
      separator: "\n")
    {
      #expect(log.contains(line), "letter by letter")
    }

    let report = try bundle.verify(signedBy: known, checkpoint: lineage.seal)
    #expect(report.winner == lineage.winner)
    #expect(report.entries == 7 && report.proven == 5)
    #expect(report.signers == [known.hex])
    #expect(report.checkpoint == lineage.seal)
    #expect(report.missingSamples == 0)
    #expect(report.gains.first?.speedup.median == 2)
    #expect(try lineage.bundle(signedBy: key) == bundle, "the same lineage gives the same bundle")
  }

  @Test func readsAsItIsMeantTo() throws {
    let readme = String(
      decoding: try lineage.bundle().files["README.txt"] ?? [], as: UTF8.self)
    for piece in [
      "An evidence bundle of ratchet, format 1.", "Rewritten: 'f' in src/a.c",
      "Recipe:    unroll(loop: i, by: 4)", "Verdict:   bounded", "2.00x [1.90, 2.10] on 'small'",
      "ratchet verify original.c candidate.c --function f --fp exact --cc /usr/bin/clang --seed 7 "
        + #"--cflags '-O3 -I '\''a dir'\'''"#,
      "ratchet lineage replay \(lineage.winner.short)",
    ] {
      #expect(readme.contains(piece), "\(piece) is not in:\n\(readme)")
    }
  }

  /// The shapes that in-toto and SLSA ask for, looked at by another JSON reader.
  @Test func statesWhatInTotoAndSLSADescribe() throws {
    let bundle = try lineage.bundle(signedBy: key)
    for (name, type) in [
      ("test-result.intoto.json", "https://in-toto.io/attestation/test-result/v0.1"),
      ("provenance.intoto.json", "https://slsa.dev/provenance/v1"),
    ] {
      let envelope = try #require(try object(bundle.files[name] ?? []))
      #expect(envelope["payloadType"] as? String == "application/vnd.in-toto+json")
      let signature = try #require((envelope["signatures"] as? [[String: String]])?.first)
      #expect(signature["keyid"] == known.hex)
      let payload = try #require(
        (envelope["payload"] as? String).flatMap { Data(base64Encoded: $0) })
      let statement = try #require(try object(Array(payload)))
      #expect(statement["_type"] as? String == "https://in-toto.io/Statement/v1")
      #expect(statement["predicateType"] as? String == type)
      let subjects = try #require(statement["subject"] as? [[String: Any]])
      #expect(subjects.map { $0["name"] as? String } == ["candidate.c", "change.patch"])
      let predicate = try #require(statement["predicate"] as? [String: Any])
      var described = subjects
      if type.hasPrefix("https://slsa") {
        let definition = try #require(predicate["buildDefinition"] as? [String: Any])
        let run = try #require(predicate["runDetails"] as? [String: Any])
        #expect(definition["buildType"] is String)
        #expect((definition["externalParameters"] as? [String: Any])?["recipe"] is String)
        #expect((run["builder"] as? [String: Any])?["id"] is String)
        let metadata = try #require(run["metadata"] as? [String: String])
        #expect(metadata["invocationId"] == "c1")
        #expect(metadata["startedOn"].flatMap { Timestamp($0) } != nil)
        described += try #require(definition["resolvedDependencies"] as? [[String: Any]])
        described += try #require(run["byproducts"] as? [[String: Any]])
      } else {
        #expect(predicate["result"] as? String == "WARNED", "L7 is open")
        #expect(predicate["passedTests"] as? [String] == ["L0 Form", "L2 Differential"])
        #expect(predicate["warnedTests"] as? [String] == ["L7 Parametric"])
        #expect(predicate["failedTests"] as? [String] == [])
        described += try #require(predicate["configuration"] as? [[String: Any]])
      }
      let names = described.compactMap { $0["name"] as? String }
      let others = Set(bundle.files.keys.filter { !$0.hasSuffix(".intoto.json") })
      #expect(names.count == others.count && Set(names) == others, "each file is named once")
      for one in described {
        let digest = (one["digest"] as? [String: String])?["sha256"]
        let bytes = (one["name"] as? String).flatMap { bundle.files[$0] } ?? []
        #expect(digest == ObjectStore.digest(of: bytes).hex)
      }
    }
  }

  @Test func aRetractedWinnerIsToldAndFails() throws {
    let writer = try LineageWriter(lineage.state, command: "test")
    for winner in [lineage.winner, .zero] {
      try writer.append(
        .retracted(
          Retracted(
            winner: winner, kernel: KernelName(file: "src/a.c", function: "f"), judgement: .zero,
            reason: "it is refuted")))
    }
    writer.close()
    let bundle = try lineage.bundle()
    let report = try bundle.verify()
    #expect(report.entries == 8)
    #expect(report.retractions.count == 1)
    let envelope = try #require(
      AttestationEnvelope(file: bundle.files["test-result.intoto.json"] ?? []))
    let statement = try JSONValue(parsing: envelope.payload)
    #expect(statement["predicate"]?["result"]?.string == "FAILED")
  }

  @Test func withoutACheckpointNothingIsProvenAndSaidSo() throws {
    let unsealed = try WinnerLineage(isSealed: false)
    let report = try unsealed.bundle().verify()
    #expect(report.checkpoint == nil && report.proven == 0)
    #expect(report.entries == 5)
    let defect = #expect(throws: BundleDefect.self) {
      try unsealed.bundle().verify(checkpoint: lineage.seal)
    }
    #expect(defect?.reason == "it holds no checkpoint that covers the winner")
  }

  @Test func whatIsNotThereIsNotExported() throws {
    for digest in [WinnerLineage.original, WinnerLineage.candidate].map(ObjectStore.digest) {
      let other = try WinnerLineage()
      let path = ObjectStore(other.state).path(of: digest).string
      try FileManager.default.removeItem(atPath: path)
      let error = #expect(throws: LineageError.self) { try other.bundle() }
      #expect(error?.diagnostic.message == "object '\(digest.short)' is missing")
    }
    let samples = ObjectStore(lineage.state).path(of: ObjectStore.digest(of: WinnerLineage.samples))
    try FileManager.default.removeItem(atPath: samples.string)
    #expect(try lineage.bundle().verify().missingSamples == 1)
    #expect(throws: LineageError.self) { try EvidenceBundle(ofWinner: "ffff", in: lineage.state) }
    let first = try Lineage.read(lineage.state).entries[0].id.short
    let error = #expect(throws: LineageError.self) {
      try EvidenceBundle(ofWinner: first, in: lineage.state)
    }
    #expect(error?.diagnostic.message.contains("is no winner") == true)
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any]? {
    try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
  }
}
