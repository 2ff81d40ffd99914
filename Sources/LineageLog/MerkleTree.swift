public import ExperimentRecords
import Foundation

import struct Crypto.SHA256

/// The Merkle tree over a growing list, of which only the roots of the complete subtrees are kept.
///
/// Source: RFC 9162 (Certificate Transparency 2.0), section 2.1.1: a leaf is hashed behind the byte 0, a
/// node behind the byte 1, and the left subtree has the largest power of two of leaves below the whole.
public struct MerkleTree: Sendable {
  /// How many leaves there are.
  public private(set) var count = 0
  /// The roots of complete subtrees, largest first: one for each bit of `count`.
  private var roots: [[UInt8]] = []

  /// Creates the tree without leaves.
  public init() {}

  /// Adds a leaf with the content `bytes`.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    var node = Self.hash(0, bytes)
    var height = count
    while height & 1 == 1 {
      node = Self.hash(1, roots.removeLast() + node)
      height >>= 1
    }
    roots.append(node)
    count += 1
  }

  /// The hash of the whole tree; of nothing when it is empty.
  public var root: Digest {
    guard var node = roots.last else { return Digest(of: [UInt8]()) }
    for left in roots.dropLast().reversed() { node = Self.hash(1, left + node) }
    guard let digest = Digest(bytes: node) else { preconditionFailure("SHA-256 gives 32 bytes") }
    return digest
  }

  private static func hash(_ prefix: UInt8, _ bytes: some Sequence<UInt8>) -> [UInt8] {
    Array(SHA256.hash(data: [prefix] + bytes))
  }
}

extension MerkleTree {
  /// Adds the entry called `id`.
  public mutating func append(_ id: Digest) { append(id.bytes) }
}
