import Diagnostics
public import ExperimentRecords
public import SystemPackage

/// A file that a winner was written into which was retracted later, and never taken out again by `revert`.
public struct RetractedFile: Hashable, Sendable {
  /// What the file on the disk holds now.
  public enum Presence: String, Codable, Hashable, Sendable, CaseIterable {
    /// It is as the lineage left it, the winner in it.
    case present
    /// It was changed since, and the winner's lines are in it still.
    case presentInChangedFile
    /// It holds nothing of the winner: it was changed by hand.
    case absent
    /// The winner's lines were changed, or the file cannot be read: a person has to look.
    case unknown

    /// Whether somebody has to do something.
    public var isOpen: Bool { self != .absent }
  }

  /// The entry of the winner.
  public var winner: Digest
  /// The entry that applied it.
  public var applied: Digest
  /// The kernel, whose file it is.
  public var kernel: KernelName
  /// What the file holds now.
  public var presence: Presence
}

extension Lineage {
  /// The files that retracted winners were written into, in the order of their application.
  ///
  /// - Parameters:
  ///   - objects: Where the texts of winners are.
  ///   - path: Where a kernel's file lies; `nil` where that is not known.
  public func retractedFiles(
    _ objects: ObjectStore, files: any FileOperations = SystemFiles(),
    at path: (String) -> FilePath?
  ) -> [RetractedFile] {
    let retracted = standings.retractions
    guard !retracted.isEmpty else { return [] }
    var open: [(id: Digest, applied: Applied)] = []
    for stored in entries {
      switch stored.entry.content {
      case .applied(let applied) where retracted[applied.winner] != nil:
        open.append((stored.id, applied))
      case .reverted(let reverted): open.removeAll { $0.id == reverted.applied }
      default: break
      }
    }
    let sources = appliedSources
    return open.map { id, applied -> RetractedFile in
      // A file that cannot be read is one that a person has to look at.
      var presence = RetractedFile.Presence.unknown
      if let file = path(applied.kernel.file), let bytes = try? files.contents(of: file) {
        presence = traces(
          of: applied.winner, in: bytes, sources[applied.kernel.file], objects)
      }
      return RetractedFile(
        winner: applied.winner, applied: id, kernel: applied.kernel, presence: presence)
    }
  }

  private func traces(
    of id: Digest, in bytes: [UInt8], _ source: AppliedSource?, _ objects: ObjectStore
  ) -> RetractedFile.Presence {
    if let state = source?.state(of: Digest(of: bytes)) {
      return state.layers.contains { $0.winner == id } ? .present : .absent
    }
    guard case .winner(let winner)? = self[id]?.entry.content,
      let base = try? objects.get(winner.baseSource), let new = try? objects.get(winner.newSource)
    else { return .unknown }
    // Taking the winner's change out of the file changes it only where the change is there.
    guard let without = merged(base: new, ours: bytes, theirs: base) else {
      return merged(base: base, ours: bytes, theirs: new) == nil ? .unknown : .absent
    }
    return without == bytes ? .absent : .presentInChangedFile
  }
}
