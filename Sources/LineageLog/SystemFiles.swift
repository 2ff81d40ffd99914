public import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file operations of the system.
public struct SystemFiles: FileOperations {
  /// Creates the operations of the system.
  public init() {}

  /// Opens `path`.
  public func open(_ path: FilePath, _ access: FileAccess) throws(FileFailure) -> OpenFile {
    let flags: Int32 =
      switch access {
      case .read: O_RDONLY
      case .append: O_RDWR | O_APPEND
      case .update: O_RDWR | O_CREAT
      case .createNew: O_WRONLY | O_CREAT | O_EXCL
      }
    let number = try retrying(.open, path) { opened(path.string, flags | O_CLOEXEC, 0o666) }
    return OpenFile(FileDescriptor(rawValue: number), path: path)
  }

  /// Reads at most `count` bytes at `offset`.
  public func read(
    _ file: OpenFile, count: Int, at offset: Int
  ) throws(FileFailure) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      repeat {
        code = 0
        let result = pread(file.descriptor.rawValue, buffer.baseAddress, count, off_t(offset))
        if result < 0 { code = errno } else { filled = result }
      } while code == EINTR
    }
    guard code == 0 else { throw FileFailure(.read, file.path, Errno(rawValue: code)) }
    return bytes
  }

  /// Writes a prefix of `bytes`.
  public func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(FileFailure) -> Int {
    try retrying(.write, file.path) {
      bytes.withUnsafeBytes { written(file.descriptor.rawValue, $0.baseAddress, $0.count) }
    }
  }

  /// Brings what was written onto the disk.
  public func synchronize(_ file: OpenFile) throws(FileFailure) {
    _ = try retrying(.synchronize, file.path) { fsync(file.descriptor.rawValue) }
  }

  /// Cuts `file` to `size` bytes.
  public func truncate(_ file: OpenFile, to size: Int) throws(FileFailure) {
    _ = try retrying(.truncate, file.path) { ftruncate(file.descriptor.rawValue, off_t(size)) }
  }

  /// Closes `file`.
  public func close(_ file: OpenFile) {
    // Linux frees the number even when close reports a signal, so that a retry could hit another.
    _ = closed(file.descriptor.rawValue)
  }

  /// Gives the file at `source` the name `target`.
  public func rename(_ source: FilePath, to target: FilePath) throws(FileFailure) {
    _ = try retrying(.rename, target) { renamed(source.string, target.string) }
  }

  /// Removes the name of a file.
  public func remove(_ path: FilePath) throws(FileFailure) {
    _ = try retrying(.remove, path) { unlink(path.string) }
  }

  /// Creates a directory whose parent exists.
  public func makeDirectory(_ path: FilePath) throws(FileFailure) {
    _ = try retrying(.makeDirectory, path) { mkdir(path.string, 0o777) }
  }

  /// The names in a directory.
  public func list(_ path: FilePath) throws(FileFailure) -> [String] {
    guard let stream = opendir(path.string) else {
      throw FileFailure(.list, path, Errno(rawValue: errno))
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileFailure(.list, path, Errno(rawValue: errno)) }
    return names.sorted()
  }

  /// The status of `path`.
  public func status(_ path: FilePath) throws(FileFailure) -> FileStatus? {
    var buffer = stat()
    guard stat(path.string, &buffer) == 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return nil }
      throw FileFailure(.status, path, Errno(rawValue: code))
    }
    let kind: FileStatus.Kind =
      switch buffer.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      default: .other
      }
    return FileStatus(
      kind: kind, size: Int(buffer.st_size), mode: UInt32(buffer.st_mode & 0o7777))
  }

  /// `path` without symbolic links.
  public func realPath(_ path: FilePath) throws(FileFailure) -> FilePath {
    guard let resolved = realpath(path.string, nil) else {
      throw FileFailure(.status, path, Errno(rawValue: errno))
    }
    defer { free(resolved) }
    return FilePath(String(cString: resolved))
  }

  /// Takes the exclusive lock on `file` without waiting.
  public func lock(_ file: OpenFile) throws(FileFailure) -> Bool {
    do {
      _ = try retrying(.lock, file.path) { flock(file.descriptor.rawValue, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      if error.code.rawValue == EWOULDBLOCK { return false }
      throw error
    }
  }

  /// Gives `target` the permission bits and the owner of `source`.
  public func copyAttributes(
    from source: FilePath, to target: OpenFile
  ) throws(FileFailure) {
    var wanted = stat()
    var present = stat()
    let number = target.descriptor.rawValue
    _ = try retrying(.copyAttributes, source) { stat(source.string, &wanted) }
    _ = try retrying(.copyAttributes, target.path) { fstat(number, &present) }
    if wanted.st_uid != present.st_uid || wanted.st_gid != present.st_gid {
      _ = try retrying(.copyAttributes, target.path) {
        fchown(number, wanted.st_uid, wanted.st_gid)
      }
    }
    _ = try retrying(.copyAttributes, target.path) { fchmod(number, wanted.st_mode & 0o7777) }
  }
}

/// The result of `call`, called again for as long as a signal interrupts it.
private func retrying<Number: SignedInteger>(
  _ operation: FileOperation, _ path: FilePath, _ call: () -> Number
) throws(FileFailure) -> Number {
  while true {
    let result = call()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw FileFailure(operation, path, Errno(rawValue: code)) }
  }
}

// The system's functions under names that the methods above do not hide.

private func opened(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

private func written(_ number: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(number, bytes, count)
}

private func closed(_ number: Int32) -> Int32 { close(number) }

private func renamed(_ source: String, _ target: String) -> Int32 { rename(source, target) }
