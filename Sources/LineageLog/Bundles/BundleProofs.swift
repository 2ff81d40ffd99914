import ExperimentRecords

/// The file of inclusion proofs.
struct BundleProofs {
  private static let schema = "ratchet.bundle.proofs/"

  /// The file.
  let bytes: [UInt8]

  /// Proves that the entries before the checkpoint stand in the log whose ids are `ids`.
  ///
  /// - Parameter indices: The places of the entries, in their order.
  init(of entries: BundleEntries, at indices: [Int], in ids: [Digest]) {
    guard let seal = entries.checkpoint, let size = seal.content["entries"]?.integer else {
      self.init(nil, [])
      return
    }
    let proofs = MerkleTree.proofs(
      of: Array(indices.prefix(entries.covered.count)), in: ids.prefix(size).lazy.map(\.bytes))
    self.init(seal, zip(entries.covered.map(\.id), proofs).map { (id: $0, proof: $1) })
  }

  private init(_ seal: BundleEntry?, _ proofs: [(id: Digest, proof: InclusionProof)]) {
    let inclusion = proofs.map { id, proof in
      JSONValue.object([
        "entry": .string(id.hex), "index": .number(String(proof.index)),
        "path": .array(proof.path.map { .string($0.hex) }),
      ])
    }
    let checkpoint = seal.map { seal in
      JSONValue.object([
        "entry": .string(seal.id.hex), "entries": seal.content["entries"] ?? .null,
        "root": seal.content["root"] ?? .null,
      ])
    }
    bytes = JSONValue.object([
      "schema": .string("\(Self.schema)\(EvidenceBundle.format)"),
      "checkpoint": checkpoint ?? .null, "inclusion": .array(inclusion),
    ]).bytes(isIndented: true)
  }

  /// What is wrong with `file` as the proofs of `entries`; `nil` when nothing is.
  static func complaint(about file: [UInt8], for entries: BundleEntries) -> String? {
    guard let list = (try? JSONValue(parsing: file))?["inclusion"]?.array else {
      return "it is no list of proofs"
    }
    let proofs = list.compactMap(proof)
    guard proofs.count == list.count,
      BundleProofs(entries.checkpoint, proofs).bytes == file
    else { return "it does not have the one form that it may have, or names another checkpoint" }
    guard proofs.map(\.id) == entries.covered.map(\.id) else {
      return "it does not prove the entries before the checkpoint in their order"
    }
    guard let seal = entries.checkpoint else { return nil }
    guard let size = seal.content["entries"]?.integer,
      let root = seal.content["root"]?.string.flatMap({ Digest(hex: $0) })
    else { return "the checkpoint tells no root" }
    for (id, proof) in proofs where proof.root(over: id.bytes, size: size) != root {
      return "entry '\(id.short)' is not shown to be in the log of the checkpoint"
    }
    return order(proofs.map(\.proof.index), entries, size)
  }

  /// The number of the format that `file` says it has.
  static func format(of file: [UInt8]) -> Int? {
    guard let schema = (try? JSONValue(parsing: file))?["schema"]?.string,
      schema.hasPrefix(Self.schema)
    else { return nil }
    return Int(schema.dropFirst(Self.schema.count))
  }

  private static func proof(_ json: JSONValue) -> (id: Digest, proof: InclusionProof)? {
    guard let id = json["entry"]?.string.flatMap({ Digest(hex: $0) }),
      let index = json["index"]?.integer, let path = json["path"]?.array
    else { return nil }
    let digests = path.compactMap { $0.string.flatMap { Digest(hex: $0) } }
    return digests.count == path.count ? (id, InclusionProof(index: index, path: digests)) : nil
  }

  /// What is wrong with the places of the entries: each entry names the one before it, which may be here too.
  private static func order(_ indices: [Int], _ entries: BundleEntries, _ size: Int) -> String? {
    let places = indices + [size]
    let chain = Array(entries.covered) + [entries.checkpoint].compactMap { $0 }
    if places.first == 0, chain.first?.previous != .zero { return "the first entry has one before" }
    for number in chain.indices.dropFirst() {
      let (before, after) = (places[number - 1], places[number])
      guard before < after else { return "the entries are not in the order of the log" }
      if before + 1 == after, chain[number].previous != chain[number - 1].id {
        return "entry '\(chain[number].id.short)' does not follow the one before it"
      }
    }
    return nil
  }
}
