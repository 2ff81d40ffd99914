import ExperimentRecords
import Foundation
import Testing

@testable import LineageLog

@Suite struct AlteredBundleTests {
  let bundle: EvidenceBundle
  let lineage: WinnerLineage
  let key: SigningKey
  let known: PublicKey
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    (key, known) = try scratch.keyPair("owner")
    lineage = try WinnerLineage(signedBy: key)
    bundle = try lineage.bundle(signedBy: key)
  }

  static let names = BundleFile.required + [EvidenceBundleTests.sample]

  @Test(arguments: names)
  func everyAlteredByteIsFoundInItsFile(name: String) throws {
    let bytes = try #require(bundle.files[name])
    for position in bytes.indices {
      var altered = bundle
      altered.files[name]?[position] ^= 1 << UInt8(position % 8)
      guard expectDefect(in: altered, at: [name], "byte \(position)") else { return }
    }
    for other in [[], Array(bytes.dropLast()), Array(bytes.dropFirst()), bytes + bytes.suffix(1)] {
      var altered = bundle
      altered.files[name] = other
      guard expectDefect(in: altered, at: [name], "\(other.count) of \(bytes.count) bytes") else {
        return
      }
    }
  }

  @Test func missingAndStrangeFilesAreFound() {
    for name in BundleFile.required {
      var altered = bundle
      altered.files[name] = nil
      expectDefect(in: altered, at: [name], "missing")
    }
    var altered = bundle
    altered.files[EvidenceBundleTests.sample] = nil
    // What a measurement names and nobody kept: the documents tell.
    expectDefect(in: altered, at: ["measurements.json"], "missing")
    for name in ["x", "../x", "samples/\(Digest.zero)", "samples/x", "README.txt/x", ""] {
      var altered = bundle
      altered.files[name] = [1]
      expectDefect(in: altered, at: [name], "strange")
    }
  }

  @Test func swappedFilesAreFound() {
    for first in Self.names {
      for second in Self.names where first < second {
        var altered = bundle
        altered.files[first] = bundle.files[second]
        altered.files[second] = bundle.files[first]
        expectDefect(in: altered, at: [first, second], "swapped")
      }
    }
  }

  @Test func linesThatAreLeftOutDoubledOrMovedAreFound() throws {
    let lines = try #require(bundle.files["entries.jsonl"]).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true
    ).map { Array($0) + [UInt8(ascii: "\n")] }
    func check(_ lines: [[UInt8]], _ what: String) {
      var altered = bundle
      altered.files["entries.jsonl"] = lines.flatMap { $0 }
      expectDefect(in: altered, at: nil, what)
      // Nor when everything else is made to fit.
      guard let fitted = try? refitted(altered) else { return }
      expectDefect(in: fitted, at: nil, "\(what), fitted", signedBy: known)
    }
    for index in lines.indices {
      var fewer = lines
      fewer.remove(at: index)
      check(fewer, "without line \(index)")
      check(lines + [lines[index]], "line \(index) twice")
      guard index > 0 else { continue }
      var moved = lines
      moved.swapAt(index - 1, index)
      check(moved, "line \(index) before the one before it")
    }
    check([], "no line")
  }

  /// A lineage that somebody made up holds, and nobody vouches for it.
  @Test func whatIsMadeUpAsAWholeHasNoKeyAndAnotherCheckpoint() throws {
    let forged = try WinnerLineage(median: 20).bundle()
    #expect(try forged.verify().signers.isEmpty)
    expectDefect(
      in: forged, at: ["provenance.intoto.json"], "not signed", signedBy: known)
    let defect = #expect(throws: BundleDefect.self) { try forged.verify(checkpoint: lineage.seal) }
    #expect(defect?.reason.hasSuffix("not the given one") == true)

    let (stranger, _) = try scratch.keyPair("stranger")
    let signed = try WinnerLineage(median: 20, signedBy: stranger).bundle(signedBy: stranger)
    #expect(try signed.verify().signers.count == 1)
    let wrong = #expect(throws: BundleDefect.self) { try signed.verify(signedBy: known) }
    #expect(wrong?.reason == "it is not signed by the given key")

    // With statements that the owner signed over another bundle.
    var mixed = signed
    for name in [BundleFile.testResult, BundleFile.provenance] {
      mixed.files[name] = bundle.files[name]
    }
    expectDefect(in: mixed, at: ["provenance.intoto.json"], "mixed")
  }

  /// One entry rewritten with a sound digest, and all that follows from it made again.
  @Test func oneEntryRewrittenIsNotInTheCheckpoint() throws {
    let text = String(decoding: bundle.files["entries.jsonl"] ?? [], as: UTF8.self)
    var lines = text.split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex { $0.contains(#""kind":"applied""#) })
    let body = String(lines[place].dropFirst(84).dropLast()).replacing(
      #""by":"ada""#, with: #""by":"eve""#)
    let id = ObjectStore.digest(of: Array(body.utf8))
    lines[place] = "{\"sha256\":\"\(id)\",\"body\":\(body)}"
    var altered = bundle
    altered.files["entries.jsonl"] = Array(lines.map { $0 + "\n" }.joined().utf8)
    altered.files["proofs.json"] = Array(
      String(decoding: bundle.files["proofs.json"] ?? [], as: UTF8.self).replacing(
        String(text.split(separator: "\n")[place].dropFirst(11).prefix(64)),
        with: id.hex
      ).utf8)
    let defect = #expect(throws: BundleDefect.self) { try refitted(altered).verify() }
    #expect(defect?.file == "proofs.json")
    #expect(defect?.reason == "entry '\(id.short)' is not shown to be in the log of the checkpoint")
  }

  @Test func signaturesAreThoseOfTheirKeys() throws {
    var stripped = bundle
    for name in [BundleFile.testResult, BundleFile.provenance] {
      var envelope = try #require(AttestationEnvelope(file: bundle.files[name] ?? []))
      envelope.signatures = []
      stripped.files[name] = envelope.bytes
    }
    #expect(try stripped.verify().signers.isEmpty)
    expectDefect(in: stripped, at: ["provenance.intoto.json"], "stripped", signedBy: known)

    let (_, other) = try scratch.keyPair("stranger")
    var renamed = bundle
    var envelope = try #require(
      AttestationEnvelope(file: bundle.files[BundleFile.testResult] ?? []))
    envelope.signatures[0].key = other.hex
    renamed.files[BundleFile.testResult] = envelope.bytes
    expectDefect(in: renamed, at: ["test-result.intoto.json"], "another's name")
  }

  @Test func aBundleOfALaterFormatIsNoAlteredOne() throws {
    var later = bundle
    later.files["proofs.json"] = Array(
      String(decoding: bundle.files["proofs.json"] ?? [], as: UTF8.self)
        .replacing("ratchet.bundle.proofs/1", with: "ratchet.bundle.proofs/2").utf8)
    expectDefect(in: later, at: ["proofs.json"], "altered")
    let others = [BundleFile.sums, BundleFile.testResult, BundleFile.provenance]
    later.files[BundleFile.sums] = sums(of: later.files.filter { !others.contains($0.key) })
    let defect = #expect(throws: BundleDefect.self) { try later.verify() }
    #expect(defect?.isOtherVersion == true && defect?.exitCode == 2)
  }

  /// `bundle` with everything made again that follows from other files.
  private func refitted(_ bundle: EvidenceBundle) throws -> EvidenceBundle {
    var result = bundle
    let entries = try BundleEntries(bundle.files["entries.jsonl"] ?? [])
    result.files.merge(result.derived(from: entries)) { $1 }
    let others = [BundleFile.sums, BundleFile.testResult, BundleFile.provenance]
    result.files[BundleFile.sums] = sums(of: result.files.filter { !others.contains($0.key) })
    for (name, payload) in result.statements(about: entries) {
      result.files[name] = try AttestationEnvelope(payload, signedBy: nil).bytes
    }
    return result
  }

  @discardableResult
  private func expectDefect(
    in bundle: EvidenceBundle, at names: [String]?, _ what: String, signedBy key: PublicKey? = nil
  ) -> Bool {
    do {
      _ = try bundle.verify(signedBy: key)
      Issue.record("\(names?.joined(separator: ", ") ?? ""), \(what): nothing is found")
    } catch {
      if error.exitCode == 4, names?.contains(error.file) ?? true { return true }
      Issue.record("\(names?.joined(separator: ", ") ?? ""), \(what): \(error)")
    }
    return false
  }
}
