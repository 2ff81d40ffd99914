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
    report(on: LogScan(log), file, isWritten)
  }

  private static func report(
    on scan: LogScan, _ file: String, _ isWritten: Bool
  ) -> VerificationReport {
    VerificationReport(
      entries: scan.lines.count, head: scan.head, objects: 0,
      defect: scan.firstDefect(of: file, countingTornTail: !isWritten))
  }

  /// Checks the chain by its raw bytes, then checkpoints, then that every object is what its name says,
  /// then that the objects that entries rest on are there.
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
    let bytes: [UInt8]
    let isWritten: Bool
    do {
      isWritten = try WriterLock.isHeld(state)
      bytes = try state.files.contents(of: state.log)
    } catch {
      throw LineageError(error)
    }
    let scan = LogScan(bytes)
    var report = report(on: scan, state.log.string, isWritten)
    if report.defect != nil, scan.otherFormat == nil { return report }
    let lineage = try Lineage(bytes, scanned: scan, file: state.log)
    report.sealed = key.flatMap { lineage.entries(sealedBy: $0) }
    report.defect =
      lineage.defect(of: pinned, in: state.log.string)
      ?? (key != nil && report.sealed == nil ? lineage.lacksSeal(in: state.log.string) : nil)
    if report.defect != nil { return report }
    let store = ObjectStore(state)
    let present = try store.digests()
    for digest in present {
      guard try store.isSound(digest) else {
        report.defect = lineage.defect(of: digest, state, "is not what its name says")
        return report
      }
      report.objects += 1
    }
    let known = Set(present)
    for stored in lineage.entries {
      guard let missing = stored.entry.requiredObjects.first(where: { !known.contains($0) })
      else { continue }
      report.defect = lineage.defect(of: missing, state, "is missing")
      return report
    }
    return report
  }

  /// The defect that `digest` is `complaint`, at the first entry that names it.
  private func defect(
    of digest: Digest, _ state: StateDirectory, _ complaint: String
  ) -> LogDefect {
    let user = entries.first { $0.entry.namedObjects.contains(digest) }
    guard let user else {
      return LogDefect(
        file: ObjectStore(state).path(of: digest).string, index: 0, offset: 0,
        reason: "object '\(digest.short)', which no entry names, \(complaint)")
    }
    return LogDefect(
      file: state.log.string, index: user.index, offset: 0, id: user.id,
      reason: "object '\(digest.short)' \(complaint)")
  }
}

extension LogScan {
  fileprivate var otherFormat: String? {
    if case .otherFormat(let number)? = defect?.fault { number } else { nil }
  }
}

extension ObjectStore {
  fileprivate func isSound(_ digest: Digest) throws(LineageError) -> Bool {
    do {
      return Digest(of: try bytes(of: digest)) == digest
    } catch {
      throw LineageError(error)
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
