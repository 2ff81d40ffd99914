public import ExperimentRecords

/// What a sound bundle says.
public struct BundleReport: Hashable, Sendable {
  /// A measured workload.
  public struct Gain: Hashable, Sendable {
    /// The workload.
    public var workload: String
    /// How many times as fast.
    public var speedup: ConfidenceInterval
  }

  /// The winner's entry.
  public var winner: Digest
  /// The kernel.
  public var kernel: KernelName
  /// The recipe, as the log spells it.
  public var recipe: String
  /// The verdict, as the log spells it.
  public var verdict: String
  /// The measurements.
  public var gains: [Gain]
  /// How many files there are.
  public var files: Int
  /// How many entries there are, the checkpoint among them.
  public var entries: Int
  /// How many of them are shown to be in the log that the checkpoint covers.
  public var proven: Int
  /// The checkpoint.
  public var checkpoint: Checkpoint?
  /// The keys that both statements are signed by.
  public var signers: [String]
  /// Later entries that take the winner back.
  public var retractions: [Digest]
  /// Raw samples that were not kept.
  public var missingSamples: Int
}

extension EvidenceBundle {
  /// Checks every byte, and that all files say the same.
  ///
  /// Throws the first defect, at the file that has it.
  ///
  /// - Parameters:
  ///   - key: A key that must have signed both statements.
  ///   - pinned: The checkpoint that the bundle's must be.
  public func verify(
    signedBy key: PublicKey? = nil, checkpoint pinned: Checkpoint? = nil
  ) throws(BundleDefect) -> BundleReport {
    try checkVersion()
    try checkNames()
    let entries = try BundleEntries(contents(of: BundleFile.entries))
    try checkNoOther(than: entries)
    try checkContents(entries)
    let proofs = contents(of: BundleFile.proofs)
    if let complaint = BundleProofs.complaint(about: proofs, for: entries) {
      throw BundleDefect(BundleFile.proofs, complaint)
    }
    try checkDerived(entries)
    let signers = try checkStatements(entries, key)
    let seal = try checkedSeal(entries, pinned)
    return report(entries, seal, signers)
  }

  private func contents(of name: String) -> [UInt8] { files[name] ?? [] }

  /// A whole bundle of a later format is none that was altered.
  private func checkVersion() throws(BundleDefect) {
    guard let proofs = files[BundleFile.proofs], let format = BundleProofs.format(of: proofs),
      format != Self.format,
      String(decoding: contents(of: BundleFile.sums), as: UTF8.self)
        .contains("\(Digest(of: proofs))  \(BundleFile.proofs)\n")
    else { return }
    throw BundleDefect(
      BundleFile.proofs, "the bundle has format '\(format)'", isOtherVersion: true)
  }

  private func checkNames() throws(BundleDefect) {
    if let missing = BundleFile.required.first(where: { files[$0] == nil }) {
      throw BundleDefect(missing, "the file is missing")
    }
  }

  private func checkNoOther(than entries: BundleEntries) throws(BundleDefect) {
    let known = Set(BundleFile.required + entries.samples.map { "\(BundleFile.samples)/\($0)" })
    if let other = files.keys.sorted().first(where: { !known.contains($0) }) {
      throw BundleDefect(other, "the file belongs to no bundle, or to another")
    }
  }

  /// Sources, patch and samples against the digests that the entries name.
  private func checkContents(_ entries: BundleEntries) throws(BundleDefect) {
    let winner = entries.winner.content
    let (old, new) = (contents(of: BundleFile.original), contents(of: BundleFile.candidate))
    let patch = contents(of: BundleFile.patch)
    for (name, bytes, member) in [
      (BundleFile.original, old, "baseSource"), (BundleFile.candidate, new, "newSource"),
    ] where winner[member]?.string != Digest(of: bytes).hex {
      throw BundleDefect(name, "it is not the file that the winner's entry names")
    }
    if let digest = winner["patch"]?.string {
      guard digest == Digest(of: patch).hex else {
        throw BundleDefect(BundleFile.patch, "it is not the patch that the winner's entry names")
      }
    } else {
      let path = winner["kernel"]?["file"]?.string ?? ""
      guard UnifiedDiff(from: old, to: new, path: path).bytes == patch else {
        throw BundleDefect(BundleFile.patch, "it is not the difference between the two files")
      }
    }
    guard PatchText(patch).applied(to: old) == new else {
      throw BundleDefect(
        BundleFile.patch,
        "applied to \(BundleFile.original) it does not give \(BundleFile.candidate)")
    }
    for digest in samples {
      let name = "\(BundleFile.samples)/\(digest)"
      guard Digest(of: contents(of: name)) == digest else {
        throw BundleDefect(name, "the samples are not what their name says")
      }
    }
  }

  private func checkDerived(_ entries: BundleEntries) throws(BundleDefect) {
    for (name, bytes) in derived(from: entries).sorted(by: { $0.key < $1.key })
    where contents(of: name) != bytes {
      throw BundleDefect(name, "it does not say what the entries say")
    }
    let others = [BundleFile.sums, BundleFile.testResult, BundleFile.provenance]
    guard contents(of: BundleFile.sums) == sums(of: files.filter { !others.contains($0.key) })
    else {
      throw BundleDefect(BundleFile.sums, "it does not hold the digests of the files")
    }
  }

  /// Returns the keys by which both statements are signed.
  private func checkStatements(
    _ entries: BundleEntries, _ key: PublicKey?
  ) throws(BundleDefect) -> [String] {
    var common: Set<String>?
    for (name, payload) in statements(about: entries).sorted(by: { $0.key < $1.key }) {
      guard let envelope = AttestationEnvelope(file: contents(of: name)) else {
        throw BundleDefect(name, "it is no envelope in the one form that it may have")
      }
      guard envelope.payload == payload else {
        throw BundleDefect(name, "the statement does not say what the files and the entries say")
      }
      guard envelope.holds else { throw BundleDefect(name, "a signature does not hold") }
      let keys = Set(envelope.signatures.map(\.key))
      if let key, !keys.contains(key.hex) {
        throw BundleDefect(
          name, keys.isEmpty ? "it is not signed" : "it is not signed by the given key")
      }
      common = common?.intersection(keys) ?? keys
    }
    return (common ?? []).sorted()
  }

  private func checkedSeal(
    _ entries: BundleEntries, _ pinned: Checkpoint?
  ) throws(BundleDefect) -> Checkpoint? {
    var seal: Checkpoint?
    if let content = entries.checkpoint?.content, let count = content["entries"]?.integer,
      let root = content["root"]?.string.flatMap({ Digest(hex: $0) })
    {
      var checkpoint = Checkpoint(entries: count, root: root)
      if let signature = content["signature"] {
        checkpoint.signature = .init(
          key: signature["key"]?.string ?? "", value: signature["value"]?.string ?? "")
        guard checkpoint.signature?.isValid(for: checkpoint) == true else {
          throw BundleDefect(BundleFile.entries, "the checkpoint's signature does not hold")
        }
      }
      seal = checkpoint
    }
    if let pinned, pinned.entries != seal?.entries || pinned.root != seal?.root {
      throw BundleDefect(
        BundleFile.entries,
        seal.map { "its checkpoint is \($0.entries):\($0.root), not the given one" }
          ?? "it holds no checkpoint that covers the winner")
    }
    return seal
  }

  private func report(
    _ entries: BundleEntries, _ seal: Checkpoint?, _ signers: [String]
  ) -> BundleReport {
    let winner = entries.winner.content
    let gains = (winner["measurements"]?.array ?? []).map { one in
      let figures = ["median", "low", "high", "level"].map { one["speedup"]?[$0]?.double ?? 0 }
      return BundleReport.Gain(
        workload: one["workload"]?.string ?? "",
        speedup: ConfidenceInterval(
          median: figures[0], low: figures[1], high: figures[2], level: figures[3]))
    }
    return BundleReport(
      winner: entries.winner.id,
      kernel: KernelName(
        file: winner["kernel"]?["file"]?.string ?? "",
        function: winner["kernel"]?["function"]?.string ?? ""),
      recipe: winner["recipe"]?.string ?? "", verdict: winner["verdict"]?.string ?? "",
      gains: gains, files: files.count, entries: entries.all.count,
      proven: entries.covered.count, checkpoint: seal, signers: signers,
      retractions: entries.retractions,
      missingSamples: entries.samples.subtracting(samples).count)
  }
}
