public import ExperimentRecords
import SystemPackage

/// What checking a whole lineage found.
public struct VerificationReport: Hashable, Sendable {
  /// How many entries are whole, up to the first defect.
  public var entries: Int
  /// The id of the last of them; zeros when there is none.
  public var head: Digest
  /// How many objects were read and found to be what their names say.
  public var objects: Int
  /// How many entries the last checkpoint by the given key covers.
  public var sealed: Int?
  /// The first defect; `nil` when everything is as it was written.
  public var defect: LogDefect?
}

extension Lineage {
  /// Checks the chain of a log by its raw bytes alone.
  ///
  /// - Parameters:
  ///   - log: The content of `lineage.jsonl`.
  ///   - file: The name to report.
  ///   - isWritten: Whether a process writes at this moment, so that the last line may be
  ///     incomplete.
  public static func verifyChain(
    _ log: [UInt8], file: String, isWritten: Bool = false
  ) -> VerificationReport {
    let scan = LogScan(log)
    return VerificationReport(
      entries: scan.lines.count, head: scan.head, objects: 0,
      defect: scan.firstDefect(of: file, countingTornTail: !isWritten))
  }

  /// Checks the chain by its raw bytes, then checkpoints, then that every object is what its name says,
  /// then that the objects that entries rest on are there.
  ///
  /// Every byte of the log is hashed. Entries are decoded that seal others or that objects must be there for, and all
  /// of rare kinds; of proposals, checks of the measurement and ends of searches, which fill a log, kind, time and
  /// version are read, so that one of them with a matching digest and a body that is no such record is found by who
  /// reads it and not here. The log is read in pieces, by all cores, and no more than some pieces are in memory. An
  /// index is not looked at.
  ///
  /// An incomplete last line is a defect unless a process writes at this moment. Throws only when
  /// something cannot be read at all, or has another version.
  ///
  /// - Parameters:
  ///   - pinned: A checkpoint that was kept elsewhere, which the log must extend.
  ///   - key: A key that some checkpoint must be signed by.
  public static func verify(
    _ state: StateDirectory, extending pinned: Checkpoint? = nil, sealedBy key: PublicKey? = nil
  ) throws(LineageError) -> VerificationReport {
    guard try state.exists() else { throw state.missing }
    let isWritten: Bool
    do { isWritten = try WriterLock.isHeld(state) } catch { throw LineageError(error) }
    var check = LogCheck(state, pinned: pinned, key: key)
    let outcome = try state.withLog { (pieces) throws(LineageError) in
      try pieces.scan({ body, id in LogCheck.Line(body, id) }) { check.pass($0) }
    }
    var report = VerificationReport(
      entries: outcome.lines, head: outcome.head.digest, objects: 0,
      defect: outcome.firstDefect(of: state.log, countingTornTail: !isWritten))
    if let error = outcome.defect?.fault.otherFormat(state.log, entry: outcome.lines + 1) {
      throw error
    }
    if report.defect != nil { return report }
    if let unreadable = check.unreadable { throw unreadable }
    report.sealed = check.sealed
    report.defect = check.sealDefect
    if report.defect != nil { return report }
    try check.examineObjects(&report)
    return report
  }
}

/// What is gathered while a log is verified.
private struct LogCheck {
  /// What is kept of a line. Most entries need not be decoded.
  struct Line: Sendable {
    let leaf: DigestBytes
    let entry: Kept

    indirect enum Kept: Sendable {
      case nothing
      case entry(LineageEntry)
      case unreadable(Unreadable)
    }

    init(_ body: UnsafeRawBufferPointer, _ id: DigestBytes) {
      leaf = MerkleTree.leaf(of: id)
      if BulkBody(body) != nil {
        entry = .nothing
      } else {
        switch LineageFormat.read(body) {
        case .success(let read): entry = .entry(read)
        case .failure(let reason): entry = .unreadable(reason)
        }
      }
    }
  }

  private let state: StateDirectory
  private let key: PublicKey?
  private var seals: SealCheck
  private var count = 0
  private var required: [(index: Int, id: Digest, objects: [Digest])] = []
  /// How many entries the last checkpoint by the key covers.
  private(set) var sealed: Int?
  private(set) var unreadable: LineageError?

  init(_ state: StateDirectory, pinned: Checkpoint?, key: PublicKey?) {
    self.state = state
    self.key = key
    seals = SealCheck(state.log.string, pinned: pinned)
  }

  mutating func pass(_ line: LogPieces.Line<Line>) {
    var checkpoint: Checkpoint?
    switch line.value.entry {
    case .nothing: break
    case .entry(let entry):
      checkpoint = entry.checkpoint
      let objects = entry.requiredObjects
      if !objects.isEmpty { required.append((count, line.id.digest, objects)) }
    case .unreadable(let reason):
      if unreadable == nil { unreadable = reason.error(state.log, entry: count + 1) }
    }
    if let key, checkpoint?.signature?.key == key.hex { sealed = count }
    seals.pass(leaf: line.value.leaf, id: line.id.digest, checkpoint)
    count += 1
  }

  /// The first defect that checkpoints show, or that none is signed by the key that was asked for.
  var sealDefect: LogDefect? {
    if let defect = seals.defect { return defect }
    guard key != nil, sealed == nil else { return nil }
    return seals.defect("no checkpoint up to here is signed by the given key")
  }

  /// Checks that every object is what its name says, and that those which entries rest on are there.
  func examineObjects(_ report: inout VerificationReport) throws(LineageError) {
    let store = ObjectStore(state)
    let present = try store.digests()
    let answers = inParallel(present.count) { store.isSound(present[$0]) }
    for (digest, answer) in zip(present, answers) {
      guard try answer.get() else {
        report.defect = try defect(of: digest, "is not what its name says")
        return
      }
      report.objects += 1
    }
    let known = Set(present)
    for (index, id, objects) in required {
      guard let missing = objects.first(where: { !known.contains($0) }) else { continue }
      report.defect = LogDefect(
        file: state.log.string, index: index, offset: 0, id: id,
        reason: "object '\(missing.short)' is missing")
      return
    }
  }

  /// The defect that `digest` is `complaint`, at the first entry that names it.
  private func defect(
    of digest: Digest, _ complaint: String
  ) throws(LineageError) -> LogDefect {
    var users: [(index: Int, id: Digest)] = []
    var index = 0
    _ = try state.withLog { (pieces) throws(LineageError) in
      try pieces.scan({ body, _ in
        (try? LineageFormat.read(body).get())?.namedObjects.contains(digest) ?? false
      }) { line in
        if line.value { users.append((index, line.id.digest)) }
        index += 1
      }
    }
    guard let user = users.first else {
      return LogDefect(
        file: ObjectStore(state).path(of: digest).string, index: 0, offset: 0,
        reason: "object '\(digest.short)', which no entry names, \(complaint)")
    }
    return LogDefect(
      file: state.log.string, index: user.index, offset: 0, id: user.id,
      reason: "object '\(digest.short)' \(complaint)")
  }
}

extension ObjectStore {
  fileprivate func isSound(_ digest: Digest) -> Result<Bool, LineageError> {
    do {
      return .success(Digest(of: try bytes(of: digest)) == digest)
    } catch {
      return .failure(LineageError(error))
    }
  }
}

extension LineageEntry {
  /// The objects that must be in the store for the entry to be of use.
  ///
  /// A proposal's source is not among them: its recipe gives the same bytes again.
  public var requiredObjects: [Digest] {
    switch content {
    case .baseline(let baseline): [baseline.source]
    case .winner(let winner):
      [winner.baseSource, winner.newSource] + [winner.patch].compactMap { $0 }
    case .applied(let applied): [applied.before, applied.after]
    case .reverted(let reverted): [reverted.before, reverted.after]
    default: []
    }
  }

  /// All objects that the entry names.
  public var namedObjects: [Digest] {
    switch content {
    case .proposal(let proposal):
      [proposal.source].compactMap { $0 } + proposal.measurements.compactMap(\.samples)
    case .winner(let winner): requiredObjects + winner.measurements.compactMap(\.samples)
    default: requiredObjects
    }
  }
}
