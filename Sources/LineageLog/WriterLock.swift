import Diagnostics
public import ExperimentRecords
import Foundation
import SystemPackage

/// Who writes a lineage, as the lock file says.
public struct LockHolder: Codable, Hashable, Sendable {
  /// The process.
  public var pid: Int32
  /// The machine that it runs on.
  public var host: String
  /// What was typed.
  public var command: String
  /// When it took the lock.
  public var started: Timestamp

  /// Creates the description of a writer.
  public init(pid: Int32, host: String, command: String, started: Timestamp) {
    self.pid = pid
    self.host = host
    self.command = command
    self.started = started
  }

  /// This process, running `command`.
  public static func current(command: String) -> LockHolder {
    LockHolder(
      pid: ProcessInfo.processInfo.processIdentifier, host: hostName(),
      command: command, started: .now)
  }
}

extension Timestamp {
  /// This moment.
  public static var now: Timestamp { Timestamp(secondsSince1970: Date().timeIntervalSince1970) }
}

/// The exclusive right to write a lineage: a lock (flock) that the system takes back when the
/// process dies, however it dies.
struct WriterLock {
  private let file: OpenFile

  /// Takes the lock of `state` for `holder`.
  ///
  /// Throws `LineageError.locked`, which says by whom, when another has it.
  init(_ state: StateDirectory, for holder: LockHolder) throws(LineageError) {
    let files = state.files
    do {
      file = try files.open(state.lockFile, .update)
    } catch {
      throw LineageError(error)
    }
    do {
      guard try files.lock(file) else { throw Self.locked(state, by: try Self.holder(state)) }
      try files.truncate(file, to: 0)
      try files.writeAll(Array(try JSONEncoder().encode(holder)), to: file)
    } catch {
      files.close(file)
      throw (error as? FileFailure).map { LineageError($0) } ?? (error as? LineageError)
        ?? .input(InputError("cannot describe this process: \(error)"))
    }
  }

  /// Gives the lock back.
  func release(_ files: any FileOperations) {
    files.close(file)
  }

  /// Whether a process writes `state` at this moment.
  static func isHeld(_ state: StateDirectory) throws(FileFailure) -> Bool {
    guard try state.files.status(state.lockFile) != nil else { return false }
    let file = try state.files.open(state.lockFile, .read)
    defer { state.files.close(file) }
    return try !state.files.lock(file)
  }

  /// Who the lock file names; `nil` while the holder has not written it yet.
  private static func holder(_ state: StateDirectory) throws(FileFailure) -> LockHolder? {
    let text = try state.files.contents(of: state.lockFile)
    do {
      return try JSONDecoder().decode(LockHolder.self, from: Data(text))
    } catch {
      return nil
    }
  }

  private static func locked(_ state: StateDirectory, by holder: LockHolder?) -> LineageError {
    var notes: [Diagnostic] = []
    var message = "the lineage is being written by another process"
    if let holder {
      message = "the lineage is being written by process \(holder.pid) on '\(holder.host)'"
      notes = [.note("it runs '\(holder.command)' since \(holder.started)")]
    }
    return .locked(
      .error(
        message, at: SourceLocation(file: state.path.string),
        remedy: "wait for it, stop it with 'ratchet stop', or name another directory with --state",
        notes: notes))
  }
}
