public import ExperimentRecords

/// The Merkle tree over a growing list, of which only the roots of the complete subtrees are kept.
///
/// Source: RFC 9162 (Certificate Transparency 2.0), section 2.1.1: a leaf is hashed behind the byte 0, a
/// node behind the byte 1, and the left subtree has the largest power of two of leaves below the whole.
public struct MerkleTree: Sendable {
  /// How many leaves there are.
  public private(set) var count = 0
  /// The roots of complete subtrees, largest first: one for each bit of `count`.
  private var roots: [DigestBytes] = []

  /// Creates the tree without leaves.
  public init() {}

  /// Adds a leaf with the content `bytes`.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    append(leaf: Self.leaf(bytes))
  }

  /// Adds a leaf whose hash is known.
  mutating func append(leaf: DigestBytes) {
    var node = leaf
    var height = count
    while height & 1 == 1 {
      node = Self.node(roots.removeLast(), node)
      height >>= 1
    }
    roots.append(node)
    count += 1
  }

  /// The hash of the whole tree; of nothing when it is empty.
  public var root: Digest {
    guard var node = roots.last else { return Digest(of: [UInt8]()) }
    for left in roots.dropLast().reversed() { node = Self.node(left, node) }
    return node.digest
  }

  /// The hash of the leaf with the content `bytes`.
  static func leaf(_ bytes: some Sequence<UInt8>) -> DigestBytes {
    let leaf: [UInt8] = [0] + bytes
    return leaf.withUnsafeBytes { DigestBytes(of: $0) }
  }

  /// The hash of a node.
  static func node(_ left: DigestBytes, _ right: DigestBytes) -> DigestBytes {
    withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
      buffer[0] = 1
      left.store(to: UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]))
      right.store(to: UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]))
      return DigestBytes(of: UnsafeRawBufferPointer(rebasing: buffer[0..<65]))
    }
  }
}

extension MerkleTree {
  /// Adds the entry called `id`.
  public mutating func append(_ id: Digest) { append(leaf: Self.leaf(of: DigestBytes(id))) }

  /// The hash of the leaf that the entry called `id` is.
  static func leaf(of id: DigestBytes) -> DigestBytes {
    withUnsafeTemporaryAllocation(byteCount: 33, alignment: 8) { buffer in
      buffer[0] = 0
      id.store(to: UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]))
      return DigestBytes(of: UnsafeRawBufferPointer(rebasing: buffer[0..<33]))
    }
  }
}
