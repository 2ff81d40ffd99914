import Diagnostics
import ExperimentRecords
import LineageLog
import OptimizationAgent
import SystemPackage

/// Puts winners into sources and takes them out, for `apply`, `revert` and `optimize --apply`.
struct SourceChanges {
  private let writer: LineageWriter
  private let key: SigningKey?
  private let stop: StopSignal

  /// Takes the lock of the state directory.
  ///
  /// - Parameter stop: What ends the work between one change and the next; no change is left half made.
  init(_ directory: StateDirectory, command: String, stop: StopSignal) throws {
    key = try SigningKey.configured()
    self.stop = stop
    writer = try LineageWriter(directory, command: command)
  }

  /// Takes the lock of the state directory. Ctrl-C and SIGTERM end the work between one change and the next.
  init(_ directory: StateDirectory, command: String) throws {
    let stop = StopSignal(stateDirectory: nil)
    stop.watch()
    try self.init(directory, command: command, stop: stop)
  }

  /// Throws `Ending.stopped`, and says so, once a stop has been asked for.
  func checkStop() throws {
    guard let reason = stop.reason else { return }
    complain("stopped by \(printable(reason)); what is told above is done")
    throw Ending.stopped
  }

  var lineage: Lineage { writer.lineage }

  /// Writes the winner `id` into its file.
  @discardableResult
  func apply(_ id: Digest, campaign: String? = nil) throws -> KernelName {
    let kernel = try kernel(of: id)
    try changes(to: kernel.file).apply(id, campaign: campaign)
    try writer.checkpoint(signedBy: key)
    return kernel
  }

  /// Writes those of `winners` that are not applied yet into their files; a refusal is told and does
  /// not keep the others out.
  func applyAll(
    _ winners: [Digest], campaign: String? = nil
  ) throws -> (applied: [KernelName], refusals: Int) {
    let present = Set(
      lineage.appliedSources.values.flatMap { $0.current.layers.map(\.winner) })
    var applied: [KernelName] = []
    var refusals = 0
    for id in winners where !present.contains(id) && stop.reason == nil {
      do {
        applied.append(try apply(id, campaign: campaign))
      } catch let error as LineageError {
        guard case .refused = error else { throw error }
        complain(error.diagnostic)
        refusals += 1
      }
    }
    return (applied, refusals)
  }

  /// Takes the winner that `id` names, or whose application it names, out of its file.
  @discardableResult
  func revert(_ id: Digest) throws -> KernelName {
    let kernel = try kernel(of: id)
    try changes(to: kernel.file).revert(id)
    try writer.checkpoint(signedBy: key)
    return kernel
  }

  private func changes(to file: String) throws -> PatchApplication {
    let root = try lineage.projectRoot(of: writer.directory, holding: file)
    return PatchApplication(writer, root: root, user: accountName())
  }

  private func kernel(of id: Digest) throws -> KernelName {
    guard let entry = lineage[id]?.entry else { throw InputError("no entry '\(id.short)'") }
    switch entry.content {
    case .winner(let winner): return winner.kernel
    case .applied(let applied): return applied.kernel
    default:
      throw InputError(
        "entry '\(id.short)' is no winner but of kind '\(entry.content.kind)'",
        remedy: "'ratchet lineage log --outcome winner' lists the winners")
    }
  }
}
