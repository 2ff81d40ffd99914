import Diagnostics
import Foundation

/// The configuration files that bear on a path: those in its directory and in all directories above it.
enum ConfigurationFiles {
  static let name = ".ratchet.yml"

  /// Where the file of a configuration comes from.
  enum Standing: Hashable, Sendable {
    /// It lies in the directory that the person works in, or above it, and belongs to the account or to root:
    /// as with `make`, whoever works there takes it for his own.
    case own
    /// It lies below, or elsewhere, or belongs to somebody else, and came with what is optimized.
    case foreign
  }

  /// The nearest file at `path` or above it.
  static func nearest(to path: String) throws(InputError) -> String? {
    for directory in directories(above: path) {
      if let file = try file(in: directory) { return file }
    }
    return nil
  }

  /// Every file at `paths` or above them, with and without symbolic links on the way, each once.
  static func all(above paths: [String]) throws(InputError) -> [String] {
    var seen: Set<String> = []
    var result: [String] = []
    for path in paths {
      for way in [path, real(path)] {
        for directory in directories(above: way) {
          guard let file = try file(in: directory) else { continue }
          if seen.insert(real(file)).inserted { result.append(file) }
        }
      }
    }
    return result
  }

  /// Whose the file is, for a person who works in `directory`.
  static func standing(
    of file: String, from directory: String = FileManager.default.currentDirectoryPath
  ) -> Standing {
    var status = stat()
    guard lstat(file, &status) == 0, status.st_uid == getuid() || status.st_uid == 0 else {
      return .foreign
    }
    let place = real(URL(fileURLWithPath: file).deletingLastPathComponent().path)
    let here = real(directory)
    let isAbove = here == place || here.hasPrefix(place == "/" ? "/" : place + "/")
    return isAbove ? .own : .foreign
  }

  /// The configuration of a directory.
  ///
  /// Throws: `InputError` when something else than a plain file has its name: a link could be turned to
  /// another file later, and one that leads nowhere would hide what is forbidden.
  private static func file(in directory: String) throws(InputError) -> String? {
    let path = directory == "/" ? "/" + name : directory + "/" + name
    return try plainFile(path) ? path : nil
  }

  /// Whether a plain file is at `path`; false where nothing is.
  static func plainFile(_ path: String) throws(InputError) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return false }
      throw InputError(
        "cannot look at the configuration: \(String(cString: strerror(errno)).lowercased())",
        at: SourceLocation(file: path), remedy: "make it a readable UTF-8 file")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw InputError(
        "the configuration is no plain file", at: SourceLocation(file: path),
        remedy: "put the file itself there, or remove it")
    }
    return true
  }

  /// The directory of `path`, itself where it is one, and those above it.
  private static func directories(above path: String) -> [String] {
    var directory = URL(fileURLWithPath: path).standardizedFileURL
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory)
    if !exists || !isDirectory.boolValue { directory.deleteLastPathComponent() }
    var result = [directory.path]
    // The parent of the root is the root.
    while directory.path != "/" {
      directory.deleteLastPathComponent()
      result.append(directory.path)
    }
    return result
  }

  private static func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else {
      return URL(fileURLWithPath: path).standardizedFileURL.path
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
