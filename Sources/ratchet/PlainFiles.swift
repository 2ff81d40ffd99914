import Diagnostics
import Foundation

/// Files that a person names, read and written with the system's own words for what goes wrong.
enum PlainFiles {
  /// The bytes of the file at `path`.
  static func read(_ path: String, remedy: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw failure("read", path, remedy) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes += buffer[..<count]
      if count == buffer.count { continue }
      guard ferror(file) == 0 else { throw failure("read", path, remedy) }
      return bytes
    }
  }

  /// Makes `bytes` the content of the file at `path`, in one step.
  static func write(_ bytes: [UInt8], to path: String, remedy: String) throws {
    // A device or a pipe is written as it is; renaming would put a file in its place.
    var status = stat()
    let isSpecial = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let temporary = isSpecial ? path : "\(path).\(getpid())~"
    guard let file = fopen(temporary, "wb") else { throw failure("write", path, remedy) }
    let written = fwrite(bytes, 1, bytes.count, file)
    let isWhole = written == bytes.count && fflush(file) == 0
    // What stands in `errno` is the first failure, which closing would hide.
    let code = errno
    fclose(file)
    if isWhole, isSpecial { return }
    guard isWhole, rename(temporary, path) == 0 else {
      let code = isWhole ? errno : code
      if !isSpecial { unlink(temporary) }
      throw failure("write", path, remedy, code)
    }
  }

  /// Adds `bytes` to the end of the file at `path`, which is made when it is not there.
  static func append(_ bytes: [UInt8], to path: String, remedy: String) throws {
    guard let file = fopen(path, "ab") else { throw failure("write", path, remedy) }
    let isWhole = fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0
    let code = errno
    fclose(file)
    if !isWhole { throw failure("write", path, remedy, code) }
  }

  /// Makes the folder at `path` and those above it where they are not there.
  static func folder(_ path: String, remedy: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw InputError(
        "cannot make it: \(reason(of: error))", at: SourceLocation(file: path), remedy: remedy)
    }
  }

  private static func failure(
    _ verb: String, _ path: String, _ remedy: String, _ code: Int32 = errno
  ) -> InputError {
    InputError(
      "cannot \(verb) it: \(String(cString: strerror(code)).lowercased())",
      at: SourceLocation(file: path), remedy: remedy)
  }
}
