import ExperimentRecords
import Foundation
import SystemPackage
import Testing

@testable import LineageLog

/// Whose word opens L2, over logs that say what no person said.
@Suite struct ApprovalRuleTests {
  private let scratch: Scratch
  private let writer: LineageWriter
  private let subject = ObjectStore.digest(of: Array("winner".utf8))
  private let ada: SigningKey
  private let eve: SigningKey

  init() throws {
    scratch = try Scratch()
    writer = try LineageWriter(scratch.state(), command: "test")
    ada = try Self.key("ada", scratch)
    eve = try Self.key("eve", scratch)
  }

  private var rule: ApprovalRule {
    get throws { ApprovalRule(.keys([try ada.publicKey: "ada"])) }
  }

  private var isApproved: Bool {
    get throws { try rule.approves(subject, in: writer.lineage) }
  }

  @discardableResult
  private func say(
    _ granted: Bool, by key: SigningKey? = nil, on other: Digest? = nil
  ) throws -> StoredEntry {
    var approval = Approval(subject: other ?? subject, granted: granted, by: "test")
    if let key { approval = try key.sign(approval, after: writer.lineage.head) }
    return try writer.append(.approval(approval))
  }

  @Test func aSignedWordCountsUntilItIsTakenBack() throws {
    #expect(try !isApproved)
    try say(true, by: ada)
    #expect(try isApproved)
    try say(false)
    #expect(try !isApproved, "a refusal needs no key")
    try say(true, by: ada)
    #expect(try isApproved)
    try say(false, by: ada)
    #expect(try !isApproved)
  }

  @Test func aWordWithoutTheRightKeyIsNone() throws {
    try say(true)
    #expect(try !isApproved)
    #expect(try rule.obstacle(to: subject, in: writer.lineage).contains("not signed"))
    try say(true, by: eve)
    #expect(try !isApproved)
    var forged = Approval(subject: subject, granted: true, by: "ada")
    forged = try eve.sign(forged, after: writer.lineage.head)
    forged.signature?.key = try ada.publicKey.hex
    try writer.append(.approval(forged))
    #expect(try !isApproved)
  }

  @Test func aWordThatIsSaidAgainByCopyingItIsNone() throws {
    let first = try say(true, by: ada)
    try say(false, by: ada)
    try writer.append(first.entry.content)
    #expect(try !isApproved)
  }

  @Test func aWordOnAnotherEntryIsNone() throws {
    try say(true, by: ada, on: .zero)
    #expect(try !isApproved)
    guard case .approval(var moved) = try say(true, by: ada, on: .zero).entry.content else {
      return
    }
    moved.subject = subject
    try writer.append(.approval(moved))
    #expect(try !isApproved)
    let no = try ada.sign(
      Approval(subject: subject, granted: false, by: "ada"), after: writer.lineage.head)
    var turned = no
    turned.granted = true
    try writer.append(.approval(turned))
    #expect(try !isApproved)
  }

  @Test func withoutKeysOnlyWhatThisAccountTypedCounts() throws {
    let stored = try say(true)
    let lineage = writer.lineage
    #expect(!ApprovalRule(.typed([])).approves(subject, in: lineage))
    #expect(ApprovalRule(.typed([stored.id])).approves(subject, in: lineage))
    #expect(!ApprovalRule(.typed([stored.id])).approves(subject, in: lineage, before: 0))
    try say(false)
    #expect(!ApprovalRule(.typed([stored.id])).approves(subject, in: writer.lineage))
    #expect(ApprovalRule.declines(subject, in: writer.lineage))
  }

  @Test func publicKeysAreReadInBothForms() throws {
    let key = try ada.publicKey
    #expect(PublicKey(key.hex) == key)
    let der = try #require(bytes(hexadecimal: "302a300506032b6570032100" + key.hex))
    #expect(PublicKey(Data(der).base64EncodedString()) == key)
    for text in ["", "ada", String(key.hex.dropLast()), Data(der.dropLast()).base64EncodedString()]
    {
      #expect(PublicKey(text) == nil, "\(text)")
    }
  }

  /// A private key as openssl writes it (RFC 8410).
  private static func key(_ name: String, _ scratch: Scratch) throws -> SigningKey {
    let seed = ObjectStore.digest(of: Array(name.utf8)).bytes
    let prefix = try #require(bytes(hexadecimal: "302e020100300506032b657004220420"))
    let text = Data(prefix + seed).base64EncodedString()
    try scratch.write(
      "-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n", to: "\(name).pem")
    let file = scratch.path.appending("\(name).pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.string)
    return try SigningKey(file: file)
  }
}

/// Changes of the last day, whatever the clock says.
@Suite struct AcceptedChangesTests {
  private func lineage(_ hours: [Int64]) throws -> Lineage {
    try Lineage(
      hours.map { hour in
        LineageEntry(
          time: Timestamp(milliseconds: hour * 3_600_000),
          .applied(
            Applied(
              winner: .zero, kernel: KernelName(file: "a.c", function: "f"), before: .zero,
              after: .zero)))
      })
  }

  @Test func onlyTheLastDayCounts() throws {
    let lineage = try lineage([0, 10, 30])
    let hour = { (number: Int64) in Timestamp(milliseconds: number * 3_600_000 + 1) }
    #expect(lineage.acceptedChanges(inTheDayBefore: hour(31)) == 2)
    #expect(lineage.acceptedChanges(inTheDayBefore: hour(53)) == 1)
    #expect(lineage.acceptedChanges(inTheDayBefore: hour(54)) == 0)
  }

  @Test func aClockThatIsSetBackHidesNothing() throws {
    let lineage = try lineage([100, 101])
    let now = Timestamp(milliseconds: 50 * 3_600_000)
    #expect(lineage.acceptedChanges(inTheDayBefore: now) == 2)
    // Entries that seem old behind one that is not.
    #expect(try self.lineage([100, 3]).acceptedChanges(inTheDayBefore: now) == 2)
  }
}

/// Parts of a state directory that lead elsewhere.
@Suite struct StateLinkTests {
  @Test(arguments: ["tmp", "objects", "torn", "lineage.jsonl", "lock", ".gitignore"])
  func aPlantedLinkIsRefusedAndChangesNothing(part: String) throws {
    let scratch = try Scratch()
    try makeLog(scratch.state(), count: 1)
    let place = scratch.path.appending(".ratchet").appending(part).string
    let files = FileManager.default
    if files.fileExists(atPath: place) { try files.removeItem(atPath: place) }
    let victim = scratch.path.appending("documents").string
    try files.createDirectory(atPath: victim, withIntermediateDirectories: true)
    try scratch.write("mine\n", to: "documents/letter")
    let isDirectory = ["tmp", "objects", "torn"].contains(part)
    try files.createSymbolicLink(
      atPath: place, withDestinationPath: isDirectory ? victim : victim + "/letter")
    let error = #expect(throws: LineageError.self) {
      try LineageWriter(scratch.state(), command: "test")
    }
    #expect(error?.diagnostic.message.contains("symbolic link") == true)
    #expect(try scratch.text(of: "documents/letter") == "mine\n")
    #expect(try files.contentsOfDirectory(atPath: victim) == ["letter"])
  }
}
