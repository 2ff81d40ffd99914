import ExperimentRecords
import Testing

import struct Crypto.SHA256

@testable import LineageLog

@Suite struct InclusionProofTests {
  /// The leaves and paths of Certificate Transparency's test vectors.
  static let leaves: [[UInt8]] = [
    [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
    [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    [
      0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
      0x6f,
    ],
  ]

  @Test(arguments: [
    (0, 1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", [String]()),
    (
      0, 8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ]
    ),
    (
      5, 8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
      [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ]
    ),
    (
      2, 3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]
    ),
    (
      1, 5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ]
    ),
  ])
  func pathsAreThoseOfCertificateTransparency(
    index: Int, size: Int, root: String, path: [String]
  ) throws {
    let proof = try #require(
      MerkleTree.proofs(of: [index], in: Self.leaves.prefix(size)).first)
    #expect(proof.path.map(\.hex) == path)
    #expect(proof.root(over: Self.leaves[index], size: size)?.hex == root)
  }

  @Test func pathsOfAllSmallTreesAreThoseOfTheDefinition() {
    for size in 1...40 {
      let leaves = (0..<size).map { [UInt8($0), 7] }
      let root = Definition.root(leaves[...])
      let proofs = MerkleTree.proofs(of: Array(0..<size), in: leaves)
      for (index, proof) in proofs.enumerated() {
        #expect(proof.path.map(\.bytes) == Definition.path(index, leaves[...]))
        #expect(proof.root(over: leaves[index], size: size)?.bytes == root)
      }
    }
  }

  @Test func aProofOfSomethingElseProvesNothing() {
    for size in [1, 2, 3, 5, 8, 13, 21] {
      let leaves = (0..<size).map { [UInt8($0), 7] }
      let root = Definition.root(leaves[...])
      for proof in MerkleTree.proofs(of: Array(0..<size), in: leaves) {
        func changed(_ change: (inout InclusionProof) -> Void) -> [UInt8]? {
          var other = proof
          change(&other)
          return other.root(over: leaves[proof.index], size: size)?.bytes
        }
        #expect(changed { _ in } == root)
        #expect(changed { $0.index += 1 } != root)
        #expect(changed { $0.index -= 1 } != root)
        #expect(changed { $0.path.append(.zero) } == nil)
        #expect(changed { $0.path.insert(.zero, at: 0) } == nil)
        if !proof.path.isEmpty { #expect(changed { $0.path.removeLast() } == nil) }
        #expect(proof.root(over: [255, 7], size: size)?.bytes != root)
        #expect(proof.root(over: leaves[proof.index], size: 2 * size)?.bytes != root)
        for place in proof.path.indices {
          #expect(changed { $0.path[place] = .zero } != root)
        }
      }
    }
    #expect(InclusionProof(index: 0, path: []).root(over: [0], size: 0) == nil)
    #expect(InclusionProof(index: -1, path: []).root(over: [0], size: 1) == nil)
    #expect(InclusionProof(index: .max, path: []).root(over: [0], size: .max) == nil)
  }
}

/// RFC 9162, sections 2.1.1 and 2.1.3.1, letter by letter.
private enum Definition {
  static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    guard leaves.count > 1 else { return Array(SHA256.hash(data: [0] + (leaves.first ?? []))) }
    let k = split(leaves.count)
    return Array(
      SHA256.hash(data: [1] + root(leaves.prefix(k)) + root(leaves.dropFirst(k))))
  }

  static func path(_ m: Int, _ leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
    guard leaves.count > 1 else { return [] }
    let k = split(leaves.count)
    return m < k
      ? path(m, leaves.prefix(k)) + [root(leaves.dropFirst(k))]
      : path(m - k, leaves.dropFirst(k)) + [root(leaves.prefix(k))]
  }

  /// The largest power of two below `n`.
  private static func split(_ n: Int) -> Int {
    var k = 1
    while 2 * k < n { k *= 2 }
    return k
  }
}
