public import ExperimentRecords

/// Shows that a leaf is in a Merkle tree of which only the root is known, by the hashes of the subtrees that
/// its path to the root meets.
///
/// Source: RFC 9162, section 2.1.3.
public struct InclusionProof: Hashable, Sendable {
  /// The number of the leaf, counted from 0.
  public var index: Int
  /// The hashes of the subtrees, from the leaf's neighbour upwards.
  public var path: [Digest]

  /// Creates the proof from its parts.
  public init(index: Int, path: [Digest]) {
    self.index = index
    self.path = path
  }

  /// The root of the tree of `size` leaves that has `leaf` at this place; `nil` where no tree of that size
  /// has a path of this length there.
  public func root(over leaf: some Sequence<UInt8>, size: Int) -> Digest? {
    guard index >= 0, index < size else { return nil }
    var (node, last) = (index, size - 1)
    var hash = MerkleTree.leaf(leaf)
    for sibling in path {
      guard last != 0 else { return nil }
      if node & 1 == 1 || node == last {
        hash = MerkleTree.node(DigestBytes(sibling), hash)
        // The last node of a level without a neighbour goes up as it is.
        while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
      } else {
        hash = MerkleTree.node(hash, DigestBytes(sibling))
      }
      (node, last) = (node >> 1, last >> 1)
    }
    return last == 0 ? hash.digest : nil
  }
}

extension MerkleTree {
  /// The proofs of the leaves at `indices` in the tree over `leaves`.
  ///
  /// The tree is built level by level: the RFC's subtrees are those of pairs, where the last node of an odd
  /// level goes up as it is.
  static func proofs(of indices: [Int], in leaves: some Sequence<[UInt8]>) -> [InclusionProof] {
    var level = leaves.map { leaf($0) }
    var proofs = indices.map { InclusionProof(index: $0, path: []) }
    var height = 0
    while level.count > 1 {
      for number in proofs.indices {
        let sibling = (proofs[number].index >> height) ^ 1
        if sibling < level.count { proofs[number].path.append(level[sibling].digest) }
      }
      level = stride(from: 0, to: level.count, by: 2).map {
        $0 + 1 < level.count ? node(level[$0], level[$0 + 1]) : level[$0]
      }
      height += 1
    }
    return proofs
  }
}
