import Diagnostics
public import SystemPackage

extension FileOperations {
  /// All bytes of the file at `path`.
  public func contents(of path: FilePath) throws(FileFailure) -> [UInt8] {
    let file = try open(path, .read)
    defer { close(file) }
    return try contents(of: file)
  }

  /// All bytes of `file`.
  func contents(of file: OpenFile) throws(FileFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var count = 1 << 14
    while true {
      let piece = try read(file, count: count, at: bytes.count)
      // A file ends where nothing more can be read; a short piece is no end.
      if piece.isEmpty { return bytes }
      bytes += piece
      count = min(2 * count, 1 << 22)
    }
  }

  /// Writes all `bytes`, however many calls that takes.
  func writeAll(_ bytes: [UInt8], to file: OpenFile) throws(FileFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try write(rest, to: file)
      // A disk that takes nothing and reports nothing would be asked for ever.
      guard count > 0 else { throw FileFailure(.write, file.path, .noSpace) }
      rest = rest.dropFirst(count)
    }
  }

  /// Brings the names in the directory `path` onto the disk.
  func synchronizeDirectory(_ path: FilePath) throws(FileFailure) {
    let directory = try open(path, .read)
    defer { close(directory) }
    try synchronize(directory)
  }

  /// Makes `bytes` the content of `path` in one step that a crash cannot split.
  ///
  /// `temporary` lies in the same file system and does not exist. It gets the attributes of the
  /// file that it replaces when `keepingAttributes` is set. `beforeRename` is called when
  /// everything but the change of names is on the disk.
  func replace(
    _ path: FilePath, with bytes: [UInt8], by temporary: FilePath,
    keepingAttributes: Bool = false,
    beforeRename: () throws(LineageError) -> Void = {}
  ) throws(LineageError) {
    do {
      let file = try open(temporary, .createNew)
      defer { close(file) }
      try writeAll(bytes, to: file)
      if keepingAttributes { try copyAttributes(from: path, to: file) }
      try synchronize(file)
    } catch {
      throw removing(temporary, after: LineageError(error))
    }
    do {
      try beforeRename()
    } catch {
      throw removing(temporary, after: error)
    }
    do {
      try rename(temporary, to: path)
    } catch {
      throw removing(temporary, after: LineageError(error))
    }
    do { try synchronizeDirectory(path.removingLastComponent()) } catch { throw .init(error) }
  }

  /// `error`, after an attempt to remove the file that it leaves behind.
  private func removing(_ path: FilePath, after error: LineageError) -> LineageError {
    do {
      try remove(path)
      return error
    } catch let second {
      // The first failure is the one to report. The file stays until the next writer comes.
      guard second.code != .noSuchFileOrDirectory, case .input(var input) = error else {
        return error
      }
      input.diagnostic.notes.append(
        .note("a temporary file is left behind", at: SourceLocation(file: path.string)))
      return .input(input)
    }
  }
}
