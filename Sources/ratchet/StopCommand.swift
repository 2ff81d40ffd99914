import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog

/// `ratchet stop`: ends a running campaign in a safe state.
struct StopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Asks the campaign that writes a lineage to end, and waits until it has.",
    discussion: """
      It writes the file STOP into the state directory and removes it when the campaign has ended. \
      A file STOP that you put there yourself keeps campaigns from running until you remove it.
      """)

  @OptionGroup var state: ExistingState

  func run() async throws {
    try await withEndings {
      let directory = try state.directory()
      guard let holder = try WriterWatch(directory).holder() else {
        say("no campaign is running on \(directory.path)\n")
        return
      }
      let stopFile = directory.stopFile.string
      let wasThere = FileManager.default.fileExists(atPath: stopFile)
      try write(stopFile)
      let start = ContinuousClock.now
      while try WriterWatch(directory).holder() == holder {
        guard ContinuousClock.now - start < .seconds(15) else {
          complain(
            .error(
              "\(holder.name) has not ended within 15 s; the request stays",
              at: SourceLocation(file: stopFile), remedy: "end the process itself with 'kill'"))
          throw Ending.refused
        }
        try await Task.sleep(for: .milliseconds(50))
      }
      if !wasThere { try FileManager.default.removeItem(atPath: stopFile) }
      say("stopped \(holder.name); 'ratchet optimize --resume' goes on with it\n")
    }
  }

  private func write(_ path: String) throws {
    do {
      try Data("\(accountName()) with 'ratchet stop' at \(Timestamp.now)\n".utf8)
        .write(to: URL(fileURLWithPath: path))
    } catch {
      throw InputError(
        "cannot write the request: \(reason(of: error))", at: SourceLocation(file: path),
        remedy: "send SIGTERM to the campaign instead")
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
