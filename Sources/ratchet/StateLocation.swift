import ArgumentParser
import Diagnostics
import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// `--state DIR` of the commands that read or change a lineage that exists.
struct ExistingState: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Directory of the lineage; default: .ratchet here or in the nearest directory above.",
      valueName: "dir"))
  var state: String?

  /// The directory, which holds a log.
  ///
  /// Throws `InputError` when there is none, saying where it was looked for.
  func directory() throws -> StateDirectory {
    if let state {
      let directory = StateDirectory(FilePath(state))
      guard try directory.exists() else { throw Self.missing(at: state) }
      return directory
    }
    let start = FileManager.default.currentDirectoryPath
    guard let found = Self.nearest(from: start) else {
      throw InputError(
        "no lineage in '.ratchet' of this directory or of any above it",
        at: SourceLocation(file: start), remedy: Self.remedy)
    }
    return StateDirectory(FilePath(found))
  }

  /// The lineage in the directory.
  func lineage() throws -> (Lineage, StateDirectory) {
    let directory = try directory()
    return (try Lineage.read(directory), directory)
  }

  /// Answers about the lineage in the directory.
  func questions() throws -> LineageQuestions { try LineageQuestions(try directory()) }

  private static let remedy =
    "run 'ratchet optimize PATH' first, or name the directory that holds one with --state"

  private static func missing(at path: String) -> InputError {
    let exists = FileManager.default.fileExists(atPath: path)
    return InputError(
      exists ? "no lineage in this directory" : "no such directory, so no lineage",
      at: SourceLocation(file: path), remedy: remedy)
  }

  /// The `.ratchet` with a log in `start` or the nearest directory above; relative where it is near.
  private static func nearest(from start: String) -> String? {
    var directory = URL(fileURLWithPath: start).standardizedFileURL
    var relative = ".ratchet"
    while true {
      let state = directory.appendingPathComponent(".ratchet")
      let log = state.appendingPathComponent("lineage.jsonl").path
      if FileManager.default.fileExists(atPath: log) { return relative }
      let parent = directory.deletingLastPathComponent()
      // The parent of the root is the root.
      if parent.path == directory.path { return nil }
      directory = parent
      relative = "../" + relative
    }
  }
}

extension Lineage {
  /// The directory that the files of kernels are relative to.
  ///
  /// A state directory called `.ratchet` lies in it, so that a project may be moved or copied with
  /// its lineage; for others the last campaign's record tells.
  func projectRoot(of state: StateDirectory, holding file: String) throws -> FilePath {
    let files = FileManager.default
    var candidates: [String] = []
    if state.path.lastComponent?.string == ".ratchet" {
      let parent = state.path.removingLastComponent()
      candidates.append(parent.isEmpty ? "." : parent.string)
    }
    if let started = campaigns.last?.started {
      if let root = started.settings["root"] { candidates.append(root) }
      candidates += started.paths
    }
    let holds = candidates.first { files.fileExists(atPath: $0 + "/" + file) }
    guard let root = holds else {
      let places = candidates.map { "'\($0)'" }.joined(separator: ", ")
      throw InputError(
        "the file is not there", at: SourceLocation(file: file),
        remedy: "restore it, or start from the project's directory (looked in \(places))")
    }
    return FilePath(root)
  }

  /// Where the project most likely is, whatever is there.
  func likelyRoot(of state: StateDirectory) -> FilePath {
    if state.path.lastComponent?.string == ".ratchet" {
      let parent = state.path.removingLastComponent()
      return parent.isEmpty ? FilePath(".") : parent
    }
    return FilePath(campaigns.last?.started.settings["root"] ?? ".")
  }
}

/// The account that runs the program.
func accountName() -> String {
  let name = ProcessInfo.processInfo.userName
  return name.isEmpty ? "uid \(getuid())" : name
}
