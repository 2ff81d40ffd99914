import ExperimentRecords
import Foundation
import SystemPackage
import Testing

import enum Crypto.Curve25519

@testable import LineageLog

@Suite struct CheckpointTests {
  let scratch: Scratch
  let state: StateDirectory

  init() throws {
    scratch = try Scratch()
    state = scratch.state()
  }

  /// Roots over the first n of these leaves, as the test vectors of Certificate Transparency give them.
  @Test func rootsAreThoseOfCertificateTransparency() {
    let leaves: [[UInt8]] = [
      [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
      [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
      [
        0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
        0x6f,
      ],
    ]
    let roots = [
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    var tree = MerkleTree()
    #expect(tree.root.hex == roots[0])
    for (leaf, root) in zip(leaves, roots.dropFirst()) {
      tree.append(leaf)
      #expect(tree.root.hex == root)
    }
  }

  @Test func aLogThatWasExtendedHoldsAndARewrittenOneDoesNot() throws {
    let writer = try LineageWriter(state, command: "test")
    for number in 0..<5 { try writer.append(stop(number)) }
    let pinned = try sealed(writer.checkpoint())
    #expect(pinned.entries == 5)
    #expect(try sealed(writer.checkpoint()) == pinned, "nothing new was sealed twice")
    for number in 5..<9 { try writer.append(stop(number)) }
    try writer.checkpoint()
    writer.close()
    #expect(try Lineage.verify(state, extending: pinned).defect == nil)

    // A consistent chain of other entries, which a chain alone cannot tell from the first.
    let other = try Scratch()
    let forger = try LineageWriter(other.state(), command: "test")
    for number in [0, 1, 2, 7, 4, 5] { try forger.append(stop(number)) }
    forger.close()
    #expect(try Lineage.verify(other.state()).defect == nil)
    let defect = try Lineage.verify(other.state(), extending: pinned).defect
    #expect(defect?.line == 5)

    // A log that was cut behind an entry.
    let short = try Scratch()
    try makeLog(short.state(), count: 3)
    let cut = try Lineage.verify(short.state(), extending: pinned).defect
    #expect(cut?.reason.contains("the log ends here") == true)
  }

  @Test func aCheckpointThatDoesNotSayWhatLiesBeforeItIsFound() throws {
    let writer = try LineageWriter(state, command: "test")
    try writer.append(stop(0))
    try writer.append(.checkpoint(Checkpoint(entries: 1, root: .zero)))
    writer.close()
    let defect = try Lineage.verify(state).defect
    #expect(defect?.line == 2)
    #expect(defect?.reason == "its Merkle root is not that of the entries before it")
  }

  /// A log that was written anew with a seal that only looks like one's own is not sealed again.
  @Test func aForgedSealIsNotHandedOut() throws {
    let (file, key) = try makeKey("a")
    let writer = try LineageWriter(state, command: "test")
    try writer.append(stop(0))
    let forged = Checkpoint(
      entries: 1, root: writer.lineage.checkpoint(covering: 1).root,
      signature: .init(key: key.hex, value: String(repeating: "0", count: 128)))
    try writer.append(.checkpoint(forged))
    for key in [nil, try SigningKey(file: file)] {
      let error = #expect(throws: LineageError.self) { try writer.checkpoint(signedBy: key) }
      #expect(error?.exitCode == 4)
    }
  }

  /// `make durability` flips every bit of a log of 100 kB.
  @Test func everyFlippedBitOfALongLogIsFoundThoughThePinnedSealIsAllThatIsKept() throws {
    let isWhole = ProcessInfo.processInfo.environment["RATCHET_DURABILITY"] != nil
    let writer = try LineageWriter(state, command: "test")
    var number = 0
    repeat {
      try writer.append(stop(number))
      number += 1
    } while try scratch.bytes(of: state.log).count < (isWhole ? 100_000 : 8_000)
    let pinned = try sealed(writer.checkpoint())
    writer.close()
    let bytes = try scratch.bytes(of: state.log)
    let file = try FileHandle(forUpdating: URL(filePath: state.log.string))
    defer { try? file.close() }
    var line = 1
    for position in bytes.indices {
      for bit in 0..<8 where isWhole || bit == position % 8 {
        try file.seek(toOffset: UInt64(position))
        try file.write(contentsOf: [bytes[position] ^ 1 << bit])
        let found = lineOfDefect(extending: pinned)
        guard found == line else {
          Issue.record("bit \(bit) of byte \(position): line \(String(describing: found))")
          return
        }
      }
      try file.seek(toOffset: UInt64(position))
      try file.write(contentsOf: [bytes[position]])
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
    }
    #expect(try Lineage.verify(state, extending: pinned).defect == nil)
  }

  /// The line that verification names, in a report or, where it seems to be of another version, in an error.
  private func lineOfDefect(extending pinned: Checkpoint) -> Int? {
    do {
      return try Lineage.verify(state, extending: pinned).defect?.line
    } catch {
      return error.diagnostic.location?.line
    }
  }

  @Test func signaturesHoldForTheirKeyAlone() throws {
    let (file, key) = try makeKey("a")
    let (_, stranger) = try makeKey("b")
    let writer = try LineageWriter(state, command: "test")
    try writer.append(stop(0))
    let stored = try writer.checkpoint(signedBy: try SigningKey(file: file))
    let checkpoint = try sealed(stored)
    #expect(checkpoint.signature?.key == key.hex)
    #expect(try Lineage.verify(state).defect == nil)
    #expect(writer.lineage.entries(sealedBy: key) == 1)
    #expect(writer.lineage.entries(sealedBy: stranger) == nil)

    var forged = checkpoint
    forged.entries = 2
    forged.root = writer.lineage.checkpoint(covering: 2).root
    try writer.append(.checkpoint(forged))
    writer.close()
    #expect(try Lineage.verify(state).defect?.reason == "its signature does not hold")
  }

  @Test func aKeyThatOthersCanReadIsRefused() throws {
    let (file, _) = try makeKey("a")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.string)
    let error = #expect(throws: LineageError.self) { try SigningKey(file: file) }
    #expect(error?.diagnostic.message == "the signing key can be read by others")
    try scratch.write("no key", to: "c.pem")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: scratch.path.appending("c.pem").string)
    #expect(throws: LineageError.self) { try SigningKey(file: scratch.path.appending("c.pem")) }
  }

  private func sealed(_ stored: StoredEntry) throws -> Checkpoint {
    guard case .checkpoint(let checkpoint) = stored.entry.content else {
      throw LineageError.input(.init("no checkpoint"))
    }
    return checkpoint
  }

  /// A key pair as openssl writes it: RFC 8410's forms over a seed.
  private func makeKey(_ name: String) throws -> (FilePath, PublicKey) {
    let seed = ObjectStore.digest(of: Array(name.utf8)).bytes
    let pair = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    func pem(_ label: String, _ prefix: [UInt8], _ bytes: some Sequence<UInt8>) -> String {
      "-----BEGIN \(label)-----\n\(Data(prefix + bytes).base64EncodedString())\n-----END \(label)-----\n"
    }
    let header: [UInt8] = [0x2b, 0x65, 0x70]
    let file = scratch.path.appending("\(name).pem")
    try scratch.write(
      pem(
        "PRIVATE KEY", [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3] + header + [4, 0x22, 4, 0x20], seed),
      to: "\(name).pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.string)
    let known = scratch.path.appending("\(name).pub")
    try scratch.write(
      pem(
        "PUBLIC KEY", [0x30, 0x2a, 0x30, 5, 6, 3] + header + [3, 0x21, 0],
        pair.publicKey.rawRepresentation), to: "\(name).pub")
    return (file, try PublicKey(file: known))
  }
}
