public import ExperimentRecords

/// What `apply` and `revert` have made of one source file, as the lineage tells it.
///
/// The content of the file is a function of a base and of winners: each winner's change made in
/// turn. So a revert gives the bytes that the file would have had without that winner, and the last
/// one gives back the base itself.
///
/// An entry is written before its file changes. So the file is in one of two states: as the last
/// entry says, or, when that change was interrupted or undone by hand, as before the last entry.
public struct AppliedSource: Hashable, Sendable {
  /// A winner in the file.
  public struct Layer: Hashable, Sendable {
    /// The entry that applied it.
    public var applied: Digest
    /// The entry of the winner.
    public var winner: Digest
    /// Its kernel.
    public var kernel: KernelName
  }

  /// A content of the file.
  public struct State: Hashable, Sendable {
    /// The digest of the file.
    public var digest: Digest
    /// The winners in it, in the order of their application.
    public var layers: [Layer]
  }

  /// The digest of the file without any winner.
  public var base: Digest
  /// The file as the last entry says.
  public var current: State
  /// The file as it was before the last entry.
  public var beforeLast: State

  /// The state in which the file has the digest `digest`; `nil` when it was changed otherwise.
  public func state(of digest: Digest) -> State? {
    if digest == current.digest { return current }
    return digest == beforeLast.digest ? beforeLast : nil
  }
}

extension Lineage {
  /// What was applied to the files of the project, by the file's path relative to its root.
  public var appliedSources: [String: AppliedSource] {
    var sources: [String: AppliedSource] = [:]
    for stored in entries {
      switch stored.entry.content {
      case .applied(let applied):
        let layer = AppliedSource.Layer(
          applied: stored.id, winner: applied.winner, kernel: applied.kernel)
        sources[applied.kernel.file].change(from: applied.before, to: applied.after) {
          $0 + [layer]
        }
      case .reverted(let reverted):
        sources[reverted.kernel.file].change(from: reverted.before, to: reverted.after) { layers in
          layers.filter { $0.applied != reverted.applied }
        }
      default: break
      }
    }
    return sources
  }
}

extension AppliedSource? {
  /// Notes that the file went from `before` to `after`, and what that did to its layers.
  fileprivate mutating func change(
    from before: Digest, to after: Digest,
    _ layers: ([AppliedSource.Layer]) -> [AppliedSource.Layer]
  ) {
    // A file with any other content was changed by the user, and begins anew.
    let known = self?.state(of: before)
    let start = known ?? AppliedSource.State(digest: before, layers: [])
    let base = known == nil ? before : self?.base ?? before
    self = AppliedSource(
      base: base, current: .init(digest: after, layers: layers(start.layers)), beforeLast: start)
  }
}
