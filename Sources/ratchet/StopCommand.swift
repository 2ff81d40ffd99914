import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import OptimizationAgent

/// `ratchet stop`: ends a running campaign in a safe state, and keeps others from beginning.
struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Ends the campaign that writes a lineage, and lets none begin until you clear it.",
    discussion: """
      It writes the file STOP into the state directory and waits until the campaign has ended. While that \
      file is there no campaign runs, and one that was stopped, by whatever means, is not resumed, until \
      'ratchet stop --clear' is typed on a terminal.
      """)

  @Flag(help: "Let campaigns run again; asks for a person at a terminal.")
  var clear = false

  @OptionGroup var state: ExistingState

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      try await clear ? clearStop(directory) : stop(directory)
    }
  }

  private func stop(_ directory: StateDirectory) async throws {
    let holder = try WriterWatch(directory).holder()
    try write(directory.stopFile.string)
    let remedy = "'ratchet stop --clear' lets campaigns run again"
    guard let holder else {
      say("no campaign is running on \(printable(directory.path.string)); \(remedy)\n")
      return
    }
    let start = ContinuousClock.now
    while try WriterWatch(directory).holder() == holder {
      guard ContinuousClock.now - start < .seconds(15) else {
        complain(
          .error(
            "\(holder.name) has not ended within 15 s; the request stays",
            at: SourceLocation(file: directory.stopFile.string),
            remedy: "end the process itself with 'kill'"))
        throw Ending.refused
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    say("stopped \(holder.name); \(remedy)\n")
  }

  /// Logs a person's word that campaigns may go on, then removes the file.
  private func clearStop(_ directory: StateDirectory) throws {
    guard isatty(0) != 0, isatty(1) != 0 else {
      throw InputError(
        "clearing a stop needs a person at a terminal",
        remedy: "run 'ratchet stop --clear' in a terminal, without pipes")
    }
    let stopFile = directory.stopFile.string
    let isThere = StopSignal.isThere(stopFile)
    let writer = try LineageWriter(directory, command: "ratchet stop --clear")
    let pending = writer.lineage.pendingStop
    guard isThere || pending != nil else {
      say("nothing is stopped on \(printable(directory.path.string))\n")
      return
    }
    if let pending {
      try writer.append(
        .stopCleared(StopCleared(stop: pending.entry, by: accountName())),
        campaign: pending.campaign)
    }
    if isThere { try remove(stopFile) }
    let next = pending == nil ? "" : "; 'ratchet optimize --resume' goes on with what was stopped"
    say("campaigns may run again\(next)\n")
  }

  private func write(_ path: String) throws {
    // Whatever has this name stops campaigns, and what is there is a person's.
    guard !StopSignal.isThere(path) else { return }
    do {
      try Data("\(accountName()) with 'ratchet stop' at \(Timestamp.now)\n".utf8)
        .write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    } catch {
      throw InputError(
        "cannot write the request: \(reason(of: error))", at: SourceLocation(file: path),
        remedy: "send SIGTERM to the campaign instead")
    }
  }

  private func remove(_ path: String) throws {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw InputError(
        "cannot remove the request: \(reason(of: error))", at: SourceLocation(file: path),
        remedy: "remove it by hand")
    }
  }
}

/// Looks at who writes a lineage, without disturbing them.
struct WriterWatch {
  private let directory: StateDirectory

  init(_ directory: StateDirectory) { self.directory = directory }

  /// The process that holds the lock, with what it runs.
  struct Holder: Equatable {
    var name: String
  }

  /// Who holds the lock; nil when nobody does.
  func holder() throws -> Holder? {
    let path = directory.lockFile.string
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      // A lineage that nobody has written since it was copied has no lock file.
      if errno == ENOENT { return nil }
      throw InputError(
        "cannot look at the lock: \(String(cString: strerror(errno)).lowercased())",
        at: SourceLocation(file: path))
    }
    defer { close(number) }
    if flock(number, LOCK_SH | LOCK_NB) == 0 { return nil }
    guard errno == EWOULDBLOCK else { return nil }
    guard let text = FileManager.default.contents(atPath: path),
      let holder = try? JSONDecoder().decode(LockHolder.self, from: text)
    else { return Holder(name: "the process that writes the lineage") }
    return Holder(name: "process \(holder.pid) ('\(holder.command)' since \(holder.started))")
  }
}
