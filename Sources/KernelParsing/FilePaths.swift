import Diagnostics
import Foundation

/// Paths as text, without asking the file system unless it says so.
enum FilePaths {
  /// The path made absolute and freed of `.` and `..`.
  static func absolute(_ path: String, in directory: String = currentDirectory) -> String {
    let full = path.hasPrefix("/") ? path : directory + "/" + path
    var parts: [Substring] = []
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The path without symbolic links; as it is where nothing is there.
  static func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return absolute(path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The directory that holds a path.
  static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// The last component.
  static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The directory of this process.
  static var currentDirectory: String { FileManager.default.currentDirectoryPath }

  /// Whether the path is an existing directory, nil when nothing is there.
  static func isDirectory(_ path: String) -> Bool? {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return nil
    }
    return isDirectory.boolValue
  }

  /// The bytes of a file.
  static func read(_ path: String) throws(InputError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw InputError(
        file: path, message: "cannot read the file",
        remedy: "check that it exists and that you may read it")
    }
  }
}
