import Diagnostics
public import ExperimentRecords
import Synchronization
public import SystemPackage

/// The one process that adds to a lineage.
///
/// An entry is acknowledged, which means that `append` returned, only when it is on the disk. After
/// any failure the writer takes no more entries: close it and open another, which verifies the log.
public final class LineageWriter: Sendable {
  private struct State {
    var lineage: Lineage
    var isOpen = true
    var failure: LineageError?
  }

  /// Where the lineage lies.
  public let directory: StateDirectory
  /// The contents that entries name.
  public let objects: ObjectStore
  /// Where the bytes of a torn last line were kept, when there was one.
  public let savedTail: FilePath?

  private let lock: WriterLock
  private let log: OpenFile
  private let state: Mutex<State>

  /// Opens the lineage in `directory` for writing and creates it when missing.
  ///
  /// The whole log is verified, and a torn tail cut off after a backup. Throws
  /// `LineageError.locked` when another process still writes after `patience`.
  public init(
    _ directory: StateDirectory, command: String, patience: Duration = .milliseconds(200)
  ) throws(LineageError) {
    try directory.create()
    let lock = try Self.takeLock(directory, .current(command: command), patience)
    do {
      let lineage: Lineage
      (log, savedTail, lineage) = try Self.open(directory)
      state = Mutex(State(lineage: lineage))
    } catch {
      lock.release(directory.files)
      throw error
    }
    self.directory = directory
    self.lock = lock
    objects = ObjectStore(directory)
  }

  deinit { close() }

  /// All entries up to now.
  public var lineage: Lineage { state.withLock { $0.lineage } }

  /// Adds an entry; when it returns, the entry is on the disk.
  @discardableResult
  public func append(
    _ content: LineageEntry.Content, campaign: String? = nil, time: Timestamp = .now
  ) throws(LineageError) -> StoredEntry {
    let entry = LineageEntry(time: time, campaign: campaign, content)
    return try state.withLock { (state) throws(LineageError) -> StoredEntry in
      guard state.isOpen else { throw .input(InputError("the lineage is closed")) }
      if let failure = state.failure { throw failure }
      let stored = try write(entry, after: state.lineage, &state.failure)
      state.lineage.append(stored)
      return stored
    }
  }

  /// Ends writing and lets others write.
  public func close() {
    state.withLock { state in
      guard state.isOpen else { return }
      state.isOpen = false
      directory.files.close(log)
      lock.release(directory.files)
    }
  }

  private func write(
    _ entry: LineageEntry, after lineage: Lineage, _ failure: inout LineageError?
  ) throws(LineageError) -> StoredEntry {
    let id: Digest
    let line: [UInt8]
    do {
      (id, line) = try LineageFormat.line(for: entry, after: lineage.head)
    } catch {
      throw .input(InputError("the entry cannot be written: \(error)"))
    }
    do {
      // The newline is the commit mark: it follows only when the line is on the disk.
      try directory.files.writeAll(line, to: log)
      try directory.files.synchronize(log)
      try directory.files.writeAll([UInt8(ascii: "\n")], to: log)
      try directory.files.synchronize(log)
    } catch {
      failure = LineageError(error)
      throw LineageError(error)
    }
    return StoredEntry(
      id: id, previous: lineage.head, index: lineage.entries.count, entry: entry)
  }

  private static func takeLock(
    _ directory: StateDirectory, _ holder: LockHolder, _ patience: Duration
  ) throws(LineageError) -> WriterLock {
    let deadline = ContinuousClock.now + patience
    while true {
      do {
        return try WriterLock(directory, for: holder)
      } catch {
        guard case .locked = error, ContinuousClock.now < deadline else { throw error }
        pause()
      }
    }
  }

  private static func open(
    _ directory: StateDirectory
  ) throws(LineageError) -> (OpenFile, FilePath?, Lineage) {
    let files = directory.files
    let file: OpenFile
    do { file = try files.open(directory.log, .append) } catch { throw LineageError(error) }
    do {
      let pieces = LogPieces(file, files, size: try files.status(directory.log)?.size ?? 0)
      let (lineage, outcome) = try Lineage.read(pieces, file: directory.log)
      var saved: FilePath?
      if let torn = outcome.torn {
        saved = try directory.keep(torn: try pieces.bytes(torn), from: torn.lowerBound)
        try files.truncate(file, to: outcome.end)
        try files.synchronize(file)
      }
      try directory.removeTemporaryFiles()
      return (file, saved, lineage)
    } catch {
      files.close(file)
      throw (error as? LineageError) ?? (error as? FileFailure).map { LineageError($0) }
        ?? .input(InputError("\(error)"))
    }
  }
}

extension StateDirectory {
  /// Copies the `bytes` of a torn line, which began at `offset`, to a place of their own.
  fileprivate func keep(torn bytes: [UInt8], from offset: Int) throws(LineageError) -> FilePath {
    do {
      try makeDirectories(torn)
      try makeDirectories(temporary)
    } catch {
      throw LineageError(error)
    }
    let copy = torn.appending("\(offset)-\(Digest(of: bytes).short)")
    try files.replace(copy, with: bytes, by: temporaryFile())
    return copy
  }
}
