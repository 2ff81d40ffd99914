import Diagnostics
import ExperimentRecords

extension EvidenceBundle {
  /// Gathers what the winner whose id begins with `prefix` rests on.
  ///
  /// Entries that are newer than the newest checkpoint come without a proof; where it does not cover the winner
  /// there is none at all. The statements are signed where there is a key. Throws `LineageError` when the log or
  /// its checkpoints are damaged, the entry is no winner, or an object is missing.
  public init(
    ofWinner prefix: String, in state: StateDirectory, signedBy key: SigningKey? = nil
  ) throws(LineageError) {
    guard try state.exists() else { throw state.missing }
    let log: [UInt8]
    do { log = try state.files.contents(of: state.log) } catch { throw LineageError(error) }
    let scan = LogScan(log)
    let lineage = try Lineage.read(state)
    if let defect = lineage.defect(of: nil, in: state.log.string) { throw .damaged(defect) }
    let stored = try lineage.entry(idPrefix: prefix)
    guard case .winner(let winner) = stored.entry.content else {
      throw .input(
        InputError(
          "entry '\(stored.id.short)' is no winner but of kind '\(stored.entry.content.kind)'",
          remedy: "'ratchet lineage log --outcome winner' lists the winners"))
    }
    let bodies = scan.lines.map { log[$0.body] }
    let indices = try Self.indices(of: stored, winner, in: lineage, bodies)
    let lines = indices.flatMap { index -> [UInt8] in
      let body = scan.lines[index].body
      let line = log[(body.lowerBound - LineageFormat.bodyOffset)...body.upperBound]
      return Array(line) + [UInt8(ascii: "\n")]
    }
    let entries: BundleEntries
    do { entries = try BundleEntries(lines) } catch {
      throw .input(InputError("entry '\(stored.id.short)' cannot be exported: \(error.reason)"))
    }
    files = try Self.contents(of: winner, entries, ObjectStore(state))
    files[BundleFile.entries] = lines
    files[BundleFile.proofs] =
      BundleProofs(of: entries, at: indices, in: lineage.entries.map(\.id)).bytes
    files.merge(derived(from: entries)) { $1 }
    files[BundleFile.sums] = sums(of: files)
    for (name, statement) in statements(about: entries) {
      files[name] = try AttestationEnvelope(statement, signedBy: key).bytes
    }
  }

  /// The places in the log of what the bundle holds.
  private static func indices(
    of stored: StoredEntry, _ winner: Winner, in lineage: Lineage, _ bodies: [ArraySlice<UInt8>]
  ) throws(LineageError) -> [Int] {
    let before = lineage.entries[..<stored.index]
    let campaign = before.last {
      if case .campaignStarted = $0.entry.content {
        $0.entry.campaign == stored.entry.campaign
      } else {
        false
      }
    }
    let baseline = before.last {
      guard case .baseline(let baseline) = $0.entry.content else { return false }
      return baseline.kernel == winner.kernel && baseline.source == winner.baseSource
    }
    let proposal = before.last { $0.id == winner.proposal }
    guard let campaign, stored.entry.campaign != nil, let baseline, let proposal else {
      throw .input(
        InputError(
          "entry '\(stored.id.short)' cannot be exported: its campaign, baseline or proposal is not in "
            + "the log"))
    }
    var indices = Set([campaign, baseline, proposal, stored].map(\.index))
    for index in lineage.entries.indices.dropFirst(stored.index + 1)
    where LineageFormat.body(bodies[index], names: stored.id) {
      indices.insert(index)
    }
    let seal = lineage.entries.last {
      if case .checkpoint = $0.entry.content { true } else { false }
    }
    if let seal, seal.index > stored.index { indices.insert(seal.index) }
    return indices.sorted()
  }

  private static func contents(
    of winner: Winner, _ entries: BundleEntries, _ objects: ObjectStore
  ) throws(LineageError) -> [String: [UInt8]] {
    let (old, new) = (try objects.get(winner.baseSource), try objects.get(winner.newSource))
    let patch: [UInt8]
    if let digest = winner.patch {
      patch = try objects.get(digest)
    } else {
      patch = UnifiedDiff(from: old, to: new, path: winner.kernel.file).bytes
    }
    var files = [BundleFile.original: old, BundleFile.candidate: new, BundleFile.patch: patch]
    for digest in entries.samples {
      guard try objects.contains(digest) else { continue }
      files["\(BundleFile.samples)/\(digest)"] = try objects.get(digest)
    }
    return files
  }
}

extension EvidenceBundle {
  /// The samples that the bundle holds.
  var samples: Set<Digest> {
    let prefix = BundleFile.samples + "/"
    return Set(
      files.keys.filter { $0.hasPrefix(prefix) }.compactMap {
        Digest(hex: $0.dropFirst(prefix.count))
      })
  }

  /// The documents that follow from `entries` and the names of the samples.
  func derived(from entries: BundleEntries) -> [String: [UInt8]] {
    var files = BundleDocuments(entries: entries, samples: samples).files
    files[BundleFile.readme] = Array(BundleReadme(entries: entries).text.utf8)
    return files
  }

  /// The payloads of the statements by the names of their files.
  func statements(about entries: BundleEntries) -> [String: [UInt8]] {
    let others = files.filter { ![BundleFile.testResult, BundleFile.provenance].contains($0.key) }
    let statements = BundleStatements(
      entries: entries, digests: others.mapValues { Digest(of: $0) })
    return [
      BundleFile.testResult: statements.testResult, BundleFile.provenance: statements.provenance,
    ]
  }
}
