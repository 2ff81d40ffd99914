public import Diagnostics
import Foundation
public import KernelModel

/// The compilation databases above the files of a project.
public struct CompileCommands: Sendable {
  /// Flags that stand for those of a project without a database; `-I PATH` is added.
  public static let assumedFlags = ["-O3", "-march=native", "-std=gnu11"]

  private let entries: [String: BuildFlags]

  /// One element of `compile_commands.json`.
  private struct Entry: Decodable {
    var directory: String
    var file: String
    var command: String?
    var arguments: [String]?
  }

  /// Reads a database.
  ///
  /// - Throws: `InputError` when it is no JSON compilation database.
  public init(database path: String) throws(InputError) {
    let bytes = try FilePaths.read(path)
    let list: [Entry]
    do {
      list = try JSONDecoder().decode([Entry].self, from: Data(bytes))
    } catch {
      throw .notADatabase(path)
    }
    let base = FilePaths.parent(path)
    var entries: [String: BuildFlags] = [:]
    for entry in list {
      let directory = FilePaths.absolute(entry.directory, in: base)
      let file = FilePaths.absolute(entry.file, in: directory)
      let words = entry.arguments ?? ShellWords.split(entry.command ?? "")
      // The first entry of a file counts, as in clang's own tools.
      guard entries[file] == nil, let flags = Self.flags(words, file, directory, path) else {
        continue
      }
      entries[file] = flags
    }
    self.entries = entries
  }

  /// How the database compiles a file; nil when it does not name it.
  public func flags(for file: String) -> BuildFlags? { entries[FilePaths.absolute(file)] }

  /// The database nearest above a file, itself looked for in every directory up to the root and in
  /// a `build` directory beside it.
  public static func nearestDatabase(above file: String) -> String? {
    var directory = FilePaths.parent(FilePaths.absolute(file))
    while true {
      for name in ["compile_commands.json", "build/compile_commands.json"] {
        let candidate = (directory == "/" ? "" : directory) + "/" + name
        if FilePaths.isDirectory(candidate) == false { return candidate }
      }
      if directory == "/" { return nil }
      directory = FilePaths.parent(directory)
    }
  }

  /// The flags that are assumed for a file below `root` that no database names.
  public static func assumed(for file: String, root: String) -> BuildFlags {
    let path = FilePaths.absolute(root)
    let directory = FilePaths.isDirectory(path) == true ? path : FilePaths.parent(path)
    return BuildFlags(
      compiler: nil, arguments: assumedFlags + ["-I", directory], directory: directory,
      database: nil)
  }

  /// Arguments without compiler, launcher, input, `-c`, `-o` and dependency output.
  private static func flags(
    _ words: [String], _ file: String, _ directory: String, _ database: String
  ) -> BuildFlags? {
    let launchers: Set<String> = ["ccache", "distcc", "sccache", "icecc"]
    let command = words.drop { launchers.contains(FilePaths.name($0)) }
    guard let compiler = command.first else { return nil }
    var arguments: [String] = []
    var rest = command.dropFirst()
    while let word = rest.popFirst() {
      switch word {
      case "-c", "-MD", "-MMD", "-MP", "-MG", "-M", "-MM", "--": break
      case "-o", "-MF", "-MT", "-MQ": _ = rest.popFirst()
      case _ where word.hasPrefix("-o") && !word.hasPrefix("-openmp"): break
      case _ where !word.hasPrefix("-") && FilePaths.absolute(word, in: directory) == file: break
      default: arguments.append(word)
      }
    }
    return BuildFlags(
      compiler: compiler, arguments: arguments, directory: directory, database: database)
  }
}

extension InputError {
  fileprivate static func notADatabase(_ path: String) -> InputError {
    InputError(
      file: path, message: "this is no JSON compilation database",
      remedy: "write it anew (cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON) or move it away")
  }
}
