import Diagnostics
public import ExperimentRecords
public import SystemPackage

/// Puts winners into the user's sources and takes them out again: the only place that changes them.
///
/// A file is changed only when its bytes are those that the lineage knows. Both contents are in the
/// object store and the entry is in the log before the file changes; the file changes in one step
/// (rename), keeping its permissions and owner. When a crash comes between entry and change, the
/// next `apply` or `revert` finds the file as it was before that entry, and goes on from there.
public struct PatchApplication: Sendable {
  private let writer: LineageWriter
  private let root: FilePath
  private let user: String

  private var files: any FileOperations { writer.directory.files }

  /// Changes sources under `root` and records it with `writer`.
  ///
  /// - Parameters:
  ///   - root: The project's root, to which the paths of kernels are relative.
  ///   - user: Who does it.
  public init(_ writer: LineageWriter, root: FilePath, user: String = "") {
    self.writer = writer
    self.root = root
    self.user = user
  }

  /// Writes the winner that the entry `id` records into its file.
  ///
  /// Throws `LineageError.refused` when the file is not what the winner was made for, nor what
  /// other winners made of that, and when the winner is retracted, or in doubt without an approval.
  @discardableResult
  public func apply(
    _ id: Digest, campaign: String? = nil, time: Timestamp = .now
  ) throws(LineageError) -> StoredEntry {
    let winner = try winner(id)
    try writer.lineage.standings.checkApplication(of: id, winner.kernel)
    let file = try resolve(winner.kernel.file)
    let bytes = try read(file)
    let present = Digest(of: bytes)
    let state = writer.lineage.appliedSources[winner.kernel.file]?.state(of: present)
    if let state, state.layers.contains(where: { $0.winner == id }) {
      throw refusal("'\(winner.kernel.function)' already carries winner '\(id.short)'", file)
    }
    guard state != nil || present == winner.baseSource else {
      throw changed(file, expected: winner.baseSource, found: present)
    }
    let text = try composed(bytes, with: [(id, winner)], file)
    let entry = LineageEntry.Content.applied(
      Applied(
        winner: id, kernel: winner.kernel, before: present, after: Digest(of: text), by: user))
    return try change(file, from: bytes, to: text, recording: entry, campaign, time)
  }

  /// Takes the winner that the entry `id` records, or that the entry `id` applied, out of its file.
  ///
  /// Winners can be reverted in any order. Throws `LineageError.refused` when the file has changed
  /// since, or when a later winner rests on this one.
  @discardableResult
  public func revert(
    _ id: Digest, time: Timestamp = .now
  ) throws(LineageError) -> StoredEntry {
    let (layer, source) = try layer(id)
    let file = try resolve(layer.kernel.file)
    let bytes = try read(file)
    let present = Digest(of: bytes)
    guard let state = source.state(of: present) else {
      throw changed(file, expected: source.current.digest, found: present)
    }
    let isThere = state.layers.contains(layer)
    // After an interrupted application only the log says that it is there, and is put right.
    guard isThere || source.current.layers.contains(layer) else { throw notApplied(id) }
    let text = try isThere ? text(of: source.base, state, without: layer, file) : bytes
    let entry = LineageEntry.Content.reverted(
      Reverted(
        applied: layer.applied, winner: layer.winner, kernel: layer.kernel, before: present,
        after: Digest(of: text), by: user))
    return try change(file, from: bytes, to: text, recording: entry, nil, time)
  }

  /// The winner in a file that `id` names, by the entry that won or by the one that applied it.
  private func layer(_ id: Digest) throws(LineageError) -> (AppliedSource.Layer, AppliedSource) {
    for source in writer.lineage.appliedSources.values {
      let layers = source.beforeLast.layers + source.current.layers
      if let layer = layers.last(where: { $0.applied == id || $0.winner == id }) {
        return (layer, source)
      }
    }
    throw notApplied(id)
  }

  /// The content of `state` over `base`, without the winner of `layer`.
  private func text(
    of base: Digest, _ state: AppliedSource.State, without layer: AppliedSource.Layer,
    _ file: FilePath
  ) throws(LineageError) -> [UInt8] {
    var rest: [(Digest, Winner)] = []
    for other in state.layers where other != layer {
      rest.append((other.winner, try winner(other.winner)))
    }
    return try composed(writer.objects.get(base), with: rest, file)
  }

  /// `text` with the changes of `winners` made in turn.
  private func composed(
    _ text: [UInt8], with winners: [(id: Digest, winner: Winner)], _ file: FilePath
  ) throws(LineageError) -> [UInt8] {
    var text = text
    for (id, winner) in winners {
      let base = try writer.objects.get(winner.baseSource)
      let new = try writer.objects.get(winner.newSource)
      guard let next = merged(base: base, ours: text, theirs: new) else {
        throw refusal(
          "winner '\(id.short)' of '\(winner.kernel.function)' changes lines that another winner "
            + "changes too", file, remedy: "revert the later of the two first")
      }
      text = next
    }
    return text
  }

  /// Records the change and makes it.
  private func change(
    _ file: FilePath, from old: [UInt8], to new: [UInt8],
    recording entry: LineageEntry.Content, _ campaign: String?, _ time: Timestamp
  ) throws(LineageError) -> StoredEntry {
    try writer.objects.put(old)
    try writer.objects.put(new)
    var stored: StoredEntry?
    let temporary = try temporary(for: file)
    try files.replace(file, with: new, by: temporary, keepingAttributes: true) {
      () throws(LineageError) in
      // An editor may have saved since the file was read.
      let present = try read(file)
      guard present == old else {
        throw changed(file, expected: Digest(of: old), found: Digest(of: present))
      }
      stored = try writer.append(entry, campaign: campaign, time: time)
    }
    guard let stored else { preconditionFailure("replace calls back before it renames") }
    return stored
  }

  private func winner(_ id: Digest) throws(LineageError) -> Winner {
    guard let stored = writer.lineage[id] else {
      throw .input(InputError("no entry '\(id.short)'"))
    }
    guard case .winner(let winner) = stored.entry.content else {
      throw .input(
        InputError(
          "entry '\(id.short)' is no winner but of kind '\(stored.entry.content.kind)'",
          remedy: "'ratchet report' lists the winners"))
    }
    return winner
  }

  /// The real path of a kernel's file, which must lie under the root: a log from elsewhere may name
  /// any path.
  private func resolve(_ name: String) throws(LineageError) -> FilePath {
    let outside = refusal("'\(name)' lies outside the project", root)
    guard FilePath(name).isRelative else { throw outside }
    let (top, file): (FilePath, FilePath)
    do {
      (top, file) = (try files.realPath(root), try files.realPath(root.appending(name)))
    } catch {
      throw LineageError(error)
    }
    guard file.starts(with: top) else { throw outside }
    return file
  }

  private func read(_ file: FilePath) throws(LineageError) -> [UInt8] {
    do { return try files.contents(of: file) } catch { throw LineageError(error) }
  }

  /// Where the new content of `file` is written first: beside it, so that a rename can follow.
  ///
  /// What an interrupted change left there is removed; the lock of the lineage says that nobody
  /// else is at work.
  private func temporary(for file: FilePath) throws(LineageError) -> FilePath {
    let name = file.lastComponent?.string ?? "source"
    let path = file.removingLastComponent().appending(".\(name).ratchet")
    do {
      if try files.status(path) != nil { try files.remove(path) }
    } catch {
      throw LineageError(error)
    }
    return path
  }
}

private func notApplied(_ id: Digest) -> LineageError {
  .input(InputError("'\(id.short)' is not applied", remedy: "'ratchet lineage log' shows what is"))
}

private func changed(_ file: FilePath, expected: Digest, found: Digest) -> LineageError {
  .refused(
    .error(
      "the file has changed: expected '\(expected.short)', found '\(found.short)'",
      at: SourceLocation(file: file.string),
      remedy: "restore that version, or optimize the new one"))
}

private func refusal(_ message: String, _ file: FilePath, remedy: String? = nil) -> LineageError {
  .refused(.error(message, at: SourceLocation(file: file.string), remedy: remedy))
}
