import Diagnostics
public import SystemPackage

/// The directory that holds a lineage: `.ratchet/`, or what `--state` names.
public struct StateDirectory: Sendable {
  /// Where it is.
  public let path: FilePath
  /// How files are reached.
  public let files: any FileOperations

  /// Names the state directory at `path`, which need not exist yet.
  public init(_ path: FilePath, files: any FileOperations = SystemFiles()) {
    self.path = path
    self.files = files
  }

  /// The log.
  public var log: FilePath { path.appending("lineage.jsonl") }
  /// The file that a writer locks.
  public var lockFile: FilePath { path.appending("lock") }
  /// The root of the object store.
  public var objects: FilePath { path.appending("objects") }
  /// Where bytes of torn lines are kept.
  public var torn: FilePath { path.appending("torn") }
  /// The file whose presence stops a campaign.
  public var stopFile: FilePath { path.appending("STOP") }
  /// What questions are answered from; made from the log.
  var index: FilePath { path.appending("index.sqlite") }
  /// Files that are not in place yet; removed by the next writer.
  var temporary: FilePath { path.appending("tmp") }
  var ignoreFile: FilePath { path.appending(".gitignore") }

  /// Whether there is a log.
  public func exists() throws(LineageError) -> Bool {
    do { return try files.status(log)?.kind == .regular } catch { throw LineageError(error) }
  }

  /// Says that there is no log here.
  var missing: LineageError {
    .input(
      InputError(
        "no lineage here", at: SourceLocation(file: path.string),
        remedy: "run 'ratchet optimize' first, or name another directory with --state"))
  }

  /// Creates the directory, and what a log needs, where it is missing.
  ///
  /// A directory that holds files but no log is somebody else's, and refused: a `.gitignore` there
  /// would hide the user's own files.
  func create() throws(LineageError) {
    try refuseLinks()
    do {
      let status = try files.status(path)
      if let status, status.kind != .directory { throw taken("it is no directory") }
      if status != nil, try files.status(log) == nil, let stranger = try firstStranger() {
        throw taken("it holds '\(stranger)' and no lineage")
      }
      try makeDirectories(path)
      try makeDirectories(objects)
      try makeDirectories(temporary)
      if try files.status(ignoreFile) == nil { try createFile(ignoreFile, "*\n") }
      if try files.status(log) == nil { try createFile(log, "") }
      try files.synchronizeDirectory(path)
      try files.synchronizeDirectory(parent(of: path))
    } catch let failure as FileFailure {
      throw LineageError(failure)
    } catch let error as LineageError {
      throw error
    } catch {
      throw .input(InputError("\(error)"))
    }
  }

  private func taken(_ why: String) -> LineageError {
    .input(
      InputError(
        "cannot keep a lineage here: \(why)", at: SourceLocation(file: path.string),
        remedy: "name an empty or new directory with --state"))
  }

  /// A name that no interrupted creation of a state directory leaves behind.
  private func firstStranger() throws(FileFailure) -> String? {
    let own: Set = [
      ".gitignore", "lineage.jsonl", "lock", "objects", "tmp", "torn", "STOP", "index.sqlite",
      "index.sqlite-journal",
    ]
    return try files.list(path).first { !own.contains($0) }
  }

  private func createFile(_ path: FilePath, _ content: String) throws(FileFailure) {
    let file = try files.open(path, .update)
    defer { files.close(file) }
    try files.writeAll(Array(content.utf8), to: file)
    try files.synchronize(file)
  }

  /// Creates `path` and what is missing above it, durably.
  func makeDirectories(_ path: FilePath) throws(FileFailure) {
    if try files.status(path)?.kind == .directory { return }
    let parent = parent(of: path)
    if parent != path { try makeDirectories(parent) }
    do {
      try files.makeDirectory(path)
    } catch {
      // Another process may have been quicker.
      guard error.code == .fileExists else { throw error }
    }
    try files.synchronizeDirectory(parent)
  }
}

/// The directory that holds `path`; `.` for a bare name.
func parent(of path: FilePath) -> FilePath {
  let parent = path.removingLastComponent()
  return parent.isEmpty ? FilePath(".") : parent
}
