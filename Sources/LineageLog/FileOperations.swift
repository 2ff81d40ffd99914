public import SystemPackage

/// The kinds of file operations, as failures name them.
public enum FileOperation: String, Sendable, Hashable, CaseIterable {
  case open, read, write, synchronize, truncate, rename, remove, makeDirectory, list, status, lock
  case copyAttributes
}

/// A file operation that failed.
public struct FileFailure: Error, Hashable, Sendable {
  /// What was tried.
  public var operation: FileOperation
  /// On which file or directory.
  public var path: FilePath
  /// What the system said.
  public var code: Errno

  /// Creates the failure of `operation` on `path`.
  public init(_ operation: FileOperation, _ path: FilePath, _ code: Errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }
}

/// What is known of a file without reading it.
public struct FileStatus: Hashable, Sendable {
  /// The kinds of files that matter here.
  public enum Kind: Hashable, Sendable {
    case regular, directory, other
  }

  /// The kind.
  public var kind: Kind
  /// The size in bytes.
  public var size: Int
  /// Permission bits.
  public var mode: UInt32

  /// Creates the status from its parts.
  public init(kind: Kind, size: Int, mode: UInt32) {
    self.kind = kind
    self.size = size
    self.mode = mode
  }
}

/// How a file is opened. Every descriptor is closed on exec.
public enum FileAccess: Hashable, Sendable {
  /// For reading; the file exists.
  case read
  /// For reading and appending; the file exists.
  case append
  /// For reading and writing; the file is created when missing.
  case update
  /// For writing; the file must not exist yet.
  case createNew
}

/// Everything that this room does to the file system, so that tests can make each single operation
/// fail.
///
/// Operations are retried when a signal interrupts them, and nothing else is retried: in particular
/// a failed `synchronize` says that what was written may be lost, and stays said.
public protocol FileOperations: Sendable {
  /// Opens `path`.
  func open(_ path: FilePath, _ access: FileAccess) throws(FileFailure) -> OpenFile
  /// Reads at most `count` bytes at `offset`; an empty result is the end of the file.
  func read(
    _ file: OpenFile, count: Int, at offset: Int
  ) throws(FileFailure) -> [UInt8]
  /// Writes a prefix of `bytes` at the end (`.append`) or the current position, and returns its
  /// length, which may be short.
  func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(FileFailure) -> Int
  /// Brings everything written to `file`, or the names in the directory `file`, onto the disk.
  func synchronize(_ file: OpenFile) throws(FileFailure)
  /// Cuts `file` to `size` bytes.
  func truncate(_ file: OpenFile, to size: Int) throws(FileFailure)
  /// Closes `file`. Nothing that matters is pending then, so there is nothing to report.
  func close(_ file: OpenFile)
  /// Gives the file at `source` the name `target`, replacing what has that name.
  func rename(_ source: FilePath, to target: FilePath) throws(FileFailure)
  /// Removes the name of a file.
  func remove(_ path: FilePath) throws(FileFailure)
  /// Creates a directory whose parent exists.
  func makeDirectory(_ path: FilePath) throws(FileFailure)
  /// The names in a directory, sorted, without `.` and `..`.
  func list(_ path: FilePath) throws(FileFailure) -> [String]
  /// The status of `path`, following symbolic links; `nil` when nothing is there.
  func status(_ path: FilePath) throws(FileFailure) -> FileStatus?
  /// `path` without symbolic links, dots and doubled slashes.
  func realPath(_ path: FilePath) throws(FileFailure) -> FilePath
  /// Takes the exclusive lock on `file` without waiting; `false` when another holds it.
  func lock(_ file: OpenFile) throws(FileFailure) -> Bool
  /// Gives `target` the permission bits and the owner of `source`.
  func copyAttributes(from source: FilePath, to target: OpenFile) throws(FileFailure)
}

/// An open file or directory with the path that it was opened by.
public struct OpenFile: Hashable, Sendable {
  /// The system's number.
  public let descriptor: FileDescriptor
  /// The path as given.
  public let path: FilePath

  /// Creates the open file that `descriptor` stands for.
  public init(_ descriptor: FileDescriptor, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }
}
