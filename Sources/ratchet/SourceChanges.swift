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

  /// Writes the winner `id` into its file, where the level and a person's word allow it.
  @discardableResult
  func apply(_ id: Digest, campaign: String? = nil) throws -> KernelName {
    let kernel = try kernel(of: id)
    let root = try root(of: kernel, id, campaign)
    let permit = try permit(toApply: id, root.appending(kernel.file).string, campaign)
    try checkInside(kernel, root, id, campaign)
    try apply(id, permit, root, campaign)
    return kernel
  }

  /// The project's root, where files may be changed: a state directory called `.ratchet` lies in it. What
  /// the log names as the root of another project is for reading alone, since the log may come from elsewhere.
  private func root(
    of kernel: KernelName, _ id: Digest, _ campaign: String? = nil
  ) throws -> FilePath {
    let state = writer.directory
    let root = try lineage.projectRoot(of: state, holding: kernel.file)
    guard state.path.lastComponent?.string == ".ratchet", root != lineage.likelyRoot(of: state)
    else { return root }
    throw LineageError.refused(
      try writer.refuse(
        ActionRefused(
          action: "change a file with entry '\(id.short)'", subject: id, kernel: kernel,
          origin: "the project's root",
          reason: "the file is in '\(root)', and the lineage lies in another project",
          by: accountName()), campaign: campaign, remedy: "start in that project"))
  }

  /// Records an attempt to change a file outside of the project, by a link or by a name in a log from
  /// elsewhere; `PatchApplication` looks again when it changes the file.
  private func checkInside(
    _ kernel: KernelName, _ root: FilePath, _ id: Digest, _ campaign: String?
  ) throws {
    let files = writer.directory.files
    let file = root.appending(kernel.file)
    guard FilePath(kernel.file).isRelative, try files.status(file) != nil,
      try files.realPath(file).starts(with: try files.realPath(root))
    else {
      throw LineageError.refused(
        try writer.refuse(
          ActionRefused(
            action: "apply winner '\(id.short)'", subject: id, kernel: kernel,
            origin: "the project's root", reason: "'\(kernel.file)' lies outside the project",
            by: accountName()), campaign: campaign))
    }
  }

  /// What became of several winners.
  struct Outcome {
    var applied: [KernelName] = []
    /// Done, refused, or stopped at a ceiling.
    var ending = Ending.done
  }

  /// Writes those of `winners` that are not applied yet into their files; a refusal is told and does
  /// not keep the others out, a ceiling does.
  func applyAll(_ winners: [Digest], campaign: String? = nil) throws -> Outcome {
    let present = Set(
      lineage.appliedSources.values.flatMap { $0.current.layers.map(\.winner) })
    var outcome = Outcome()
    for id in winners where !present.contains(id) && stop.reason == nil {
      do {
        outcome.applied.append(try apply(id, campaign: campaign))
      } catch let error as LineageError {
        guard case .refused = error else { throw error }
        complain(error.diagnostic)
        outcome.ending = Ending.refused
      } catch let stop as OversightStop {
        complain(stop.diagnostic)
        outcome.ending = Ending.stopped
        break
      }
    }
    return outcome
  }

  /// The change itself, which only a permission opens.
  private func apply(
    _ id: Digest, _ permit: Permit, _ root: FilePath, _ campaign: String?
  ) throws {
    try PatchApplication(writer, root: root, user: accountName()).apply(id, campaign: campaign)
    try writer.checkpoint(signedBy: key)
  }

  /// Asks the gate at the file; what it denies is in the log.
  private func permit(
    toApply id: Digest, _ file: String, _ campaign: String?
  ) throws -> Permit {
    let gate = try AutonomyGate(at: [file], user: accountName())
    let permit: Permit
    do throws(Denial) {
      permit = try gate.application(of: id, in: lineage)
    } catch {
      throw LineageError.refused(
        try writer.refuse(error.record, campaign: campaign, remedy: error.remedy))
    }
    try checkAccepted(gate.policy.ceilings[.accepted], id, campaign)
    return permit
  }

  /// Stops where as many changes were accepted within a day as are allowed.
  private func checkAccepted(
    _ bound: Ceilings.Bound?, _ id: Digest, _ campaign: String?
  ) throws {
    let count = lineage.acceptedChanges(inTheDayBefore: .now)
    guard let bound, Double(count) >= bound.value else { return }
    let refused = ActionRefused(
      action: "apply winner '\(id.short)'", subject: id, kernel: lineage[id]?.entry.kernel,
      origin: bound.origin,
      reason:
        "ceiling on accepted changes: \(count) within a day, and \(Int(bound.value)) are allowed",
      by: accountName())
    throw OversightStop(
      try writer.refuse(
        refused, campaign: campaign, remedy: "wait, or raise 'accepted' in \(bound.origin)"))
  }

  /// Takes the winner that `id` names, or whose application it names, out of its file.
  @discardableResult
  func revert(_ id: Digest) throws -> KernelName {
    let kernel = try kernel(of: id)
    let root = try root(of: kernel, id)
    try PatchApplication(writer, root: root, user: accountName()).revert(id)
    try writer.checkpoint(signedBy: key)
    return kernel
  }

  private func kernel(of id: Digest) throws -> KernelName {
    guard let entry = lineage[id]?.entry else { throw InputError("no entry '\(id.short)'") }
    switch entry.content {
    case .winner(let winner): return winner.kernel
    case .applied(let applied): return applied.kernel
    case .quarantined(let held):
      throw LineageError.refused(
        try writer.refuse(
          ActionRefused(
            action: "take quarantined '\(id.short)' for a winner", subject: id, kernel: held.kernel,
            origin: "the quarantine", reason: held.reason, by: accountName())))
    default:
      throw InputError(
        "entry '\(id.short)' is no winner but of kind '\(entry.content.kind)'",
        remedy: "'ratchet lineage log --outcome winner' lists the winners")
    }
  }
}
