public import Diagnostics
import Foundation

/// Finds the C files that the user's paths mean.
public struct SourceDiscovery: Sendable {
  /// A C file and the path argument that led to it.
  public struct Found: Hashable, Sendable {
    /// Absolute path of the file.
    public let file: String
    /// The argument, made absolute.
    public let root: String
  }

  /// Directories that are never entered.
  private static let skippedNames: Set<String> = [
    ".git", ".hg", ".svn", ".ratchet", ".build", "_build", "build", "node_modules", "CMakeFiles",
  ]

  public init() {}

  /// The C files below the paths, each once, sorted within each path.
  ///
  /// Directories named like build output, those that `.gitignore` files exclude and the state
  /// directory are skipped. A file given by name is taken even when it is ignored.
  ///
  /// - Throws: `InputError` when a path does not exist, is no C, or when nothing is found.
  public func files(in paths: [String]) throws(InputError) -> [Found] {
    guard !paths.isEmpty else { throw .noPath }
    var seen: Set<String> = []
    var result: [Found] = []
    for path in paths {
      let root = FilePaths.absolute(path)
      guard !path.isEmpty, let isDirectory = FilePaths.isDirectory(root) else {
        throw .missing(path)
      }
      let files = isDirectory ? walk(root) : [try checked(path, root)]
      if files.isEmpty { throw .nothingFound(path) }
      for file in files where seen.insert(file).inserted {
        result.append(Found(file: file, root: root))
      }
    }
    return result
  }

  private func checked(_ path: String, _ file: String) throws(InputError) -> String {
    let suffix = FilePaths.name(file).split(separator: ".").last.map(String.init) ?? ""
    switch suffix {
    case "c": return file
    case "cc", "cpp", "cxx", "C", "c++", "hpp", "hh", "hxx": throw .cPlusPlus(path)
    case "h": throw .header(path)
    default: throw .otherFile(path)
    }
  }

  private func walk(_ root: String) -> [String] {
    var result: [String] = []
    visit(root, ignores: IgnorePatterns.above(root), into: &result)
    return result
  }

  private func visit(_ directory: String, ignores: [IgnorePatterns], into result: inout [String]) {
    let own = IgnorePatterns(directory: directory)
    let ignores = own.map { ignores + [$0] } ?? ignores
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    } catch {
      return  // A directory that may not be read holds nothing for this user.
    }
    for name in names {
      let path = directory == "/" ? "/" + name : directory + "/" + name
      guard let isDirectory = FilePaths.isDirectory(path) else { continue }
      if isDirectory && (Self.isSkipped(name) || Self.isLink(path)) { continue }
      if IgnorePatterns.excludes(path, isDirectory: isDirectory, ignores) { continue }
      if isDirectory {
        visit(path, ignores: ignores, into: &result)
      } else if name.hasSuffix(".c") {
        result.append(path)
      }
    }
  }

  private static func isSkipped(_ name: String) -> Bool {
    skippedNames.contains(name) || name.hasPrefix("cmake-build-")
  }

  /// Links to directories are not followed: they may lead in circles.
  private static func isLink(_ path: String) -> Bool {
    // Only a link has a destination; a path that cannot be read is none, and lists as empty.
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }
}

extension InputError {
  fileprivate static var noPath: InputError {
    InputError(
      file: "ratchet", message: "no path is given",
      remedy: "name a directory of C or a C file")
  }
  fileprivate static func missing(_ path: String) -> InputError {
    InputError(
      file: path.isEmpty ? "''" : path, message: "no such file or directory",
      remedy: "name a directory of C or a C file")
  }
  fileprivate static func nothingFound(_ path: String) -> InputError {
    InputError(
      file: path, message: "the directory holds no C file that is not ignored",
      remedy: "name a directory with '.c' files; build folders and ignored files are skipped")
  }
  fileprivate static func cPlusPlus(_ path: String) -> InputError {
    InputError(
      file: path, message: "this is C++, and only C is read",
      remedy: "name a '.c' file")
  }
  fileprivate static func header(_ path: String) -> InputError {
    InputError(
      file: path, message: "this is a header, and only C files are optimized",
      remedy: "name the '.c' file that includes it")
  }
  fileprivate static func otherFile(_ path: String) -> InputError {
    InputError(
      file: path, message: "this is no C file", remedy: "name a file that ends in '.c'")
  }
}
